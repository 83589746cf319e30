// A dishonest log, in all the ways that an auditor must name: what was changed, and at which entry. The broker of these
// tests has the log key: where it helps, it hashes and signs again.
#include "agents/auditor/audit.h"

#include <gtest/gtest.h>

#include <functional>

#include "agents/auditor/show.h"
#include "core/checkpoint.h"
#include "core/decide.h"
#include "core/merkle.h"
#include "tests/support/network.h"
#include "tests/support/temporary_folder.h"
#include "tiles/writer.h"
#include "wire/statement.h"

namespace besa::auditor {
namespace {

using core::Category;
using support::Agency;
using support::Network;
using support::Signed;

struct Line {
  core::Entry entry;
  core::Beside beside;
};

// Decides statements as a broker would and keeps the log.
class Book {
 public:
  Book() {
    Agency& police = network.add_agency(core::Sector::border_police);
    Agency& shelter = network.add_agency(core::Sector::shelter);
    const base::MemberId administrator = base::id_cast<base::MemberId>(network.administrators()[0].organisation);
    take(network.genesis(), {});
    take(network.enrolment(police), administrator);
    take(network.enrolment(shelter), administrator);
    take(network.policy(support::small_policy()), administrator);
    take(network.prekeys(police), police.id);
    take(network.prekeys(shelter), shelter.id);
    accepted = lines.size();
    take(network.message(police, shelter, {{Category::identity, core::Basis::legal_obligation}}), police.id);
    refused = lines.size();
    take(network.message(police, shelter, {{Category::location, core::Basis::legal_obligation}}), police.id);
  }

  void take(const Signed& statement, const base::MemberId& submitter) {
    std::vector<base::ByteView> rows(statement.parts.rows.begin(), statement.parts.rows.end());
    auto parsed = wire::parse_statement(statement.parts.type, statement.parts.body, statement.parts.blocks, rows,
                                        statement.parts.policy);
    ASSERT_TRUE(parsed) << parsed.error().message;
    const core::Beside beside = core::beside_of(*parsed);
    const auto verified = core::verify(std::move(*parsed), submitter, core::key_lookup(view));
    ASSERT_TRUE(verified) << verified.error().message;
    const auto outcome = core::decide(view, *verified, network.now);
    ASSERT_TRUE(outcome) << outcome.error().message;
    const auto* decided = std::get_if<core::Decided>(&*outcome);
    ASSERT_NE(decided, nullptr);
    ASSERT_TRUE(view.apply(decided->changes));
    lines.push_back({decided->entry, beside});
  }

  // Writes the log as it stands, with a tree and a checkpoint that fit it.
  void write(const std::string& folder, std::uint64_t epoch = 0) const {
    auto writer = tiles::Writer::begin(folder);
    ASSERT_TRUE(writer) << writer.error().message;
    for (const Line& line : lines) {
      ASSERT_TRUE(writer->add(core::encode_entry(line.entry), core::encode_beside(line.beside)));
    }
    const core::Checkpoint checkpoint{core::format_origin({network.name, network.id(), epoch}), writer->size(),
                                      writer->root()};
    const base::Signature signature = network.log_key().sign(base::as_bytes(core::note_text(checkpoint)));
    ASSERT_TRUE(writer->finish(core::note_from(checkpoint, network.log_key().public_key(), signature)));
  }

  // The first `size` entries, as this log or another one with that root has them.
  core::Checkpoint beginning(std::size_t size) const {
    std::vector<base::Digest> leaves;
    for (std::size_t i = 0; i < size; ++i) leaves.push_back(core::leaf_hash(core::encode_entry(lines[i].entry)));
    return {core::format_origin({network.name, network.id(), 0}), base::TreeSize{size}, core::root_of(leaves)};
  }
  std::string note_of(const core::Checkpoint& checkpoint) const {
    const base::Signature signature = network.log_key().sign(base::as_bytes(core::note_text(checkpoint)));
    return core::note_from(checkpoint, network.log_key().public_key(), signature);
  }
  // A loss of what lay past the first `kept` entries, and the recovery from it.
  void lose(std::size_t kept, bool true_root = true) {
    core::LossAccepted body;
    body.kept_size = base::TreeSize{kept};
    body.kept_root = beginning(kept).root;
    if (!true_root) body.kept_root.bytes[0] ^= 1;
    body.epoch = 1;
    body.until = network.now + base::hours(1);
    take(network.loss(body), base::id_cast<base::MemberId>(network.administrators()[0].organisation));
  }

