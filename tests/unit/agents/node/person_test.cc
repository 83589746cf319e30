// The person's code: made with a consent, shown once, and used at another agency than the one that took it.
#include <atomic>
#include <future>
#include <thread>

#include "agents/node/code_input.h"
#include "agents/node/person.h"
#include "envelope/code_words.h"
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using testing::HasSubstr;
using testing::Not;

class Person : public NodeWorld {
 protected:
  void SetUp() override { settle(); }

  // A call that waits for the broker: the node's worker does its rounds meanwhile.
  program::HttpResponse call_and_work(const std::string& name, const std::string& path, const Json& body) {
    auto answer = std::async(std::launch::async, [&] { return call(name, path, body); });
    while (answer.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) std::ignore = round(name);
    return answer.get();
  }
  Json by_code(const std::string& name, const std::string& what, const Json& body, unsigned status = 200) {
    const program::HttpResponse response = call_and_work(name, "/v1/person/" + what, body);
    EXPECT_EQ(response.status, status) << response.body;
    const Json json = program::parse_json(response.body, program::kHttpBodyBytes).value_or(Json::object());
    return status == 200 ? json : json["error"];
  }
  // A consent with a code at the police; what the answer shows.
  Json given() {
    const Json answer = post("police", "/v1/consent", {{"consent", consent()}, {"code", true}});
    settle();
    return answer;
  }
  std::string digits(const Json& answer) { return answer["code"]["digits"].get<std::string>(); }
  Json consents() { return get("police", "/v1/consents")["consents"]; }
  std::string refer_under(const Json& consent) {
    post("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", consent["consent"]}});
    settle();
    return newest("shelter")["message"].get<std::string>();
  }
};

TEST_F(Person, TheCodeIsShownOnceAndKeptNowhere) {
  const Json answer = given();
  const std::string shown = digits(answer);
  const std::string words = answer["code"]["words"].get<std::string>();
  ASSERT_EQ(shown.size(), 24U);
  std::string plain = shown;
  std::erase(plain, ' ');
  EXPECT_EQ(consents()[0]["state"], "recorded");
  EXPECT_THAT(program::to_line(consents()), Not(HasSubstr(plain)));
  by_code("shelter", "find", {{"code", shown}});
  by_code("shelter", "withdraw", {{"code", words}});
  for (const std::string& line : log_lines_) {
    EXPECT_THAT(line, Not(HasSubstr(plain)));
    EXPECT_THAT(line, Not(HasSubstr(words)));
  }
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!item.is_regular_file()) continue;
    const base::Bytes bytes = support::read_file(item.path());
    EXPECT_EQ(base::as_text(bytes).find(plain), std::string_view::npos) << item.path();
    EXPECT_EQ(base::as_text(bytes).find(words), std::string_view::npos) << item.path();
  }
}

// The store is encrypted, so the search above would not see it there: the boxes themselves are looked through.
TEST_F(Person, NoBoxOfTheStoreHoldsTheCode) {
  const Json answer = given();
  std::string plain = digits(answer);
  std::erase(plain, ' ');
  by_code("shelter", "withdraw", {{"code", plain}});
  for (const char* name : {"police", "shelter"}) {
    for (std::size_t box = 0; box < kBoxes; ++box) {
      const auto rows = node(name).store().scan(static_cast<Box>(box), {}, {}, 4096);
      ASSERT_TRUE(rows.has_value());
      for (const kv::Row& row : *rows) {
        EXPECT_EQ(base::as_text(row.value).find(plain), std::string_view::npos) << name << " box " << box;
        EXPECT_EQ(base::as_text(row.value).find(digits(answer)), std::string_view::npos) << name << " box " << box;
        EXPECT_EQ(base::as_text(row.value).find(answer["code"]["words"].get<std::string>()), std::string_view::npos);
      }
    }
  }
}

// A remembered answer would be a code on the disk.
TEST_F(Person, ARequestIdAndACodeDoNotGoTogether) {
  const Json body = {{"consent", consent()}, {"code", true}, {"request_id", "once"}};
  EXPECT_EQ(failing("police", "/v1/consent", body, 400)["pointer"], "/request_id");
  EXPECT_TRUE(consents().empty());
  EXPECT_EQ(failing("shelter", "/v1/person/find", {{"code", "1"}, {"request_id", "x"}}, 400)["pointer"], "/request_id");
}

