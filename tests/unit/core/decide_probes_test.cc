// Nobody learns by asking: what is not there, what is not yours and what is not allowed give one answer, to the byte.
#include <functional>

#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

// "rival" is of a sector that the rules let send to the shelter. It knows references of the police that it should not.
class Probes : public testing::Test {
 protected:
  void SetUp() override {
    network.enrol("rival", Sector::border_police, 230);
    network.publish_prekey("rival");
    ConsentRow excluded;
    excluded.member = network.member("shelter").id;
    excluded.excluded = true;
    ConsentRow withheld = shelter_row();
    withheld.allow.insert(Category::health);
    withheld.withhold = {Category::contact};
    ConsentRow rival_row = allow_row(network.member("rival").id, {Category::contact});
    ConsentRow other_purpose = shelter_row();
    other_purpose.purposes = {Purpose::asylum};
    record("covers", {shelter_row()});
    record("names the rival as recipient only", {shelter_row(), rival_row});
    record("excludes", {shelter_row(), excluded});
    record("withholds", {withheld});
    record("for another purpose", {other_purpose});
    record("not yet", {shelter_row()}, [&](Consent& c) { c.valid_from = network.now + base::days(1); });
    record("over", {shelter_row()}, [&](Consent& c) { c.valid_until = network.now + Duration{1}; });
    record("of a minor", {shelter_row()}, [](Consent& c) {
      c.person_class = PersonClass::minor;
      c.given_by = GivenBy::court;
      c.child_assent = true;
    });
    network.now = network.now + Duration{1};
    nowhere = network.given;
    nowhere.id.bytes.fill(7);
  }

  ConsentRow shelter_row() { return allow_row(network.member("shelter").id, {Category::contact}); }
  void record(const char* name, std::vector<ConsentRow> rows, const std::function<void(Consent&)>& change = {}) {
    ParsedStatement statement = network.consent("police", padded(std::move(rows)));
    if (change) change(std::get<Consent>(statement.body));
    ASSERT_TRUE(network.run(statement, network.member("police").id).entry.decision.accepted()) << name;
    consents.emplace_back(name, ref(statement));
  }
  Bytes answer(const ParsedStatement& statement, const std::string& who) {
    const Decided decided = network.run(statement, network.member(who).id);
    EXPECT_FALSE(decided.entry.decision.accepted());
    return encode_decision(decided.entry.decision);
  }
  // A thread of the police and the shelter, as far as it is told to go.
  Reference thread(const std::vector<std::pair<Kind, Sets>>& replies, bool opened) {
    const ParsedStatement statement = network.sign("police", network.ordinary(), network.given);
    network.run(statement, network.member("police").id);
    const Reference message = ref(statement);
    if (!opened) return message;
    network.run(network.hand_out(StatementType::hand_out, "shelter", {message}), {});
    network.run(network.report(StatementType::received, "shelter", {message}), network.member("shelter").id);
    network.run(network.opened("shelter", message), network.member("shelter").id);
    for (const auto& [kind, sets] : replies) {
      const std::string from = kind == Kind::cancel ? "police" : "shelter";
      EXPECT_TRUE(network.send(from, network.reply(from, message, kind, sets)).entry.decision.accepted());
    }
    return message;
  }

  Network network;
  Reference nowhere;
  std::vector<std::pair<std::string, Reference>> consents;
};

TEST_F(Probes, SomebodyElsesConsentIsLikeNone) {
  for (const PersonClass person : {PersonClass::adult, PersonClass::minor}) {
    for (const Category category : {Category::contact, Category::health}) {
      const auto cite = [&](const Reference& consent) {
        Envelope body = network.letter("rival", "shelter", {section(category, Basis::consent)});
        body.context.person_class = person;
        return answer(network.sign("rival", std::move(body), consent), "rival");
      };
      const Bytes none = cite(nowhere);
      EXPECT_EQ(none, encode_decision({Verdict::refused, Reason::not_covered, 0, {}}));
      for (const auto& [name, consent] : consents) EXPECT_EQ(cite(consent), none) << name;
    }
  }
}

// For its own author, too: the entry says one thing, whatever the cause.
TEST_F(Probes, TheEntryNamesNoCause) {
  for (const auto& [name, consent] : consents) {
    if (name == "covers" || name == "of a minor" || name == "names the rival as recipient only") continue;
    Envelope body = network.letter("police", "shelter", {section(Category::contact, Basis::consent)});
    EXPECT_EQ(answer(network.sign("police", std::move(body), consent), "police"),
              encode_decision({Verdict::refused, Reason::not_covered, 0, {}}))
        << name;
  }
}

TEST_F(Probes, SomebodyElsesThreadIsLikeNone) {
  const std::vector<Reference> threads = {
      thread({}, false), thread({}, true), thread({{Kind::answer, Sets::accepted}}, true),
      thread({{Kind::answer, Sets::declined}}, true), thread({{Kind::cancel, Sets::cancelled}}, true)};
  const std::vector<std::pair<Kind, Sets>> asked = {
      {Kind::update, Sets::none},      {Kind::update, Sets::closed},
      {Kind::answer, Sets::accepted},  {Kind::answer, Sets::cancel_confirmed},
      {Kind::cancel, Sets::cancelled}, {Kind::cancel, Sets::entered_in_error}};
  for (const auto& [kind, sets] : asked) {
    for (const char* to : {"shelter", "police"}) {
      for (const bool on_consent : {false, true}) {
        const auto name_it = [&](const Reference& reference) {
          Envelope body = network.letter("rival", to, {});
          body.context.kind = kind;
          body.context.sets = sets;
          body.context.thread = reference;
          if (sets == Sets::none || on_consent) {
            const Basis basis = on_consent ? Basis::consent : Basis::legal_obligation;
            body.sections = {section(Category::contact, basis)};
          }
          return answer(network.sign("rival", std::move(body), on_consent ? network.given : Reference{}), "rival");
        };
        const Bytes none = name_it(nowhere);
        for (std::size_t i = 0; i < threads.size(); ++i) {
          EXPECT_EQ(name_it(threads[i]), none) << name_of(kind) << " " << name_of(sets) << " to " << to << " " << i;
        }
      }
    }
  }
}

TEST_F(Probes, SomebodyElsesMessageIsLikeNone) {
  const std::vector<Reference> messages = {thread({}, false), thread({}, true)};
  for (const char* who : {"rival", "police"}) {  // the sender is not its recipient either
    for (const Reference& message : messages) {
      for (const StatementType type : {StatementType::received, StatementType::erased}) {
        EXPECT_EQ(answer(network.report(type, who, {message}), who), answer(network.report(type, who, {nowhere}), who));
      }
      EXPECT_EQ(answer(network.opened(who, message), who), answer(network.opened(who, nowhere), who));
      EXPECT_EQ(answer(network.unreadable(who, message), who), answer(network.unreadable(who, nowhere), who));
    }
  }
}

// A message of another thread is no message to reply to, be it there or not.
TEST_F(Probes, AReplyToAStrangersMessageIsLikeOneToNone) {
  const Reference mine = thread({}, true);
  const Reference other = thread({}, true);
  const auto reply_to = [&](const Reference& message) {
    Envelope body = network.reply("police", mine, Kind::cancel, Sets::cancelled);
    body.context.reply_to = message;
    return answer(network.sign("police", std::move(body)), "police");
  };
  EXPECT_EQ(reply_to(other), reply_to(nowhere));
}

}  // namespace
}  // namespace besa::core
