#include "wire/statement.h"

#include <gtest/gtest.h>

#include "core/digests.h"
#include "samples.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ErrorKind;
using core::StatementType;

std::string kind_of(const base::Result<core::ParsedStatement>& result) {
  return result ? "accepted" : std::string(base::to_string(result.error().kind));
}

std::uint8_t bit_of(std::size_t bit) { return static_cast<std::uint8_t>(1U << bit % 8); }

// Writes a parsed body again; an envelope from its parts.
Bytes encode_again(const core::ParsedStatement& statement) {
  if (const auto* envelope = std::get_if<core::Envelope>(&statement.body)) {
    return encode_envelope(encode_context(envelope->context),
                           encode_section_list({envelope->sections, envelope->listed}), envelope->grant,
                           envelope->rows_root);
  }
  return encode_body(statement.body);
}

TEST(Statement, ParsingGivesBackWhatWasWritten) {
  for (const auto& parts : samples::all_statements()) {
    const auto parsed = parts.parse();
    ASSERT_TRUE(parsed) << core::name_of(parts.type) << ": " << parsed.error().message;
    EXPECT_EQ(encode_again(*parsed), parts.body) << core::name_of(parts.type);
    EXPECT_EQ(parsed->id, core::statement_id(parts.type, parts.body));
    EXPECT_EQ(parsed->body_bytes, parts.body);
    EXPECT_EQ(parsed->rows_bytes, parts.rows);
    EXPECT_EQ(parsed->policy_bytes, parts.policy);
  }
}

TEST(Statement, BytesWithoutBlocksOrRowsHaveZeroHashes) {
  const samples::Parts tick{StatementType::tick, encode_tick({}), {}, {}, {}};
  const auto parsed = tick.parse();
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->blocks_hash.is_none());
  EXPECT_TRUE(parsed->rows_root.is_none());
}

TEST(Statement, TypesOfALaterVersionAreUnsupported) {
  for (const auto name : core::names_of(StatementType{})) {
    const auto type = *core::parse_code<StatementType>(name);
    bool served = false;
    for (const auto& parts : samples::all_statements()) served = served || parts.type == type;
    const auto parsed = parse_statement(core::media_type(type), encode_tick({}), {}, {}, {});
    EXPECT_EQ(kind_of(parsed) == "unsupported", !served) << name;
  }
  EXPECT_EQ(kind_of(parse_statement("application/vnd.besa.something.v2", {}, {}, {}, {})), "unsupported");
  EXPECT_EQ(kind_of(parse_statement("text/plain", {}, {}, {}, {})), "malformed");
}

TEST(Statement, KindsOfALaterVersionAreUnsupportedAndUnknownOnesPass) {
  using core::Kind;
  for (std::uint16_t number = 0; number < 40; ++number) {
    core::Context context = samples::context();
    context.kind = static_cast<Kind>(number);
    samples::Parts parts{StatementType::envelope, samples::envelope(context, samples::sections()), {}, {}, {}};
    const bool served = context.kind == Kind::referral || context.kind == Kind::update ||
                        context.kind == Kind::answer || context.kind == Kind::cancel || context.kind == Kind::test;
    const bool passes = served || !core::in_list(context.kind);
    EXPECT_EQ(kind_of(parts.parse()), passes ? "accepted" : "unsupported") << number;
  }
}

TEST(Statement, RowsOfALaterVersionAreUnsupported) {
  for (std::uint8_t role = 0; role < 20; ++role) {
    core::EnvelopeRow row = samples::envelope_row();
    row.role = static_cast<core::RowRole>(role);
    samples::Parts parts{StatementType::envelope, {}, {}, {encode_envelope_row(row, {})}, {}};
    parts.body = samples::envelope(samples::context(), samples::sections(), rows_root(parts.rows));
    const bool passes = !core::in_list(row.role) || row.role == core::RowRole::consent;
    EXPECT_EQ(kind_of(parts.parse()), passes ? "accepted" : "unsupported") << int{role};
  }
}

