// The edges of time and counters, to the millisecond and to the last place of the window.
#include <functional>

#include "base/limits.h"
#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

Reason sent(Network& network, const std::function<void(Context&)>& change) {
  Envelope body = network.ordinary();
  change(body.context);
  return network.send("police", std::move(body), network.given).entry.decision.reason;
}

TEST(DecideTimes, CreatedAndExpiryToTheMillisecond) {
  struct Case {
    const char* name;
    std::function<void(Context&, Timestamp)> change;
    Reason reason;
  };
  const Case cases[] = {
      {"five minutes ahead", [](Context& c, Timestamp now) { c.created = now + limits::kClockAhead; }, Reason::none},
      {"one more", [](Context& c, Timestamp now) { c.created = now + limits::kClockAhead + Duration{1}; },
       Reason::created_ahead},
      {"the end of time", [](Context& c, Timestamp) { c.created = Timestamp{UINT64_MAX}; }, Reason::created_ahead},
      {"a day ago", [](Context& c, Timestamp now) { c.created = Timestamp{now.ms - base::days(1).ms}; }, Reason::none},
      {"lives one more millisecond", [](Context& c, Timestamp now) { c.expires = now + Duration{1}; }, Reason::none},
      {"ends now", [](Context& c, Timestamp now) { c.expires = now; }, Reason::expired},
      {"ended at the beginning", [](Context& c, Timestamp) { c.expires = Timestamp{}; }, Reason::expired},
      {"thirty days", [](Context& c, Timestamp) { c.expires = c.created + limits::kStatementLife; }, Reason::none},
      {"one more", [](Context& c, Timestamp) { c.expires = c.created + limits::kStatementLife + Duration{1}; },
       Reason::expires_too_late},
      {"never ends", [](Context& c, Timestamp) { c.expires = Timestamp{UINT64_MAX}; }, Reason::expires_too_late},
      {"created at the beginning, never ends",
       [](Context& c, Timestamp) {
         c.created = {};
         c.expires = Timestamp{UINT64_MAX};
       },
       Reason::expires_too_late},
  };
  for (const Case& test : cases) {
    Network network;
    const Reason reason = sent(network, [&](Context& c) { test.change(c, network.now); });
    EXPECT_EQ(name_of(reason), name_of(test.reason)) << test.name;
  }
}

TEST(DecideTimes, ThePolicyShortensALife) {
  Network network;
  Policy hasty = small_policy();
  hasty.life_hours = 2;
  network.adopt(hasty);
  EXPECT_EQ(sent(network, [](Context& c) { c.expires = c.created + base::hours(2); }), Reason::none);
  EXPECT_EQ(sent(network, [](Context& c) { c.expires = c.created + base::hours(2) + Duration{1}; }),
            Reason::expires_too_late);
}

TEST(DecideTimes, AConsentHoldsFromItsFirstMillisecondToBeforeItsLast) {
  for (const auto& [at, reason] : {std::pair{9'999U, Reason::not_covered}, std::pair{10'000U, Reason::none},
                                   std::pair{19'999U, Reason::none}, std::pair{20'000U, Reason::not_covered}}) {
    Network network;
    ParsedStatement consent =
        network.consent("police", padded({allow_row(network.member("shelter").id, {Category::contact})}));
    std::get<Consent>(consent.body).valid_from = network.now + Duration{10'000};
    std::get<Consent>(consent.body).valid_until = network.now + Duration{20'000};
    ASSERT_TRUE(network.run(consent, network.member("police").id).entry.decision.accepted());
    network.now = network.now + Duration{at};
    const Envelope body = network.letter("police", "shelter", {section(Category::contact, Basis::consent)});
    EXPECT_EQ(name_of(network.send("police", body, ref(consent)).entry.decision.reason), name_of(reason)) << at;
  }
}

TEST(DecideTimes, APrekeyIsHalfOpen) {
  for (const auto& [late, reason] : {std::pair{1U, Reason::none}, std::pair{0U, Reason::recipient_unavailable}}) {
    Network network;
    network.now = Timestamp{(kStart + base::days(60)).ms - late};
    EXPECT_EQ(name_of(sent(network, [](Context&) {})), name_of(reason)) << late;
  }
}

TEST(DecideTimes, AnEnrolmentIsHalfOpen) {
  for (const auto& [late, reason] :
       {std::pair{1U, Reason::recipient_unavailable}, std::pair{0U, Reason::unknown_sender}}) {
    Network network;
    network.now = Timestamp{(kStart + base::days(365)).ms - late};
    EXPECT_EQ(name_of(sent(network, [](Context&) {})), name_of(reason)) << late << " (the prekeys are long over)";
  }
}

// --- the window of counters ---

class Window : public testing::Test {
 protected:
  ParsedStatement at(std::uint64_t counter) {
    ParsedStatement statement = network.consent("police", padded({}));  // refused, and still uses its counter up
    std::get<Consent>(statement.body).header.counter.value = counter;
    return statement;
  }
  std::string outcome(const ParsedStatement& statement) {
    const Outcome result = network.outcome(statement, network.member("police").id);
    if (std::holds_alternative<BelowWindow>(result)) return "below";
    if (std::holds_alternative<AlreadyDecided>(result)) return "again";
    return std::string(name_of(std::get<Decided>(result).entry.decision.reason));
  }
  // The network itself used two: prekeys and a consent.
  void use(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) outcome(at(first + 2 * i));
  }

  Network network;
  std::uint64_t first = network.header("police").counter.value + 1'000;
};

TEST_F(Window, OneLessThanFullTakesTheLowest) {
  use(limits::kCounterWindow - 3);
  EXPECT_EQ(outcome(at(1)), "consent_incomplete");
}

TEST_F(Window, FullTakesNothingBelowItsLowest) {
  use(limits::kCounterWindow - 2);
  EXPECT_EQ(outcome(at(1)), "below");
}

TEST_F(Window, FullTakesWhatLiesBetweenAndDropsTheLowest) {
  const ParsedStatement lowest = at(first);
  EXPECT_EQ(outcome(lowest), "consent_incomplete");
  for (std::size_t i = 1; i < limits::kCounterWindow; ++i) outcome(at(first + 2 * i));
  EXPECT_EQ(outcome(lowest), "again");
  EXPECT_EQ(outcome(at(first)), "counter_reused");
  EXPECT_EQ(outcome(at(first - 1)), "below");
  EXPECT_EQ(outcome(at(first + 1)), "consent_incomplete") << "unused, among the highest";
  EXPECT_EQ(outcome(lowest), "below") << "pushed out: the log knows it, the view does not";
  EXPECT_EQ(outcome(at(first + 1)), "counter_reused") << "the new lowest";
}

TEST_F(Window, FiveMinutesAheadToTheMicrosecond) {
  const std::uint64_t latest = (network.now + limits::kClockAhead).ms * 1000;
  EXPECT_EQ(outcome(at(latest)), "consent_incomplete");
  EXPECT_EQ(outcome(at(latest + 1)), "counter_ahead");
}

TEST_F(Window, ReuseAndAheadUseNothingUp) {
  const ParsedStatement good = at(first);
  ParsedStatement ahead = at(UINT64_MAX);
  EXPECT_EQ(outcome(ahead), "counter_ahead");
  EXPECT_EQ(outcome(ahead), "counter_ahead") << "decided again, not known by its counter";
  EXPECT_EQ(outcome(good), "consent_incomplete");
  EXPECT_EQ(outcome(at(first)), "counter_reused");
  EXPECT_EQ(outcome(good), "again");
}

}  // namespace
}  // namespace besa::core
