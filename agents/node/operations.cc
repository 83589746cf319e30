// What operators ask for, as drafts: referrals, consents, updates and cancellations.
#include <algorithm>

#include "agents/node/answers.h"
#include "agents/node/code_input.h"
#include "agents/node/consent_input.h"
#include "agents/node/json_text.h"
#include "agents/node/person.h"
#include "agents/node/referral_input.h"
#include "agents/node/words.h"
#include "core/consent.h"

namespace besa::node {
namespace {

using program::Json;

tl::unexpected<ApiError> wrong(const std::string& pointer, const std::string& message) {
  return tl::unexpected(api_error(InputError{pointer, message}));
}

struct SendRequest {
  ReferralInput referral;
  std::vector<Addressee> to;
  bool dry_run = false;
  bool fitting = false;
  bool on_record = false;
};

tl::expected<std::uint64_t, ApiError> consent_id(const std::string& text) {
  const auto number = parse_local_id(text, 'c');
  if (!number) return wrong("/consent", "must be the id of a consent of this node, such as c3");
  return *number;
}

// Recipients named in the request; what the referral's own "to" says about one of them is kept.
tl::expected<std::vector<Addressee>, ApiError> read_names(const Json& list, const std::vector<Addressee>& known) {
  std::vector<Addressee> out;
  if (!list.is_array() || list.empty()) return wrong("/to", "must be a list of local names");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = "/to/" + std::to_string(i);
    if (!list[i].is_string()) return wrong(at, "must be a text");
    const std::string name = list[i].get<std::string>();
    if (std::any_of(out.begin(), out.end(), [&](const Addressee& a) { return a.name == name; })) {
      return wrong(at, "stands there twice");
    }
    const auto found = std::find_if(known.begin(), known.end(), [&](const Addressee& a) { return a.name == name; });
    out.push_back(found == known.end() ? Addressee{name, std::nullopt} : *found);
  }
  return out;
}

tl::expected<SendRequest, ApiError> read_send(const Node& node, const Json& body) {
  ObjectReader reader(body, "", {"referral", "to", "consent", "dry_run", "fitting", "on_record"});
  SendRequest out;
  out.dry_run = reader.flag("dry_run", false);
  out.fitting = reader.flag("fitting", false);
  out.on_record = reader.flag("on_record", false);
  const std::string consent = reader.text("consent", false);
  const Json* referral = reader.find("referral");
  if (referral == nullptr) reader.complain("/referral", "is missing");
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  auto read = read_referral(*referral, node.random());
  if (!read) {
    return tl::unexpected(api_error(InputError{"/referral" + read.error().pointer, read.error().message}));
  }
  out.referral = std::move(*read);
  if (!consent.empty()) {
    const auto number = consent_id(consent);
    if (!number) return tl::unexpected(number.error());
    out.referral.draft.consent_draft = *number;
  }
  const Json* to = reader.find("to");
  if (to == nullptr) {
    if (out.referral.to.empty()) return wrong("/to", "is missing: name at least one recipient");
    out.to = out.referral.to;
    return out;
  }
  auto names = read_names(*to, out.referral.to);
  if (!names) return tl::unexpected(names.error());
  out.to = std::move(*names);
  return out;
}

// The consent must be one of this node, and one is needed where a section rests on it.
tl::expected<void, ApiError> check_consent_named(const Node& node, const Draft& draft) {
  const bool rests = std::any_of(draft.sections.begin(), draft.sections.end(),
                                 [](const SectionDraft& s) { return s.basis == core::Basis::consent; });
  if (rests && draft.consent_draft == 0) return wrong("/consent", "is missing: a section rests on consent");
  if (draft.consent_draft == 0) return {};
  const auto found = node.draft(draft.consent_draft);
  if (!found || found->type != core::StatementType::consent) {
    return tl::unexpected(
        ApiError{404, "not_found", "this node has taken no such consent", "/consent", Json::object()});
  }
  return {};
}

tl::expected<Draft, ApiError> draft_for(const Node& node, const SendRequest& request, const Addressee& addressee) {
  Draft draft = request.referral.draft;
  const auto member = node.config.peers.find(addressee.name);
  if (!member) return tl::unexpected(ApiError{404, "not_found", member.error().message, "/to", Json::object()});
  if (*member == node.self) return wrong("/to", "'" + addressee.name + "' is this agency itself");
  draft.to = *member;
  if (addressee.sections) {
    for (const core::Category category : *addressee.sections) {
      const bool there = std::any_of(draft.sections.begin(), draft.sections.end(),
                                     [&](const SectionDraft& s) { return s.category == category; });
      if (!there) return wrong("/referral/to/" + addressee.name, "names a section that the referral does not have");
    }
    draft.sections.erase(std::remove_if(draft.sections.begin(), draft.sections.end(),
                                        [&](const SectionDraft& s) {
                                          return std::find(addressee.sections->begin(), addressee.sections->end(),
                                                           s.category) == addressee.sections->end();
                                        }),
                         draft.sections.end());
  }
  const bool rests = std::any_of(draft.sections.begin(), draft.sections.end(),
                                 [](const SectionDraft& s) { return s.basis == core::Basis::consent; });
  if (!rests) draft.consent_draft = 0;
  const auto fits = check_consent_named(node, draft);
  if (!fits) return tl::unexpected(fits.error());
  return draft;
}

Json plans_json(const Node& node, const std::vector<Plan>& plans) {
  Json out = Json::array();
  for (const Plan& plan : plans) out.push_back(plan_json(node, plan));
  return out;
}

// Which check is missing, by name: the answer "not complete" alone helps nobody.
std::string incomplete_words(const ConsentInput& input, std::uint16_t required, Timestamp now) {
  const core::Consent& consent = input.consent;
  if (consent.valid_until <= now || consent.valid_until <= consent.valid_from) {
    return "the consent is not in force: valid_until must lie ahead and after valid_from";
  }
  std::string missing;
  for (std::size_t i = 0; i < check_names().size(); ++i) {
    if ((required & ~consent.checks & (1U << i)) == 0) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(check_names()[i]);
  }
  if (!missing.empty()) return "the consent is not complete: the policy wants these checks answered yes: " + missing;
  const bool allows =
      std::any_of(input.rows.begin(), input.rows.end(), [](const core::ConsentRow& row) { return !row.allow.empty(); });
  if (!allows) return "the consent is not complete: no row allows anything";
  return "the consent is not complete: this giver may not consent like this for this person; look at given_by, "
         "guardian_conflict, best_interest and, for a minor, child_assent";
}

// The answer of a send: plans, with the ids of what was queued.
Json sent_json(const Node& node, const std::vector<Plan>& plans, const std::vector<std::uint64_t>& numbers,
               bool dry_run) {
  Json messages = plans_json(node, plans);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    messages[i]["message"] = "s" + std::to_string(numbers[i]);
    messages[i]["state"] = "queued";
  }
  return {{"dry_run", dry_run}, {"messages", std::move(messages)}};
}

