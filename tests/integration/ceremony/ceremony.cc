#include "tests/integration/ceremony/ceremony.h"

#include "agents/admin/archive.h"
#include "client/joining.h"
#include "program/file.h"
#include "program/key_file.h"

namespace besa::ceremony {
namespace {

using testing::HasSubstr;

template <class Id>
std::string hex(const Id& id) {
  return base::to_hex(id.view());
}

}  // namespace

void Ceremony::SetUp() {
  begin_log();
  start();
  keep_port();
  govern({network_.policy(support::small_policy())});
  const auto& administrators = network_.administrators();
  for (std::size_t i = 0; i < administrators.size(); ++i) {
    write_administrator("admin" + std::to_string(i), administrators[i]);
  }
  write("agreement.txt", "we share data");
}

void Ceremony::write_administrator(const std::string& name, const support::AdministratorKeys& keys) const {
  ASSERT_TRUE(program::make_directory(at(name)));
  ASSERT_TRUE(program::write_key_file(at(name) + "/signing.key", "administrator-signing", keys.signing.seed().view()));
  ASSERT_TRUE(program::write_key_file(at(name) + "/transport.key", "administrator-transport", keys.transport.view()));
  write(name + "/administrator.public.json", program::to_line({{"organisation", hex(keys.organisation)},
                                                               {"signing_key", hex(keys.signing.public_key())},
                                                               {"transport_key", hex(keys.transport.public_key())}}));
  write(name + "/network.json",
        program::to_line({{"name", network_.name},
                          {"network", hex(network_.id())},
                          {"broker_log_key", hex(network_.log_key().public_key())},
                          {"broker_transport_key", hex(network_.broker_transport().public_key())},
                          {"endpoint", endpoint()}}));
}

std::string Ceremony::read(const std::string& name) const {
  return std::string(base::as_text(support::read_file(at(name))));
}

void Ceremony::write(const std::string& name, const std::string& content) const {
  ASSERT_TRUE(program::write_file(at(name), base::as_bytes(content)));
}

Finished Ceremony::type(const char* program, const Words& words, const std::string& fail_point) const {
  Words all = {"-c", "exec \"$@\" </dev/null", "sh", "env", "BESA_FAIL_POINT=" + fail_point, program};
  for (const std::string& word : words) all.push_back(word.starts_with("@") ? at(word.substr(1)) : word);
  return support::run_program("/bin/sh", all);
}

void Ceremony::expect(const Finished& ran, int code, const std::string& said) {
  EXPECT_EQ(ran.code, code) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr(said));
}

namespace {

Json json_of(const Finished& ran) {
  EXPECT_EQ(ran.code, 0) << ran.output;
  const auto json = program::parse_json(ran.output);
  EXPECT_TRUE(json) << ran.output;
  return json.value_or(Json::object());
}

}  // namespace

Words Ceremony::invite_words(const std::string& out, const Words& more) const {
  Words words = {"invite", "create",      "Shelter Vatra",  "--sector", "shelter", "--expires", "72h",     "--country",
                 "AL",     "--agreement", "@agreement.txt", "--keys",   "@admin0", "--out",     "@" + out, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Json Ceremony::invite(const std::string& out, const Words& more) const {
  return json_of(admin(invite_words(out, more)));
}

Json Ceremony::join(const std::string& invite, const std::string& folder) const {
  return json_of(node({"join", "@" + invite, "--dir", "@" + folder, "--json"}));
}

Words Ceremony::approve_words(const std::string& administrator, const std::string& request, const Words& more) const {
  Words words = {"approve", "@" + request, "--keys", "@" + administrator, "--compared"};
  Words requests = {request};
  if (std::filesystem::is_directory(at(request))) {
    requests.clear();
    for (const auto& one : std::filesystem::directory_iterator(at(request))) {
      requests.push_back(one.path().string().substr(at("").size()));
    }
  }
  for (const std::string& one : requests) {
    const auto file = wire::decode_join_request(read(one));
    if (!file || administrator == "admin0") continue;
    words.insert(words.end(),
                 {"--invite-fingerprint", client::fingerprint_words(client::invite_fingerprint(file->terms))});
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void Ceremony::approve(const std::string& administrator, const std::string& request, const Words& more) const {
  expect(admin(approve_words(administrator, request, more)), 0, "");
}

Finished Ceremony::submit(const std::string& request, const Words& more) const {
  Words words = {"submit", "@" + request, "--keys", "@admin2"};
  words.insert(words.end(), more.begin(), more.end());
  return admin(words);
}

std::string Ceremony::asked(const std::string& folder) {
  invite(folder + ".invite");
  const std::string path = join(folder + ".invite", folder)["request"];
  return path.substr(at("").size());
}

void Ceremony::change_invite(const std::string& file, const std::function<void(wire::InviteTerms&)>& change) const {
  wire::Invite invite = wire::decode_invite(read(file)).value();
  wire::InviteTerms terms = wire::decode_terms(invite.terms).value();
  change(terms);
  invite.terms = wire::encode_terms(terms);
  write(file, wire::encode_invite(invite));
}

void Ceremony::forge_request(const std::string& invite, const std::string& out, const crypto::SigningKey& signing,
                             const crypto::SigningKey& witness, const base::TransportKey& transport) const {
  const wire::Invite file = wire::decode_invite(read(invite)).value();
  const auto checked = client::check_invite(file);
  ASSERT_TRUE(checked) << checked.error().message;
  write(out, wire::encode_join_request(client::make_request(file.terms, *checked, {signing, witness, transport},
                                                            clock_.now(), base::Salt{})));
}

std::optional<core::MemberRecord> Ceremony::member(const std::string& request) const {
  const auto terms = wire::decode_terms(wire::decode_join_request(read(request)).value().terms).value();
  const auto view = admin::Archive(at("admin2")).replay();
  EXPECT_TRUE(view) << view.error().message;
  return core::read_member(*view, terms.member).value();
}

std::size_t Ceremony::log_size() {
  const support::AdministratorKeys& keys = network_.administrators()[1];
  return connect(keys.transport, base::id_cast<base::MemberId>(keys.organisation))->held()->checkpoint.size.value;
}

std::map<std::string, std::string> Ceremony::all_files() const {
  std::map<std::string, std::string> out;
  for (const auto& one : std::filesystem::recursive_directory_iterator(folder_.path())) {
    const std::string path = one.path().string();
    // What a broker and a first meeting with it leave is none of the ceremony's.
    const bool skip = path.starts_with(state_path()) || path.starts_with(at("log")) ||
                      path.find("/governance") != std::string::npos || path.ends_with("/checkpoint") ||
                      path.ends_with("/genesis");
    if (!skip && one.is_regular_file()) out[path] = base::as_text(support::read_file(one.path()));
  }
  return out;
}

}  // namespace besa::ceremony
