// Writes one good input of each shape for every fuzz target: FOLDER/NAME/NUMBER. Made by the code itself, so that they
// stay good when a schema grows.
//
//   fuzz_seeds FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/checkpoint.h"
#include "core/entry.h"
#include "core/merkle.h"
#include "core/record_bytes.h"
#include "core/signed_note.h"
#include "envelope/gossip.h"
#include "journal/segments.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/envelope/world.h"
#include "tests/unit/wire/samples.h"
#include "wire/ceremony.h"
#include "wire/content.h"
#include "wire/messages.h"
#include "wire/statement_file.h"

namespace {

using namespace besa;  // one file, nothing else in it
namespace samples = wire::samples;
namespace fs = std::filesystem;

class Seeds {
 public:
  explicit Seeds(fs::path folder) : folder_(std::move(folder)) {}

  void add(std::string_view target, base::ByteView bytes) {
    const fs::path folder = folder_ / target;
    fs::create_directories(folder);
    std::ofstream file(folder / std::to_string(number_++), std::ios::binary);
    file << base::as_text(bytes);
    good_ = good_ && file.good();
  }
  void add(std::string_view target, std::string_view text) { add(target, base::as_bytes(text)); }
  // With the byte in front by which the target picks a type or a category.
  void add(std::string_view target, std::uint8_t first, base::ByteView bytes) {
    base::Bytes all = {first};
    all.insert(all.end(), bytes.begin(), bytes.end());
    add(target, all);
  }
  bool good() const { return good_; }