TEST(Statement, UnknownCodesInsideAnEnvelopePassToTheCore) {
  core::Context context = samples::context();
  context.suite = 9;
  context.purpose = static_cast<core::Purpose>(999);
  context.priority = static_cast<core::Priority>(200);
  SectionList list = samples::sections();
  list.sections[0].category = static_cast<core::Category>(700);
  list.sections[0].basis = static_cast<core::Basis>(99);
  const samples::Parts parts{StatementType::envelope, samples::envelope(context, list), {}, {}, {}};
  const auto parsed = parts.parse();
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& envelope = std::get<core::Envelope>(parsed->body);
  EXPECT_EQ(envelope.context.purpose, static_cast<core::Purpose>(999));
  EXPECT_EQ(envelope.sections[0].category, static_cast<core::Category>(700));
}

TEST(Statement, UnknownCodesInAConsentRowAreNotLost) {
  core::ConsentRow row = samples::consent_row();
  row.allow = core::CodeSet<core::Category>::from_bits(std::uint64_t{1} << 63);
  const auto parsed = parse_consent_row(encode_consent_row(row, {}));
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->allow.empty());
}

struct BadCase {
  const char* name;
  samples::Parts parts;
};

samples::Parts with(samples::Parts parts, void (*change)(samples::Parts&)) {
  change(parts);
  return parts;
}

samples::Parts envelope_with(const core::Context& context, const SectionList& list) {
  return {StatementType::envelope, samples::envelope(context, list), {}, {}, {}};
}

SectionList list_of(std::size_t count) {
  SectionList out;
  for (std::size_t i = 0; i < count; ++i) {
    out.sections.push_back(samples::section(static_cast<core::Category>(i + 1), core::Grant::now));
  }
  return out;
}

SectionList with_section(void (*change)(core::Section&)) {
  SectionList out = samples::sections();
  change(out.sections[0]);
  return out;
}

core::Genesis genesis_with(void (*change)(core::Genesis&)) {
  core::Genesis out = samples::genesis();
  change(out);
  return out;
}

samples::Parts change_of(std::size_t administrators) {
  core::AdministratorChange body{samples::governance(), samples::genesis().administrators, 2};
  body.administrators.resize(administrators);
  return {StatementType::administrator_change, encode_administrator_change(body), {}, {}, {}};
}

samples::Parts without_keys() {
  return {StatementType::key_rotation, encode_prekeys({samples::member(), {}}), {}, {}, {}};
}