TEST_F(Person, AnotherAgencyFindsAndTakesBack) {
  const Json answer = given();
  const std::string message = refer_under(answer);
  const Json found = by_code("iom", "find", {{"code", digits(answer)}});
  EXPECT_EQ(found["found"], 1);
  EXPECT_EQ(found["consents"][0]["taken_by"], "police");
  const Json taken = by_code("iom", "withdraw", {{"code", answer["code"]["words"]}});
  EXPECT_EQ(taken["state"], "on_record");
  EXPECT_EQ(taken["withdrawn"], "whole");
  EXPECT_EQ(broker_.count(core::StatementType::person_withdrawal), 1U);
  settle();
  settle();
  EXPECT_EQ(consents()[0]["withdrawn"], "whole") << "the agency that took it is told";
  EXPECT_EQ(newest("shelter")["withdrawn"], "answer_owed");
  const Json error = failing("police", "/v1/send",
                             {{"referral", referral()}, {"to", {"shelter"}}, {"consent", answer["consent"]}}, 422);
  EXPECT_EQ(error["reason"], "not_covered");
}

// Whoever got no answer in time is told to give the command again.
TEST_F(Person, TakingBackTwiceDoesNoHarm) {
  const Json answer = given();
  refer_under(answer);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(by_code("iom", "withdraw", {{"code", digits(answer)}})["state"], "on_record");
    settle();
    EXPECT_EQ(newest("shelter")["withdrawn"], "answer_owed");
  }
  EXPECT_TRUE(alarm_kinds("iom").empty());
}

TEST_F(Person, OnlyAPurpose) {
  const Json answer = given();
  const Json taken = by_code("iom", "withdraw", {{"code", digits(answer)}, {"purposes", {"protection"}}});
  EXPECT_EQ(taken["withdrawn"], "part");
  settle();
  EXPECT_EQ(consents()[0]["withdrawn"], "part");
  EXPECT_EQ(by_code("iom", "withdraw", {{"code", digits(answer)}, {"purposes", {"protecton"}}}, 400)["pointer"],
            "/purposes/0");
  const Json far = by_code("iom", "withdraw", {{"code", digits(answer)}, {"purposes", {"qqqqqqqq"}}}, 400);
  EXPECT_THAT(far["message"].get<std::string>(), HasSubstr("it is one of "));
  EXPECT_THAT(far["message"].get<std::string>(), HasSubstr("employment"));
  EXPECT_EQ(by_code("iom", "withdraw", {{"code", digits(answer)}, {"purposes", Json::array()}}, 400)["pointer"],
            "/purposes");
}

TEST_F(Person, ByAMessageThatThisAgencyHolds) {
  const Json answer = given();
  const std::string message = refer_under(answer);
  EXPECT_EQ(by_code("shelter", "withdraw", {{"code", digits(answer)}, {"message", "r999"}}, 404)["pointer"],
            "/message");
  by_code("shelter", "withdraw", {{"code", digits(answer)}, {"message", message}});
  settle();
  EXPECT_EQ(consents()[0]["withdrawn"], "whole");
}

TEST_F(Person, AnotherPersonsCodeIsRefusedOnRecord) {
  const Json one = given();
  const std::string message = refer_under(one);
  const Json other = given();
  const Json error = by_code("shelter", "withdraw", {{"code", digits(other)}, {"message", message}}, 422);
  EXPECT_EQ(error["reason"], "not_entitled");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("another person"));
  settle();
  for (const Json& consent : consents()) EXPECT_FALSE(consent.contains("withdrawn"));
  EXPECT_EQ(broker_.count(core::StatementType::person_withdrawal), 1U);
}

TEST_F(Person, AWrongCodeFindsNothingAndLeavesNoEntry) {
  const Json answer = given();
  const std::string message = refer_under(answer);
  std::string wrong = digits(answer);
  wrong[3] = wrong[3] == '0' ? '1' : '0';
  const std::size_t before = broker_.size();
  EXPECT_EQ(by_code("shelter", "find", {{"code", wrong}}, 404)["pointer"], "/code");
  EXPECT_EQ(by_code("shelter", "withdraw", {{"code", wrong}}, 404)["code"], "not_found");
  EXPECT_EQ(by_code("shelter", "withdraw", {{"code", wrong}, {"message", message}}, 404)["code"], "not_found");
  EXPECT_EQ(broker_.size(), before);
}