 private:
  fs::path folder_;
  int number_ = 0;
  bool good_ = true;
};

void add_statements(Seeds& seeds) {
  for (const samples::Parts& parts : samples::all_statements()) {
    const auto first = static_cast<std::uint8_t>(static_cast<unsigned>(parts.type) - 1);
    seeds.add("statement", first, parts.body);
    for (const base::Bytes& row : parts.rows) seeds.add("statement", first, row);
  }
  seeds.add("statement", 0, wire::encode_context(samples::context()));
  seeds.add("statement", 0, wire::encode_section_list(samples::sections()));
  seeds.add("policy", wire::encode_policy(samples::policy()));
}

void add_ceremony(Seeds& seeds) {
  wire::InviteTerms terms;
  terms.endpoint = "tcp://127.0.0.1:7700";
  terms.name = "Shelter";
  terms.days = 1;
  const base::Bytes bytes = wire::encode_terms(terms);
  seeds.add("ceremony", bytes);
  seeds.add("ceremony", wire::encode_invite({bytes, {1, 2}, {3}, {}}));
  seeds.add("ceremony", wire::encode_join_request({bytes, {1, 2}, {3}, {}, {}}));
  seeds.add("ceremony", wire::encode_approval({{}, {1, 2, 3}}));
}

wire::StatementParts parts_of(const samples::Parts& parts) {
  return {core::media_type(parts.type), parts.body, parts.blocks, parts.rows, parts.policy, {{0, 0, {1, 2, 3}}}};
}

void add_frames(Seeds& seeds) {
  const wire::StatementParts parts = parts_of(samples::envelope_parts());
  const wire::RequestBody requests[] = {wire::HelloRequest{"note"},
                                        wire::SubmitRequest{{parts}},
                                        wire::WaitRequest{1000},
                                        wire::PullRequest{},
                                        wire::FetchRequest{samples::reference(1), 0, 0},
                                        wire::EntryRequest{},
                                        wire::PrekeysRequest{samples::id<base::MemberId>(1)},
                                        wire::LookupRequest{samples::id<base::LookupTag>(2)}};
  for (const auto& body : requests) {
    const auto frame = wire::encode_request({base::TreeSize{5}, samples::id<base::Digest>(1), body});
    if (frame) seeds.add("frame", *frame);
  }
  wire::Reply reply;
  reply.kind = wire::RequestKind::submit;
  reply.proofs = wire::Proofs{"checkpoint", {samples::id<base::Digest>(1)}, base::Sequence{1}, samples::time(0)};
  reply.body = wire::SubmitReply{{{wire::WireError::none, "", {1, 2, 3}, {samples::id<base::Digest>(2)}}}};
  if (const auto frame = wire::encode_reply(reply)) seeds.add("frame", *frame);
  if (const auto text = wire::encode_statement_file(parts)) seeds.add("frame", *text);
}

void add_log(Seeds& seeds) {
  core::Entry entry;
  entry.type = core::StatementType::envelope;
  entry.decision.verdict = core::Verdict::accepted;
  entry.decision.items = {{samples::reference(1), 0, core::Verdict::accepted, 0, 1, core::Basis::consent}};
  seeds.add("entry", core::encode_entry(entry));
  const samples::Parts parts = samples::consent_parts();
  seeds.add("entry", core::encode_beside({parts.body, parts.blocks, parts.rows, {}}));
  seeds.add("entry", parts.blocks);
  seeds.add("entry", core::media_type(core::StatementType::genesis));
  seeds.add("record", core::encode_policy(samples::policy()));
  seeds.add("record", core::encode_record(core::Head{}));
  seeds.add("record", core::encode_record(core::MemberRecord{}));
  seeds.add("record", core::encode_record(core::MessageRecord{}));
  seeds.add("record", core::encode_record(core::ThreadRecord{}));
  seeds.add("record", core::encode_record(core::ConsentRecord{}));
}

void add_notes(Seeds& seeds) {
  const std::string root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const std::string text = "nrm.example/" + std::string(64, 'a') + "/1\n12\n" + root + "\n";
  const core::NoteKey key =
      core::make_note_key("nrm.example", core::NoteKeyType::ed25519, samples::id<base::PublicKey>(7));
  const core::NoteSignature line = core::note_signature(key, samples::id<base::Signature>(8));
  seeds.add("note", core::format_note({text, {line, line}}));
  seeds.add("note", text);
  seeds.add("note", core::format_verifier_key(key));
  seeds.add("note", root);
}

void add_texts(Seeds& seeds) {
  constexpr std::string_view identity = R"({"given_names": {"value": "Ana"}, "birth_date": {"value": "1999-02-28"}})";
  for (std::uint8_t category = 0; category < 22; ++category) {
    seeds.add("content", category, base::as_bytes("{}"));
    seeds.add("content", category, base::as_bytes(identity));
    if (const auto content = wire::content_from_json(static_cast<core::Category>(category + 1), "{}")) {
      seeds.add("content", category, *content);
    }
  }
  seeds.add("text", identity);
  seeds.add("text", std::string_view("[1, -2, 3.5e7, \"\\u00e4\", null, true, {\"a\": [[]]}]"));
  seeds.add("text",
            std::string_view("name = \"x\"\n[a.b]\nc = [1, 2]\nd = 2024-01-01T00:00:00Z\n[[rule]]\nid = 'r'\n"));
  seeds.add("text", std::string_view("2024-02-29T23:59:59Z"));
  seeds.add("text", std::string_view("250ms"));
  seeds.add("text", std::string_view("7378-6976 2948 3820 6463"));
  seeds.add("text", std::string_view("apple zebra wolf able zucchini river"));
}

// Messages that open, of one chunk and of two, and plaintexts that do.
void add_envelopes(Seeds& seeds) {
  const envelope::testing::World world;
  const auto add = [&](const envelope::testing::Message& message) {
    base::ByteWriter writer;
    writer.u8(0).sized(message.body());
    for (std::uint16_t i = 0; i < message.list.sections.size(); ++i) {
      if (message.list.sections[i].grant != core::Grant::now) continue;
      std::uint32_t index = 0;
      for (const base::Bytes& chunk : message.chunks[i]) writer.u16(i).u32(index++).sized(chunk);
    }
    seeds.add("envelope", writer.bytes());
  };
  add(world.seal_to(world.shelter, envelope::testing::referral_sections()));
  add(world.seal_to(world.shelter, {envelope::testing::attachment(core::Category::health, 3'000)}));
  add(world.seal_to(world.shelter, {}));
  for (const core::Category category : {core::Category::identity, core::Category::summary, core::Category::health}) {
    const base::Bytes content = envelope::testing::record(category, "{}");
    const auto first = static_cast<std::uint8_t>(core::number_of(category));
    seeds.add("envelope", first, envelope::pad_content(content, *wire::padded_length(content.size())));
  }
}

void add_stores(Seeds& seeds) {
  core::Entry entry;
  entry.type = core::StatementType::tick;
  entry.decision.verdict = core::Verdict::accepted;
  const base::Bytes leaf = core::encode_entry(entry);
  const base::Bytes beside = core::encode_beside({base::Bytes(40, 1), {}, {base::Bytes(9, 2)}, {}});
  base::ByteWriter entries;
  base::ByteWriter besides;
  base::ByteWriter hashes;
  for (int i = 0; i < 3; ++i) {
    entries.u16(static_cast<std::uint16_t>(leaf.size())).raw(leaf);
    besides.raw(beside);
    hashes.raw(core::leaf_hash(leaf));
  }
  seeds.add("tiles",
            base::ByteWriter().u8(3).sized(entries.bytes()).sized(besides.bytes()).raw(hashes.bytes()).bytes());

  const support::TemporaryFolder folder;
  journal::Segments segments(folder.path(), 4'096);
  if (!segments.find() || !segments.open({}, {}, true)) return;
  const base::Reference message{};
  journal::Position end;
  // Two batches of two entries, one with a chunk.
  for (const std::uint64_t first : {0U, 2U}) {
    journal::BatchFrames frames(end, base::Sequence{first}, 4'096, 4'096);
    if (!frames.add_entry(base::Sequence{first}, base::Bytes(40, 7), base::Bytes(60, 8))) return;
    const auto place = frames.add_chunk(message, {0, 0, base::Bytes(100, 9)});
    if (!place || !frames.add_entry(base::Sequence{first + 1}, base::Bytes(40, 7), {}) || !frames.end()) return;
    if (!segments.write(frames.runs())) return;
    const base::Bytes file = support::read_file(folder / "0000000000");
    seeds.add("segment", base::ByteWriter()
                             .raw(journal::encode_place(*place))
                             .u16(static_cast<std::uint16_t>(end.offset))
                             .u8(static_cast<std::uint8_t>(first))
                             .raw(file)
                             .bytes());
    end = frames.position();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::error_code ignored;
  fs::remove_all(argv[1], ignored);
  Seeds seeds(argv[1]);
  add_statements(seeds);
  add_frames(seeds);
  add_ceremony(seeds);
  add_log(seeds);
  add_notes(seeds);
  add_texts(seeds);
  add_envelopes(seeds);
  add_stores(seeds);
  seeds.add("gossip", envelope::encode_gossip({}));
  seeds.add("bytes", base::as_bytes("00ff7a"));
  if (!seeds.good()) std::fprintf(stderr, "fuzz_seeds: could not write below %s\n", argv[1]);
  return seeds.good() ? 0 : 1;
}