ApiError refused(const Node& node, const Plan& plan) {
  return {422, "refused", plan.words, {}, refusal_json(node, plan)};
}

// A message of ours that opened a thread.
tl::expected<Draft, ApiError> opening_draft(const Node& node, ObjectReader& reader) {
  const std::string id = reader.text("message", true);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  const auto found = sent_message(node, id);
  if (!found) return tl::unexpected(found.error());
  if ((*found)->thread_draft != 0 || !(*found)->thread.is_none()) {
    return wrong("/message", "did not open a thread; name the referral itself");
  }
  return **found;
}

Draft follow_up(const Draft& opening, core::Kind kind, core::Sets sets) {
  Draft draft;
  draft.type = core::StatementType::envelope;
  draft.to = opening.to;
  draft.kind = kind;
  draft.sets = sets;
  draft.purpose = opening.purpose;
  draft.priority = opening.priority;
  draft.person_class = opening.person_class;
  draft.references = opening.references;
  draft.thread_draft = opening.number;
  return draft;
}

// Rows as the statement will have them, for the local check.
std::vector<core::ConsentRow> padded(std::vector<core::ConsentRow> rows) {
  for (const std::size_t size : {std::size_t{16}, std::size_t{32}, std::size_t{64}}) {
    if (rows.size() > size) continue;
    rows.resize(size);
    return rows;
  }
  return rows;
}

bool lets_author_receive(const Node& node, const std::vector<core::ConsentRow>& rows) {
  const auto self = core::read_member(node.view, node.self);
  return std::any_of(rows.begin(), rows.end(), [&](const core::ConsentRow& row) {
    if (row.allow.empty()) return false;
    if (row.member == node.self) return true;
    if (!self || !*self) return false;
    return row.sector == (*self)->sector || (!row.organisation.is_none() && row.organisation == (*self)->organisation);
  });
}

}  // namespace

// One draft that was decided locally: refused, or laid out.
Operation lay_one(Node& node, Draft draft, bool decide) {
  Plan planned;
  planned.draft = draft;
  planned.known = false;
  if (decide) {
    auto result = plan(node, std::move(draft), false);
    if (!result) return tl::unexpected(api_error(result.error()));
    planned = std::move(*result);
    if (planned.known && !planned.accepted) return tl::unexpected(refused(node, planned));
  }
  Laid laid;
  laid.drafts.push_back(planned.draft);
  laid.answer = [&node, planned](const std::vector<std::uint64_t>& numbers) {
    Json out = plan_json(node, planned);
    out["message"] = "s" + std::to_string(numbers.front());
    out["state"] = "queued";
    return out;
  };
  return laid;
}