// What was brought once may be brought again: it changes nothing.
TEST_F(Person, TwiceIsHarmless) {
  const Json answer = given();
  by_code("iom", "withdraw", {{"code", digits(answer)}});
  settle();
  by_code("shelter", "withdraw", {{"code", digits(answer)}});
  settle();
  EXPECT_EQ(consents()[0]["withdrawn"], "whole");
}

TEST_F(Person, WhatIsSignedIsBroughtLaterIfTheBrokerIsLost) {
  const Json answer = given();
  broker_.lose_request = [](const wire::Request& request) {
    return wire::kind_of(request.body) == wire::RequestKind::submit;
  };
  const Json taken = by_code("iom", "withdraw", {{"code", digits(answer)}});
  EXPECT_EQ(taken["state"], "queued");
  crash("iom");
  open("iom");
  broker_.lose_request = {};
  settle();
  settle();
  EXPECT_EQ(consents()[0]["withdrawn"], "whole");
  EXPECT_EQ(broker_.count(core::StatementType::person_withdrawal), 1U);
}

// A broker that only says that it recovers stops no hours: no quorum has accepted a loss.
TEST_F(Person, WhatRunsOutWhileTheBrokerSaysThatItRecoversIsAnAlarm) {
  const Json answer = given();
  broker_.bend = [](const wire::Request& request, wire::Reply& reply) {
    if (wire::kind_of(request.body) != wire::RequestKind::submit) return;
    auto* submitted = std::get_if<wire::SubmitReply>(&reply.body);
    if (submitted == nullptr) return;
    for (auto& receipt : submitted->receipts) {
      receipt = {};
      receipt.status = wire::WireError::recovering;
    }
  };
  const Json taken = by_code("iom", "withdraw", {{"code", digits(answer)}});
  EXPECT_EQ(taken["state"], "queued");
  EXPECT_THAT(taken["consents"][0]["note"].get<std::string>(), HasSubstr("before anything goes out again"));
  EXPECT_THAT(alarm_kinds("iom"), testing::Not(testing::Contains("not_taken_back")));
  network_.now = network_.now + base::hours(24);
  std::ignore = round("iom");
  EXPECT_THAT(alarm_kinds("iom"), testing::Contains("not_taken_back"));
}

TEST_F(Person, WithoutTheBrokerNothingIsFoundAndThatIsSaid) {
  const Json answer = given();
  broker_.lose_request = [](const wire::Request&) { return true; };
  const Json lost = by_code("iom", "find", {{"code", digits(answer)}}, 503);
  EXPECT_EQ(lost["code"], "unavailable");
  EXPECT_THAT(lost["message"].get<std::string>(), HasSubstr("nothing was looked up. Look with `besa status`"));
  const Json kept = by_code("iom", "withdraw", {{"code", digits(answer)}}, 503);
  EXPECT_THAT(kept["message"].get<std::string>(),
              HasSubstr("nothing was taken back. Look with `besa status`, and try"));
  EXPECT_EQ(get("iom", "/v1/status")["waiting"], 0);
  broker_.lose_request = {};
  broker_.bend = [](const wire::Request& request, wire::Reply& reply) {
    if (wire::kind_of(request.body) == wire::RequestKind::lookup) {
      reply = wire::error_reply(wire::RequestKind::lookup, wire::WireError::busy, "later", 1'000);
    }
  };
  const Json busy = by_code("iom", "find", {{"code", digits(answer)}}, 503);
  EXPECT_EQ(busy["code"], "busy");
  const std::string most = std::to_string(base::limits::kLookupsPerHour);
  EXPECT_THAT(busy["message"].get<std::string>(), HasSubstr("look up " + most + " codes an hour"));
}

// Busy for another reason is not the broker's limit.
TEST_F(Person, AFullQueueOnThisNodeIsNotSaidToBeTheLimit) {
  const Json answer = given();
  std::vector<std::future<base::Status>> waiting;
  std::atomic<int> asked = 0;
  for (int i = 0; i < 16; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      return node("iom").errands.ask([](client::Session&) -> base::Status { return {}; }, [&] { ++asked; }, 20'000);
    }));
  }
  while (asked < 16) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const Json full = failing("iom", "/v1/person/withdraw", {{"code", digits(answer)}}, 503);
  EXPECT_EQ(full["code"], "busy");
  EXPECT_THAT(full["message"].get<std::string>(), Not(HasSubstr("an hour")));
  EXPECT_THAT(full["message"].get<std::string>(), HasSubstr("nothing was taken back"));
  std::ignore = round("iom");
  for (auto& one : waiting) EXPECT_TRUE(one.get());
}