  Anchor anchor() const { return {network.name, network.id(), network.log_key().public_key()}; }

  Network network;
  core::MemoryView view;
  std::vector<Line> lines;
  std::size_t accepted = 0;  // a message that goes
  std::size_t refused = 0;   // one that does not
};

Report checked(const Book& book, Depth depth) {
  const support::TemporaryFolder folder;
  const std::string path = folder / "export";
  book.write(path);
  const auto report = audit(path, book.anchor(), depth, [](std::uint64_t, std::uint64_t) {});
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(Report{});
}

struct LossCase {
  const char* name;
  std::uint64_t epoch;    // of the checkpoint
  bool true_root;         // of what was kept
  std::size_t held;       // size of the earlier checkpoint
  bool same;              // it is a beginning of this log
  const char* field;      // of the problem, or null
  const char* held_says;  // in the report
};

TEST(Audit, LossesAndEarlierCheckpoints) {
  const LossCase cases[] = {
      {"kept", 1, true, 5, true, nullptr, "is a beginning"},
      {"lost, and accepted", 1, true, 20, false, nullptr, "a quorum has accepted"},
      {"another history within what was kept", 1, true, 5, false, "history", ""},
      {"another kept root", 1, false, 5, true, "kept root", ""},
      {"an epoch that nobody began", 2, true, 5, true, "checkpoint", ""},
      {"an epoch that is over", 0, true, 5, true, "checkpoint", ""},
  };
  for (const LossCase& test : cases) {
    Book book;
    book.lose(book.lines.size(), test.true_root);
    core::Checkpoint held = book.beginning(std::min(test.held, book.lines.size()));
    held.size.value = test.held;
    if (!test.same) held.root.bytes[0] ^= 1;
    const support::TemporaryFolder folder;
    book.write(folder / "export", test.epoch);
    const auto report =
        audit(folder / "export", book.anchor(), Depth::replay, [](std::uint64_t, std::uint64_t) {}, book.note_of(held));
    ASSERT_TRUE(report) << test.name << ": " << report.error().message;
    EXPECT_EQ(report->problem.has_value(), test.field != nullptr) << test.name;
    if (report->problem && test.field != nullptr) {
      EXPECT_EQ(report->problem->field, test.field) << test.name;
    }
    EXPECT_NE(report->held.find(test.held_says), std::string::npos) << test.name << ": " << report->held;
  }
}

// Without a loss, a log that is shorter than one that was seen was set back.
TEST(Audit, ALogThatWasSetBackIsSeen) {
  const Book book;
  core::Checkpoint later = book.beginning(book.lines.size());
  later.size.value += 3;
  const support::TemporaryFolder folder;
  book.write(folder / "export");
  const auto report =
      audit(folder / "export", book.anchor(), Depth::verify, [](std::uint64_t, std::uint64_t) {}, book.note_of(later));
  ASSERT_TRUE(report && report->problem);
  EXPECT_EQ(report->problem->field, "history");
}

TEST(Audit, AnHonestLogHolds) {
  const Book book;
  const Report report = checked(book, Depth::replay);
  ASSERT_FALSE(report.problem) << report.problem->text;
  EXPECT_EQ(report.entries, book.lines.size());
  EXPECT_EQ(report.decisions, book.lines.size());
  EXPECT_EQ(report.refused, 1U);
  EXPECT_EQ(report.types.at(core::StatementType::envelope).accepted, 1U);
}

struct Lie {
  const char* name;
  std::function<std::size_t(Book&)> tell;  // gives the entry that must be named
  const char* field;
  bool seen_by_verify;
};

const Lie kLies[] = {
    {"a refusal turned into nothing said",
     [](Book& b) {
       b.lines[b.refused].entry.decision.reason = core::Reason::not_covered;
       return b.refused;
     },
     "reason", false},
    {"a refused message let through",
     [](Book& b) {
       b.lines[b.refused].entry.decision = b.lines[b.accepted].entry.decision;
       return b.refused;
     },
     "verdict", false},
    {"an accepted one refused",
     [](Book& b) {
       b.lines[b.accepted].entry.decision = b.lines[b.refused].entry.decision;
       return b.accepted;
     },
     "verdict", false},
    {"another rule",
     [](Book& b) {
       b.lines[b.refused].entry.decision.rule = 7;
       return b.refused;
     },
     "rule", false},
    {"effects cut",
     [](Book& b) {
       b.lines[b.accepted].entry.effects_chain = {};
       return b.accepted;
     },
     "effects chain", false},
    {"keys hidden",
     [](Book& b) {
       b.lines[b.accepted].entry.keys_previous = {};
       return b.accepted;
     },
     "keys_previous", false},
    {"an enrolment said to be refused",
     [](Book& b) {
       b.lines[1].entry.decision.verdict = core::Verdict::refused;
       b.lines[1].entry.decision.reason = core::Reason::below_threshold;
       return std::size_t{1};
     },
     "verdict", true},
    {"a signature taken away",
     [](Book& b) {
       Line& line = b.lines[1];
       auto blocks = core::decode_blocks(line.beside.blocks);
       blocks->erase(blocks->begin());
       line.beside.blocks = core::encode_blocks(*blocks);
       return std::size_t{1};
     },
     "signatures", true},
    {"another body",
     [](Book& b) {
       b.lines[b.accepted].beside.body = b.lines[b.refused].beside.body;
       return b.accepted;
     },
     "statement", true},
    {"the policy exchanged",
     [](Book& b) {
       b.lines[3].beside.policy = wire::encode_policy(core::Policy{});
       return std::size_t{3};
     },
     "statement", true},
    {"another submitter",
     [](Book& b) {
       b.lines[b.accepted].entry.submitter = b.lines[5].entry.submitter;
       return b.accepted;
     },
     "submitter", true},
    {"two entries swapped",
     [](Book& b) {
       std::swap(b.lines[4], b.lines[5]);
       return std::size_t{4};
     },
     "entry", true},
    {"an entry taken out",
     [](Book& b) {
       b.lines.erase(b.lines.begin() + 2);
       return std::size_t{2};
     },
     "entry", true},
    {"an entry twice",
     [](Book& b) {
       b.lines.push_back(b.lines.back());
       b.lines.back().entry.sequence.value = b.lines.size() - 1;
       return b.lines.size() - 1;
     },
     "decision", true},
};

TEST(Audit, NamesEachLieAndItsEntryThoughTheTreeIsSignedAgain) {
  for (const Lie& lie : kLies) {
    Book book;
    const std::size_t entry = lie.tell(book);
    const Report report = checked(book, Depth::replay);
    ASSERT_TRUE(report.problem) << lie.name;
    EXPECT_EQ(report.problem->entry, base::Sequence{entry}) << lie.name << ": " << report.problem->text;
    EXPECT_EQ(report.problem->field, lie.field) << lie.name << ": " << report.problem->text;
  }
}

TEST(Audit, VerifySeesWhatNeedsNoReplay) {
  for (const Lie& lie : kLies) {
    Book book;
    const std::size_t entry = lie.tell(book);
    const Report report = checked(book, Depth::verify);
    EXPECT_EQ(report.problem.has_value(), lie.seen_by_verify) << lie.name;
    if (lie.seen_by_verify && report.problem) {
      EXPECT_EQ(report.problem->entry, base::Sequence{entry}) << lie.name;
    }
  }
}

// Changes to the files of an honest export, by somebody who has no key of the log.
struct Tampering {
  const char* name;
  std::function<void(const std::filesystem::path&)> tamper;
  std::optional<std::uint64_t> entry;  // the first that must be named
  const char* field;
};

using support::read_file;
using support::write_file;

void cut_file(const std::filesystem::path& file, std::size_t from, std::size_t count) {
  base::Bytes content = read_file(file);
  const auto at = content.begin() + static_cast<std::ptrdiff_t>(from);
  content.erase(at, at + static_cast<std::ptrdiff_t>(count));
  write_file(file, content);
}

void flip_byte(const std::filesystem::path& file, std::size_t at) {
  base::Bytes content = read_file(file);
  content[at] ^= 1;
  write_file(file, content);
}

void exchange(const std::filesystem::path& file, std::size_t first, std::size_t second, std::size_t count) {
  base::Bytes content = read_file(file);
  std::swap_ranges(content.begin() + static_cast<std::ptrdiff_t>(first),
                   content.begin() + static_cast<std::ptrdiff_t>(first + count),
                   content.begin() + static_cast<std::ptrdiff_t>(second));
  write_file(file, content);
}

std::size_t entry_at(const std::filesystem::path& file, std::size_t number) {
  const base::Bytes content = read_file(file);
  std::size_t at = 0;
  for (std::size_t i = 0; i < number; ++i) at += 2 + static_cast<std::size_t>(content[at] << 8U) + content[at + 1];
  return at;
}

const std::string kEntries = "tile/entries/000.p/8";
const std::string kBeside = "beside/000.p/8";
const std::string kLeaves = "tile/0/000.p/8";

const Tampering kTamperings[] = {
    {"a bit of an entry", [](const auto& f) { flip_byte(f / kEntries, entry_at(f / kEntries, 3) + 20); }, 3, "entry"},
    {"an entry cut out of its file",
     [](const auto& f) {
       const std::size_t at = entry_at(f / kEntries, 2);
       cut_file(f / kEntries, at, entry_at(f / kEntries, 3) - at);
     },
     2, "entry"},
    {"the last entry cut off",
     [](const auto& f) {
       const std::size_t at = entry_at(f / kEntries, 7);
       cut_file(f / kEntries, at, read_file(f / kEntries).size() - at);
     },
     7, "file"},
    {"the last byte cut off", [](const auto& f) { cut_file(f / kEntries, read_file(f / kEntries).size() - 1, 1); }, 7,
     "file"},
    {"an entry that says it is huge",
     [](const auto& f) {
       base::Bytes content = read_file(f / kEntries);
       content[entry_at(f / kEntries, 4)] = 0xFF;
       write_file(f / kEntries, content);
     },
     4, "file"},
    {"a body that says it is huge",
     [](const auto& f) {
       base::Bytes content = read_file(f / kBeside);
       content[0] = 0xFF;
       write_file(f / kBeside, content);
     },
     0, "file"},
    {"a byte of a body", [](const auto& f) { flip_byte(f / kBeside, 60); }, 0, "statement"},
    {"entries gone", [](const auto& f) { std::filesystem::remove(f / kEntries); }, 0, "file"},
    {"what lies beside them gone", [](const auto& f) { std::filesystem::remove(f / kBeside); }, 0, "file"},
    {"leaf hashes gone", [](const auto& f) { std::filesystem::remove(f / kLeaves); }, 0, "file"},
    {"a folder in the place of a file",
     [](const auto& f) {
       std::filesystem::remove(f / kLeaves);
       std::filesystem::create_directory(f / kLeaves);
     },
     0, "file"},
    {"a link that leads nowhere",
     [](const auto& f) {
       std::filesystem::remove(f / kEntries);
       std::filesystem::create_symlink("nowhere", f / kEntries);
     },
     0, "file"},
    {"a link to an endless file",
     [](const auto& f) {
       std::filesystem::remove(f / kEntries);
       std::filesystem::create_symlink("/dev/zero", f / kEntries);
     },
     0, "file"},
    {"a file of a terabyte",
     [](const auto& f) { std::filesystem::resize_file(f / kEntries, std::uintmax_t{1} << 40U); }, 0, "file"},
    {"a leaf hash", [](const auto& f) { flip_byte(f / kLeaves, 32 * 6); }, 6, "tile"},
    {"two leaf hashes swapped", [](const auto& f) { exchange(f / kLeaves, 32, 64, 32); }, 1, "tile"},
    {"bytes behind the end",
     [](const auto& f) {
       base::Bytes content = read_file(f / kBeside);
       content.push_back(0);
       write_file(f / kBeside, content);
     },
     std::nullopt, "file"},
    {"the note", [](const auto& f) { flip_byte(f / "checkpoint", 5); }, std::nullopt, "checkpoint"},
};

TEST(Audit, NamesEachTamperingWithAnExport) {
  const Book book;
  ASSERT_EQ(book.lines.size(), 8U) << "the names of the files above say so";
  for (const Tampering& tampering : kTamperings) {
    const support::TemporaryFolder folder;
    const std::string path = folder / "export";
    book.write(path);
    tampering.tamper(path);
    const auto report = audit(path, book.anchor(), Depth::verify, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(report) << tampering.name << ": " << report.error().message;
    ASSERT_TRUE(report->problem) << tampering.name;
    EXPECT_EQ(report->problem->field, tampering.field) << tampering.name << ": " << report->problem->text;
    const auto named =
        report->problem->entry ? std::optional(report->problem->entry->value) : std::optional<std::uint64_t>();
    EXPECT_EQ(named, tampering.entry) << tampering.name << ": " << report->problem->text;
  }
}

// Who changes an entry and makes all tiles again cannot sign the root; the entry itself is still found.
TEST(Audit, NamesTheEntryThoughTheTilesWereMadeAgain) {
  const support::TemporaryFolder folder;
  Book book;
  book.write(folder / "honest");
  book.lines[book.refused].entry.decision = book.lines[book.accepted].entry.decision;
  book.write(folder / "export");
  std::filesystem::copy_file((folder / "honest") / "checkpoint", (folder / "export") / "checkpoint",
                             std::filesystem::copy_options::overwrite_existing);
  const auto quiet = [](std::uint64_t, std::uint64_t) {};
  const auto replayed = audit(folder / "export", book.anchor(), Depth::replay, quiet);
  ASSERT_TRUE(replayed && replayed->problem);
  EXPECT_EQ(replayed->problem->entry, base::Sequence{book.refused}) << replayed->problem->text;
  EXPECT_NE(replayed->problem->text.find("the checkpoint says"), std::string::npos);
  const auto verified = audit(folder / "export", book.anchor(), Depth::verify, quiet);
  ASSERT_TRUE(verified && verified->problem);
  EXPECT_EQ(verified->problem->field, "root") << "without replay only the root shows it";
}

TEST(Audit, AnotherNetworkAndAnotherKeyAreNamed) {
  const Book book;
  const support::TemporaryFolder folder;
  const std::string path = folder / "export";
  book.write(path);
  const auto quiet = [](std::uint64_t, std::uint64_t) {};
  Anchor other_key = book.anchor();
  other_key.log_key = book.network.administrators()[0].signing.public_key();
  const auto key_report = audit(path, other_key, Depth::verify, quiet);
  ASSERT_TRUE(key_report && key_report->problem);
  EXPECT_EQ(key_report->problem->field, "checkpoint");
  Anchor other_network = book.anchor();
  other_network.network.bytes[0] ^= 1;
  const auto network_report = audit(path, other_network, Depth::verify, quiet);
  ASSERT_TRUE(network_report && network_report->problem);
  EXPECT_EQ(network_report->problem->field, "checkpoint");
}

TEST(Show, OneEntryAndNoneThatWasChanged) {
  const Book book;
  const auto shown_after = [&](const std::function<void(const std::filesystem::path&)>& tamper, std::uint64_t entry) {
    const support::TemporaryFolder folder;
    const std::string path = folder / "export";
    book.write(path);
    tamper(path);
    Shown shown;
    return show(path, book.anchor(), base::Sequence{entry}, shown);
  };
  const auto leave = [](const std::filesystem::path&) {};
  EXPECT_TRUE(shown_after(leave, book.accepted));
  EXPECT_EQ(shown_after(leave, 8).error().kind, base::ErrorKind::not_found);
  const auto entry = [](const auto& f) { flip_byte(f / kEntries, entry_at(f / kEntries, 3) + 20); };
  EXPECT_EQ(shown_after(entry, 3).error().kind, base::ErrorKind::bad_signature);
  EXPECT_TRUE(shown_after(entry, 2)) << "another one is still what it was";
  const auto tiles = [&](const auto& f) {
    entry(f);
    write_file(f / kLeaves, base::Bytes(8 * 32));
  };
  EXPECT_EQ(shown_after(tiles, 3).error().kind, base::ErrorKind::bad_signature);
  const auto beside = [](const auto& f) { flip_byte(f / kBeside, read_file(f / kBeside).size() - 20); };
  EXPECT_EQ(shown_after(beside, 7).error().kind, base::ErrorKind::bad_signature);
  const auto gone = [](const auto& f) { std::filesystem::remove(f / kBeside); };
  EXPECT_EQ(shown_after(gone, 0).error().kind, base::ErrorKind::damaged);
}

TEST(Show, SaysInSentencesWhatWasDecided) {
  const Book book;
  const support::TemporaryFolder folder;
  const std::string path = folder / "export";
  book.write(path);
  const auto text_of = [&](std::uint64_t entry) {
    Shown shown;
    EXPECT_TRUE(show(path, book.anchor(), base::Sequence{entry}, shown));
    return shown.text;
  };
  EXPECT_NE(text_of(book.accepted).find("It was accepted."), std::string::npos);
  EXPECT_NE(text_of(book.refused).find("What would have been needed: "), std::string::npos);
}

TEST(Audit, AFolderThatIsNoExportIsAnError) {
  const support::TemporaryFolder folder;
  const auto report = audit(folder.path(), Anchor{}, Depth::verify, [](std::uint64_t, std::uint64_t) {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace besa::auditor