Operation lay_send(Node& node, const Json& body) {
  auto request = read_send(node, body);
  if (!request) return tl::unexpected(request.error());
  std::vector<Plan> plans;
  for (const Addressee& addressee : request->to) {
    auto draft = draft_for(node, *request, addressee);
    if (!draft) return tl::unexpected(draft.error());
    auto planned = plan(node, std::move(*draft), request->fitting);
    if (!planned) return tl::unexpected(api_error(planned.error()));
    const bool stops = planned->known && !planned->accepted && !request->dry_run && !request->on_record;
    if (stops) {
      ApiError error = refused(node, *planned);
      error.more["recipients"] = request->to.size();
      error.more["fitting"] = request->fitting;
      return tl::unexpected(error);
    }
    plans.push_back(std::move(*planned));
  }
  Laid laid;
  for (const Plan& planned : plans) {
    if (!request->dry_run) laid.drafts.push_back(planned.draft);
  }
  laid.answer = [&node, plans, dry_run = request->dry_run](const std::vector<std::uint64_t>& numbers) {
    return sent_json(node, plans, numbers, dry_run);
  };
  return laid;
}

Operation lay_update(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "sections", "consent", "set"});
  auto opening = opening_draft(node, reader);
  if (!opening) return tl::unexpected(opening.error());
  Draft draft = follow_up(*opening, core::Kind::update, reader.code<core::Sets>("set", false));
  const std::string consent = reader.text("consent", false);
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  if (const Json* sections = reader.find("sections"); sections != nullptr) {
    auto read = read_sections(*sections, "/sections");
    if (!read) return tl::unexpected(api_error(read.error()));
    draft.sections = std::move(*read);
  }
  const bool rests = std::any_of(draft.sections.begin(), draft.sections.end(),
                                 [](const SectionDraft& s) { return s.basis == core::Basis::consent; });
  if (rests) draft.consent_draft = opening->consent_draft;
  if (!consent.empty()) {
    const auto number = consent_id(consent);
    if (!number) return tl::unexpected(number.error());
    draft.consent_draft = *number;
  }
  const auto fits = check_consent_named(node, draft);
  if (!fits) return tl::unexpected(fits.error());
  return lay_one(node, std::move(draft), true);
}

Operation lay_cancel(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"message", "in_error"});
  const bool in_error = reader.flag("in_error", false);
  auto opening = opening_draft(node, reader);
  if (!opening) return tl::unexpected(opening.error());
  if (opening->state == DraftState::waiting) {
    opening->state = DraftState::dropped;
    const auto dropped = node.update(*opening);
    if (!dropped) return tl::unexpected(api_error(dropped.error()));
    Laid laid;
    laid.answer = [number = opening->number](const std::vector<std::uint64_t>&) {
      return Json{{"message", "s" + std::to_string(number)}, {"state", "taken_back"}};
    };
    return laid;
  }
  const core::Sets sets = in_error ? core::Sets::entered_in_error : core::Sets::cancelled;
  return lay_one(node, follow_up(*opening, core::Kind::cancel, sets), true);
}

Operation lay_consent(Node& node, const Json& body) {
  ObjectReader reader(body, "", {"consent", "code"});
  const bool with_code = reader.flag("code", false);
  const Json* json = reader.find("consent");
  if (json == nullptr) reader.complain("/consent", "is missing");
  if (reader.wrong()) return tl::unexpected(api_error(reader.mistake()));
  Draft draft;
  draft.type = core::StatementType::consent;
  draft.consent = program::to_line(*json);
  node.random()(draft.consent_salt.bytes);
  const auto input = read_consent(*json, node.config.peers, draft.consent_salt, node.now());
  if (!input) {
    return tl::unexpected(api_error(InputError{"/consent" + input.error().pointer, input.error().message}));
  }
  const auto policy = core::read_policy(node.view);
  const std::uint16_t required = policy && *policy ? (*policy)->policy.required_checks : std::uint16_t{0};
  const core::Reason reason = core::check_recordable(input->consent, padded(input->rows), required, node.now());
  if (reason != core::Reason::none) {
    const std::string words = reason == core::Reason::consent_incomplete
                                  ? incomplete_words(*input, required, node.now())
                                  : refusal_words(reason, core::Category::none, "");
    return tl::unexpected(ApiError{422, "refused", words, {}, Json{{"reason", code_text(reason)}}});
  }
  const bool receives = lets_author_receive(node, input->rows);
  Json code;
  if (with_code) {
    const auto fresh = make_code(node);
    if (!fresh) return tl::unexpected(api_error(fresh.error()));
    draft.code_tag = fresh->tag;
    draft.code_key = fresh->key;
    code = {{"digits", in_groups(fresh->code.digits().view())},
            {"words", std::string(base::as_text(fresh->code.words().view()))}};
  }
  Laid laid;
  laid.shown_once = with_code;
  laid.drafts.push_back(std::move(draft));
  laid.answer = [receives, code](const std::vector<std::uint64_t>& numbers) {
    Json out = {{"consent", "c" + std::to_string(numbers.front())}, {"state", "queued"}, {"notes", Json::array()}};
    if (!code.is_null()) out["code"] = code;
    if (!receives) {
      out["notes"].push_back(
          "no row lets this agency itself receive under the consent: answers that rest on it will "
          "be refused");
    }
    return out;
  };
  return laid;
}

}  // namespace besa::node