// The look-up may use up the time; the wait for the round that brings the statement then gets what is left of it.
TEST_F(Person, OneDeadlineForBothWaits) {
  const Json answer = given();
  broker_.lose_request = [](const wire::Request& request) {
    return wire::kind_of(request.body) == wire::RequestKind::submit;
  };
  constexpr std::uint32_t kPatienceMs = 3'000;
  const auto begun = std::chrono::steady_clock::now();
  auto taking = std::async(std::launch::async,
                           [&] { return withdraw_by_code(node("iom"), {{"code", digits(answer)}}, kPatienceMs); });
  std::this_thread::sleep_for(std::chrono::milliseconds(kPatienceMs - 800));
  std::ignore = round("iom");
  const Answer taken = taking.get();
  const auto took = std::chrono::steady_clock::now() - begun;
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ((*taken)["state"], "queued");
  EXPECT_LT(took, std::chrono::milliseconds(kPatienceMs + 800)) << "two waits, one after the other";
}

// Whoever has gone by the time that the worker comes to it is not served: nothing is taken back behind her.
TEST_F(Person, WhoWaitsForAnotherOfTheSameRoundGivesUpInTime) {
  auto& errands = node("iom").errands;
  std::atomic<int> asked = 0;
  auto slow = std::async(std::launch::async, [&] {
    return errands.ask(
        [](client::Session&) -> base::Status {
          std::this_thread::sleep_for(std::chrono::milliseconds(600));
          return {};
        },
        [&] { ++asked; }, 20'000);
  });
  while (asked < 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::atomic<bool> served = false;
  auto late = std::async(std::launch::async, [&] {
    return errands.ask(
        [&](client::Session&) -> base::Status {
          served = true;
          return {};
        },
        [&] { ++asked; }, 200);
  });
  while (asked < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::ignore = round("iom");
  EXPECT_TRUE(slow.get());
  const base::Status gone = late.get();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, base::ErrorKind::unavailable);
  EXPECT_FALSE(served);
}

TEST_F(Person, WhatIsNoCodeIsSaidWithoutRepeatingIt) {
  const struct {
    Json code;
    std::string says;
  } kTable[] = {{"12345", "these are 5"},
                {"apple zebra", "these are 2"},
                {"apple zebra wolff able zucchini river", "word 3 is not in the list; did you mean 'wolf'?"},
                {"apple zebra wolf able zucc river", "word 5 is not in the list; did you mean 'zucchini'?"},
                {"apple zebra wolf able xxxxxxxx river", "word 5 is not in the list; read it again"},
                {"apple zebra wolf able ribs river", "word 5 is not in the list; words like it are 'ribbon'"},
                {"apple zebra wolf able zoologists river", "word 5 is not in the list; words like it are 'zoo'"},
                {"§", "20 digits or 6 words"},
                {7, "must be a text"}};
  for (const auto& row : kTable) {
    const Json error = failing("iom", "/v1/person/find", {{"code", row.code}}, 400);
    EXPECT_EQ(error["pointer"], "/code");
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr(row.says));
    EXPECT_THAT(program::to_line(error), Not(HasSubstr("12345")));
    EXPECT_THAT(program::to_line(error), Not(HasSubstr("apple")));
  }
  EXPECT_EQ(failing("iom", "/v1/person/find", {{"cod", "1"}}, 400)["pointer"], "/cod");
  program::HttpRequest request;
  request.method = "POST";
  request.path = "/v1/person/find";
  request.body = "{\"code\": 73786976294838206463";
  EXPECT_THAT(Desk(node("iom")).handle(request).body, Not(HasSubstr("7378")));
}

}  // namespace
}  // namespace besa::node