std::vector<BadCase> bad_statements() {
  const auto consent = samples::consent_parts();
  const auto envelope = samples::envelope_parts();
  const auto policy = samples::policy_parts();
  const auto genesis = [](void (*change)(core::Genesis&)) {
    return samples::Parts{StatementType::genesis, encode_genesis(genesis_with(change)), {}, {}, {}};
  };
  const auto received = [](std::size_t count) {
    const core::Acknowledgement body{samples::member(), std::vector(count, samples::reference(1))};
    return samples::Parts{StatementType::received, encode_acknowledgement(body), {}, {}, {}};
  };
  return {
      {"empty body", with(envelope, [](auto& p) { p.body.clear(); })},
      {"one byte", with(envelope, [](auto& p) { p.body.resize(1); })},
      {"body over 32 KiB", with(envelope, [](auto& p) { p.body.resize(32 * 1024 + 1); })},
      {"another body's bytes", with(envelope, [](auto& p) { p.body = encode_tick({}); })},
      {"half a block", with(envelope, [](auto& p) { p.blocks.pop_back(); })},
      {"row missing", with(envelope, [](auto& p) { p.rows.clear(); })},
      {"row too many", with(envelope, [](auto& p) { p.rows.push_back(p.rows[0]); })},
      {"row changed", with(envelope, [](auto& p) { p.rows[0] = encode_envelope_row(samples::envelope_row(), {}); })},
      {"rows where none belong", with(policy, [](auto& p) { p.rows.push_back(encode_envelope_row({}, {})); })},
      {"33 rows", with(envelope, [](auto& p) { p.rows.resize(33, p.rows[0]); })},
      {"row over 2 KiB", with(envelope, [](auto& p) { p.rows[0].resize(2049); })},
      {"consent rows not padded", with(consent, [](auto& p) { p.rows.pop_back(); })},
      {"consent rows swapped", with(consent, [](auto& p) { std::swap(p.rows[3], p.rows[4]); })},
      {"policy missing", with(policy, [](auto& p) { p.policy.clear(); })},
      {"policy changed", with(policy, [](auto& p) { p.policy.back() ^= 1; })},
      {"policy where none belongs", with(envelope, [](auto& p) { p.policy = wire::encode_policy(samples::policy()); })},
      {"17 sections", envelope_with(samples::context(), list_of(17))},
      {"padded length not padded",
       envelope_with(samples::context(), with_section([](auto& s) { s.padded_length = 1025; }))},
      {"padded length zero", envelope_with(samples::context(), with_section([](auto& s) { s.padded_length = 0; }))},
      {"sections over 64 MiB",
       envelope_with(samples::context(), with_section([](auto& s) { s.padded_length = 64 << 20; }))},
      {"handling not ascending", envelope_with(samples::context(), with_section([](auto& s) {
                                                 s.handling = {core::Handling::no_court_use, core::Handling::no_onward};
                                               }))},
      {"handling twice", envelope_with(samples::context(), with_section([](auto& s) {
                                         s.handling = {core::Handling::no_onward, core::Handling::no_onward};
                                       }))},
      {"no messages", received(0)},
      {"65 messages", received(65)},
      {"genesis names a network", genesis([](auto& g) { g.header.network = samples::id<base::NetworkId>(1); })},
      {"genesis replaces", genesis([](auto& g) { g.header.replaces = samples::id<base::StatementId>(1); })},
      {"genesis without name", genesis([](auto& g) { g.name.clear(); })},
      {"genesis name with a slash", genesis([](auto& g) { g.name = "a/b"; })},
      {"genesis without administrators", genesis([](auto& g) { g.administrators.clear(); })},
      {"change to no administrators", change_of(0)},
      {"change to 33 administrators", change_of(33)},
      {"rotation without its keys", without_keys()},
      {"genesis with 33 administrators", genesis([](auto& g) { g.administrators.resize(33); })},
  };
}

TEST(Statement, BadOnesAreMalformed) {
  for (const auto& bad : bad_statements()) EXPECT_EQ(kind_of(bad.parts.parse()), "malformed") << bad.name;
}

TEST(Statement, SectionsAndListedOnesInOneMessageAreMalformed) {
  SectionList list = samples::sections();
  list.listed = {{samples::reference(1), 0, core::Basis::consent}};
  EXPECT_EQ(kind_of(envelope_with(samples::context(), list).parse()), "malformed");
}

TEST(Statement, ListedSectionsAreUnsupported) {
  const SectionList list{{}, {{samples::reference(1), 0, core::Basis::consent}}};
  EXPECT_EQ(kind_of(envelope_with(samples::context(), list).parse()), "unsupported");
}

TEST(Statement, AGrantOfAnotherLengthIsMalformed) {
  const Bytes context = encode_context(samples::context());
  const Bytes list = encode_section_list(samples::sections());
  for (const int off : {-32, -1, 0, 1, 32}) {
    const auto right = static_cast<int>(grant_bytes(1));
    const Bytes grant(static_cast<std::size_t>(right + off), 7);
    const samples::Parts parts{StatementType::envelope, encode_envelope(context, list, grant, {}), {}, {}, {}};
    EXPECT_EQ(kind_of(parts.parse()), off == 0 ? "accepted" : "malformed") << off;
  }
}

TEST(Statement, AMessageWithoutSectionsHasNoListBytes) {
  core::Context context = samples::context();
  context.kind = core::Kind::answer;
  const samples::Parts parts{StatementType::envelope, samples::envelope(context, {}), {}, {}, {}};
  const auto parsed = parts.parse();
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<core::Envelope>(parsed->body).h1,
            core::sections_hash(core::context_hash(encode_context(context)), {}));
}

