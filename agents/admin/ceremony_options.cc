#include "agents/admin/ceremony_options.h"

#include "agents/admin/arguments.h"
#include "program/cli11.h"
#include "program/command_line.h"

namespace besa::admin {
namespace {

using Choose = std::function<void(std::function<Done()>)>;

CLI::App& add(CLI::App& parent, const char* name, const char* what, const char* examples, Common& common) {
  CLI::App* command = parent.add_subcommand(name, what);
  program::add_examples(*command, examples);
  program::add_json_flag(*command, common.json);
  add_own_keys(*command, common);
  return *command;
}

void add_invites(CLI::App& app, CeremonyChoice& choice) {
  app.add_option("--invites", choice.invites,
                 "folder with the records of invites, which administrators may share; default: invites in the keys "
                 "folder")
      ->envname("BESA_INVITES")
      ->type_name("DIR");
}

void add_dry_run(CLI::App& app, bool& dry_run) { app.add_flag("--dry-run", dry_run, "Only say what would be done"); }

void declare_create(CLI::App& invite, Common& common, CeremonyChoice& choice, const Choose& choose) {
  CLI::App& create = add(invite, "create", "Invite one agency to join",
                         "besa-admin invite create \"Shelter Vatra\" --sector shelter --expires 72h --country AL "
                         "--agreement agreement.pdf --keys ~/besa-admin\n"
                         "besa-admin invite create \"Station Kakavija\" --sector border_police --parent MEMBER "
                         "--country AL --agreement agreement.pdf --keys ~/besa-admin",
                         common);
  InviteOptions& options = choice.invite;
  create.add_option("NAME", options.name, "what you call the agency; it does not get into the log")
      ->required()
      ->check(wrong_agency_name);
  create.add_option("--sector", options.sector, "what it is, such as shelter or border_police")
      ->required()
      ->check(wrong_sector);
  create.add_option("--expires", options.expires, "how long it may be used: 1m to 30d")
      ->check(wrong_invite_life)
      ->capture_default_str();
  create.add_option("--country", options.country, "two capital letters, such as AL")
      ->required()
      ->check(wrong_country)
      ->envname("BESA_COUNTRY");
  create.add_option("--agreement", options.agreement, "the data-sharing agreement; only its salted hash is signed")
      ->required()
      ->envname("BESA_AGREEMENT")
      ->type_name("FILE");
  create.add_option("--parent", options.parent, "the member that it is a unit of")
      ->check(wrong_member)
      ->type_name("MEMBER");
  create
      .add_option("--organisation", options.organisation, "id of its organisation; default: the parent's, or a new one")
      ->check(wrong_organisation)
      ->type_name("ID");
  create.add_option("--days", options.days, "how long the enrolment holds")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  create
      .add_option("--endpoint", options.endpoint, "where the agency finds the broker; default: as the network's file")
      ->check(wrong_endpoint);
  create.add_option("--out", common.out, "file to write; default: the invite's first digits with .invite")
      ->type_name("FILE");
  add_own_network(create, common, choice);
  add_invites(create, choice);
  add_dry_run(create, choice.dry_run);
  create.callback([&common, &choice, choose] {
    choose([&common, &choice] { return run_invite_create(common, choice.invite, choice.invites, choice.dry_run); });
  });
}

void declare_invite(CLI::App& app, Common& common, CeremonyChoice& choice, const Choose& choose) {
  CLI::App& invite = *app.add_subcommand("invite", "Ask an agency to join: create, list, revoke");
  invite.require_subcommand(1);
  declare_create(invite, common, choice, choose);
  CLI::App& list = add(invite, "list", "Which invites there are, and what became of them",
                       "besa-admin invite list --keys ~/besa-admin", common);
  add_invites(list, choice);
  list.callback(
      [&common, &choice, choose] { choose([&common, &choice] { return run_invite_list(common, choice.invites); }); });
  CLI::App& revoke = add(invite, "revoke", "Approve no request of it any more",
                         "besa-admin invite revoke 3f2a91bc --keys ~/besa-admin", common);
  revoke.add_option("INVITE", choice.which, "its first digits, as list shows them")->required();
  add_invites(revoke, choice);
  add_dry_run(revoke, choice.dry_run);
  revoke.callback([&common, &choice, choose] {
    choose([&common, &choice] { return run_invite_revoke(common, choice.which, choice.invites, choice.dry_run); });
  });
}

void declare_approve(CLI::App& app, Common& common, CeremonyChoice& choice, const Choose& choose) {
  CLI::App& approve = add(app, "approve", "Look at join requests and sign what they enrol",
                          "besa-admin approve 3f2a91bc.request --keys ~/besa-admin --agreement agreement.pdf\n"
                          "besa-admin approve shared/requests --keys ~/besa-admin --dry-run",
                          common);
  ApproveOptions& options = choice.approve;
  approve.add_option("REQUEST", options.requests, "join requests, or folders that hold them (*.request)")->required();
  approve
      .add_option("--agreement", options.agreement,
                  "the document that the request must rest on; without it only its hash is shown")
      ->envname("BESA_AGREEMENT")
      ->type_name("FILE");
  approve
      .add_option("--invite-fingerprint", options.made_by_others,
                  "of an invite that is not in your records, as the administrator who made it reads it; repeat")
      ->check(wrong_fingerprint)
      ->allow_extra_args(false)
      ->type_name("DIGITS");
  approve.add_flag("--compared", options.compared,
                   "You have read both fingerprints over the phone: sign without asking");
  add_own_network(approve, common, choice);
  add_invites(approve, choice);
  add_dry_run(approve, options.dry_run);
  approve.callback([&common, &choice, choose] {
    choose([&common, &choice] {
      choice.approve.invites = choice.invites;
      return run_approve(common, choice.approve);
    });
  });
}

}  // namespace

void add_own_keys(CLI::App& app, Common& common) {
  app.add_option("--keys", common.keys, "folder with your administrator keys")
      ->required()
      ->envname("BESA_ADMIN_KEYS")
      ->type_name("DIR");
}

void add_own_network(CLI::App& app, Common& common, CeremonyChoice& choice) {
  app.add_option("--network", common.network, "the network's file; default: network.json in the keys folder")
      ->envname("BESA_NETWORK")
      ->type_name("FILE");
  app.preparse_callback([&choice](std::size_t) { choice.needs_network = true; });
}

void declare_ceremony(CLI::App& app, Common& common, CeremonyChoice& choice, const Choose& choose) {
  declare_invite(app, common, choice, choose);
  declare_approve(app, common, choice, choose);
}

}  // namespace besa::admin
