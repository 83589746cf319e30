#include "wire/messages.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "samples.h"
#include "schemas/wire_generated.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ErrorKind;
using samples::id;

StatementParts parts() {
  return {"application/vnd.besa.envelope.v1", Bytes(600, 1), Bytes(104, 2),
          {Bytes(120, 3), Bytes(120, 4)},     Bytes(10, 5),  {{0, 0, Bytes(1040, 6)}, {1, 0, Bytes(2064, 7)}}};
}

LogEntry log_entry() {
  return {Bytes(300, 1), {id<base::Digest>(1), id<base::Digest>(2)}, Bytes(600, 3), Bytes(104, 4), {Bytes(10, 5)}, {}};
}

LostReceipt lost() { return {Bytes(300, 1), {id<base::Digest>(1)}, "note\nline\n\n\xE2\x80\x94 name sig\n"}; }

std::vector<RequestBody> all_requests() {
  return {HelloRequest{"note\nline\n\n\xE2\x80\x94 name sig\n"},
          HelloRequest{},
          SubmitRequest{{parts(), parts()}},
          SubmitRequest{{parts(), parts()}, {lost(), lost()}},
          WaitRequest{25'000},
          PullRequest{64, base::Sequence{7}},
          FetchRequest{samples::reference(1), 3, 9},
          EntryRequest{base::Sequence{4}, 100},
          PrekeysRequest{id<base::MemberId>(3)},
          EntryRequest{base::Sequence{4}, 1, true},
          LookupRequest{id<base::LookupTag>(4)}};
}

std::vector<std::pair<RequestKind, ReplyBody>> all_replies() {
  return {{RequestKind::hello, HelloReply{id<base::NetworkId>(1), id<base::MemberId>(2)}},
          {RequestKind::submit, SubmitReply{{{WireError::none, "", Bytes(300, 1), {id<base::Digest>(1)}},
                                             {WireError::bad_signature, "the signature does not verify", {}, {}}}}},
          {RequestKind::wait, WaitReply{true}},
          {RequestKind::pull,
           PullReply{{{log_entry(), {{0, 0, Bytes(1040, 6)}}}}, {{base::Sequence{3}, 2, samples::reference(4)}}, true}},
          {RequestKind::pull, PullReply{}},
          {RequestKind::fetch, FetchReply{Bytes(262'160, 9)}},
          {RequestKind::entry, EntryReply{{log_entry(), log_entry()}}},
          {RequestKind::prekeys, PrekeysReply{log_entry()}},
          {RequestKind::lookup, LookupReply{{samples::reference(1), samples::reference(2)}}},
          {RequestKind::lookup, LookupReply{}}};
}

TEST(Messages, RequestsComeBackAsTheyWere) {
  for (const auto& body : all_requests()) {
    const Request request{base::TreeSize{12}, id<base::Digest>(8), body};
    const auto frame = encode_request(request);
    ASSERT_TRUE(frame);
    const auto decoded = decode_request(*frame);
    ASSERT_TRUE(decoded) << name_of(kind_of(body)) << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, request);
  }
}

TEST(Messages, RepliesComeBackAsTheyWere) {
  for (const auto& [kind, body] : all_replies()) {
    const Reply reply{
        kind, WireError::none, 0, "", Proofs{"note\n", {id<base::Digest>(1)}, base::Sequence{2}, samples::time(3)},
        body};
    const auto frame = encode_reply(reply);
    ASSERT_TRUE(frame);
    const auto decoded = decode_reply(*frame);
    ASSERT_TRUE(decoded) << name_of(kind) << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, reply);
  }
}

TEST(Messages, AnErrorReplyComesBack) {
  const Reply reply = error_reply(RequestKind::submit, WireError::busy, "try again later", 500);
  const auto decoded = decode_reply(*encode_reply(reply));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, reply);
}

TEST(Messages, ADetailIsCutAndNeverUnreadable) {
  for (const std::string& detail :
       {std::string(1000, 'x'), std::string(255, 'x') + "\xC3\xAB", std::string("a\nb"), std::string("\xFF")}) {
    const auto decoded = decode_reply(*encode_reply(error_reply(RequestKind::none, WireError::denied, detail)));
    ASSERT_TRUE(decoded);
    EXPECT_LE(decoded->detail.size(), 256u);
  }
}

TEST(Messages, EveryCutAndTrailingByteIsRefused) {
  for (const auto& body : all_requests()) {
    const Bytes frame = *encode_request({base::TreeSize{12}, id<base::Digest>(8), body});
    for (std::size_t length = 0; length < frame.size(); ++length) {
      ASSERT_FALSE(decode_request(base::ByteView(frame).first(length))) << name_of(kind_of(body)) << " at " << length;
    }
    for (const std::size_t more : {1u, 4u, 8u}) {
      Bytes longer = frame;
      longer.resize(frame.size() + more, 0);
      EXPECT_FALSE(decode_request(longer));
    }
  }
}

TEST(Messages, NoBitFlipBreaksTheDecoder) {
  for (const auto& body : all_requests()) {
    Bytes frame = *encode_request({base::TreeSize{12}, id<base::Digest>(8), body});
    if (frame.size() > 2000) continue;
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      frame[bit / 8] ^= mask;
      const auto decoded = decode_request(frame);
      EXPECT_TRUE(decoded || !decoded.error().message.empty());
      frame[bit / 8] ^= mask;
    }
  }
}