TEST(Statement, ShownWithoutRowsItKeepsTheRootOfItsBody) {
  const auto parts = samples::envelope_parts();
  const auto shown = parse_shown(core::media_type(parts.type), parts.body, parts.blocks);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->rows_root, rows_root(parts.rows));
  EXPECT_TRUE(shown->envelope_rows.empty());
}

TEST(Statement, EveryCutOfEachStatementIsRefused) {
  for (const auto& whole : samples::all_statements()) {
    for (std::size_t length = 0; length < whole.body.size(); ++length) {
      samples::Parts cut = whole;
      cut.body.resize(length);
      ASSERT_FALSE(cut.parse()) << core::name_of(whole.type) << " cut at " << length;
    }
  }
}

TEST(Statement, TrailingBytesAreRefused) {
  for (const auto& whole : samples::all_statements()) {
    for (const std::size_t more : {1u, 4u, 7u, 8u, 9u, 64u}) {
      for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{1}}) {
        samples::Parts longer = whole;
        longer.body.resize(whole.body.size() + more, byte);
        ASSERT_FALSE(longer.parse()) << core::name_of(whole.type) << " with " << more;
      }
    }
  }
}

// A flip may give another sound body (another salt, say): then it is another statement with another id, and no
// signature covers it.
TEST(Statement, EverySingleBitFlipIsRefusedOrIsAnotherStatement) {
  for (const auto& whole : samples::all_statements()) {
    const auto id = whole.parse()->id;
    samples::Parts flipped = whole;
    for (std::size_t bit = 0; bit < whole.body.size() * 8; ++bit) {
      flipped.body[bit / 8] ^= bit_of(bit);
      const auto parsed = flipped.parse();
      ASSERT_TRUE(!parsed || parsed->id != id) << core::name_of(whole.type) << " bit " << bit;
      flipped.body[bit / 8] ^= bit_of(bit);
    }
  }
}

TEST(Policy, ParsingGivesBackWhatWasWritten) {
  const Bytes bytes = wire::encode_policy(samples::policy());
  const auto parsed = parse_policy(bytes);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(wire::encode_policy(*parsed), bytes);
  ASSERT_EQ(parsed->rules.size(), 2u);
  EXPECT_EQ(parsed->rules[0].send.at(core::Basis::consent), core::CodeSet<core::Category>{core::Category::health});
  EXPECT_TRUE(parsed->rules[1].deny);
}

TEST(Policy, UnknownCodesAreRefused) {
  const std::vector<void (*)(core::Policy&)> changes = {
      [](auto& p) { p.rules[0].from.insert(static_cast<core::Sector>(60)); },
      [](auto& p) { p.rules[0].send[static_cast<core::Basis>(77)] = {core::Category::needs}; },
      [](auto& p) { p.rules[1].except.insert(static_cast<core::Category>(23)); },
      [](auto& p) { p.basis[0].basis = core::Basis::none; },
      [](auto& p) { p.basis[0].reference = static_cast<core::ReferenceType>(8); },
      [](auto& p) { p.emergency_priority.insert(static_cast<core::Priority>(5)); },
      [](auto& p) { p.rules[0].links[0].role = static_cast<core::RowRole>(12); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    core::Policy policy = samples::policy();
    changes[i](policy);
    EXPECT_FALSE(parse_policy(wire::encode_policy(policy))) << i;
  }
}

TEST(Policy, RulesNeedAnIdOfTheirOwn) {
  core::Policy policy = samples::policy();
  policy.rules[1].id = policy.rules[0].id;
  EXPECT_FALSE(parse_policy(wire::encode_policy(policy)));
  policy.rules[1].id.clear();
  EXPECT_FALSE(parse_policy(wire::encode_policy(policy)));
}

}  // namespace
}  // namespace besa::wire