TEST(Messages, BoundsOfRequestsAreKept) {
  const std::vector<RequestBody> bad = {SubmitRequest{},        SubmitRequest{std::vector(65, parts())},
                                        WaitRequest{25'001},    PullRequest{0, {}},
                                        PullRequest{65, {}},    EntryRequest{{}, 0},
                                        EntryRequest{{}, 1025}, SubmitRequest{{parts(), parts()}, {lost()}}};
  for (const auto& body : bad) {
    const auto frame = encode_request({{}, {}, body});
    const auto decoded =
        frame ? decode_request(*frame).map([](auto&&) {}) : base::Status(tl::unexpected(frame.error()));
    EXPECT_FALSE(decoded) << name_of(kind_of(body));
  }
}

TEST(Messages, AFrameIsAtMost448KiB) {
  const auto sized = [](std::size_t bytes) {
    SubmitRequest submit{{parts()}};
    submit.statements[0].chunks = {{0, 0, Bytes(bytes, 1)}};
    return encode_request({{}, {}, submit});
  };
  EXPECT_TRUE(sized(440'000));
  const auto large = sized(460'000);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::full);
  EXPECT_FALSE(decode_request(Bytes(base::limits::kFrameBytes + 1, 0)));
}

TEST(Messages, CostsAreNeverTooSmall) {
  for (std::size_t count = 1; count <= 64; ++count) {
    const SubmitRequest submit{std::vector(count, parts())};
    const auto frame = encode_request({{}, {}, submit});
    if (!frame) break;
    EXPECT_LE(frame->size(), 256 + count * frame_cost(parts()));
    const auto offer = encode_request({{}, {}, SubmitRequest{submit.statements, std::vector(count, lost())}});
    if (offer) {
      EXPECT_LE(offer->size(), 256 + count * (frame_cost(parts()) + frame_cost(lost())));
    }
    const PullReply pull{std::vector<PulledMessage>(count, {log_entry(), {}}), {}, false};
    Reply reply;
    reply.kind = RequestKind::pull;
    reply.body = pull;
    EXPECT_LE(encode_reply(reply)->size(), 256 + count * frame_cost(log_entry()));
  }
}

TEST(Messages, ALookupAnswersAtMost64References) {
  const auto answer = [](std::size_t count) {
    Reply reply;
    reply.kind = RequestKind::lookup;
    reply.body = LookupReply{std::vector(count, samples::reference(1))};
    return decode_reply(*encode_reply(reply)).has_value();
  };
  EXPECT_TRUE(answer(base::limits::kLookupReferences));
  EXPECT_FALSE(answer(base::limits::kLookupReferences + 1));
}

Bytes request_of(std::uint16_t version, std::uint16_t kind) {
  flatbuffers::FlatBufferBuilder builder;
  const auto root = builder.CreateVector(Bytes(32));
  const auto body = builder.CreateVector(Bytes());
  builder.Finish(schema::CreateRequest(builder, version, kind, 0, root, body));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

TEST(Messages, KindsAndVersionsToComeAreUnsupported) {
  for (const unsigned kind : {3u, 4u, 10u, 12u, 999u}) {
    EXPECT_EQ(decode_request(request_of(1, static_cast<std::uint16_t>(kind))).error().kind, ErrorKind::unsupported);
  }
  EXPECT_EQ(decode_request(request_of(2, 5)).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(decode_request(request_of(0, 5)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(decode_request(request_of(1, 0)).error().kind, ErrorKind::malformed);
}

TEST(WireErrors, HaveNamesAndBothMappings) {
  EXPECT_EQ(name_of(WireError::none), "none");
  EXPECT_EQ(name_of(static_cast<WireError>(200)), "unknown");
  for (std::uint16_t number = 1; number <= 16; ++number) {
    const auto error = static_cast<WireError>(number);
    EXPECT_EQ(parse_wire_error(name_of(error)), error);
    EXPECT_FALSE(base::to_string(error_kind_of(error)).empty());
  }
  EXPECT_EQ(name_of(static_cast<WireError>(16)), "clock");
  EXPECT_EQ(wire_error_of(ErrorKind::malformed), WireError::malformed);
  EXPECT_EQ(wire_error_of(ErrorKind::damaged), WireError::stopped);
  EXPECT_TRUE(is_temporary(WireError::busy));
  EXPECT_TRUE(is_temporary(WireError::recovering));
  EXPECT_FALSE(is_temporary(WireError::denied));
}

}  // namespace
}  // namespace besa::wire
