// A journal in a folder of its own, with small segments, and invented entries.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/merkle.h"
#include "journal/journal.h"
#include "tests/support/temporary_folder.h"

namespace besa::journal {

inline Bytes bytes_of(std::string_view text) { return base::to_bytes(base::as_bytes(text)); }

inline Reference reference_to(std::uint8_t member, std::uint64_t counter) {
  Reference out;
  out.author.bytes.fill(member);
  out.counter = Counter{counter};
  out.id.bytes.fill(static_cast<std::uint8_t>(member + counter));
  return out;
}

inline Append entry_number(std::uint64_t number) {
  Append out;
  out.entry = bytes_of("entry " + std::to_string(number));
  out.beside = bytes_of("beside " + std::to_string(number));
  return out;
}

// A message of member 1 with one section of one chunk.
inline Append message_number(std::uint64_t number, std::string_view ciphertext) {
  Append out = entry_number(number);
  out.author = reference_to(1, number);
  out.ciphertext.push_back({0, 0, bytes_of(ciphertext)});
  return out;
}

class JournalTest : public testing::Test {
 protected:
  static constexpr std::size_t kSegmentBytes = 4096;

  // Opens, and recovers as the broker does: each entry is appended again with what was appended the first time.
  Status try_open() {
    journal_.reset();
    auto opened = Journal::open(folder_ / "journal", options_);
    if (!opened) return tl::unexpected(opened.error());
    journal_ = std::move(*opened);
    return recover();
  }
  Status recover() {
    if (journal_->recovered().empty()) return {};
    BESA_ASSIGN(auto batch, journal_->begin());
    for (const Recovered& recorded : journal_->recovered()) {
      const auto known = appended_.find(recorded.entry);
      Append append = known == appended_.end() ? Append{} : known->second;
      append.entry = recorded.entry;
      append.beside = recorded.beside;
      append.ciphertext.clear();
      BESA_TRY(batch.append(append));
    }
    return batch.commit();
  }
  void open() {
    const auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void close() { journal_.reset(); }

  Status commit(const std::vector<Append>& appends) {
    BESA_ASSIGN(auto batch, journal_->begin());
    for (const Append& append : appends) {
      appended_[append.entry] = append;
      BESA_TRY(batch.append(append));
    }
    return batch.commit();
  }
  Status commit_entries(std::uint64_t count) {
    const TreeSize size = snapshot().log().size().value();
    std::vector<Append> appends;
    for (std::uint64_t i = 0; i < count; ++i) appends.push_back(entry_number(size.value + i));
    return commit(appends);
  }
  Status purge(const Reference& message, std::uint16_t section) {
    BESA_ASSIGN(auto batch, journal_->begin());
    BESA_TRY(batch.purge(message, section));
    return batch.commit();
  }
  // What the housekeeper does: to the database, then purged bytes become zeros.
  Status settle() {
    BESA_TRY(journal_->settle());
    BESA_TRY(journal_->finish_purges());
    return {};
  }
  Snapshot snapshot() const { return std::move(journal_->snapshot()).value(); }
  std::uint64_t size() const { return snapshot().log().size().value().value; }

  std::filesystem::path segment(std::uint64_t number) const {
    const std::string digits = std::to_string(number);
    return folder_.path() / "journal" / "segments" / (std::string(10 - digits.size(), '0') + digits);
  }
  // Whether any file of the journal holds these bytes.
  bool on_disk(std::string_view wanted) const {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!file.is_regular_file()) continue;
      const Bytes content = support::read_file(file.path());
      if (base::as_text(content).find(wanted) != std::string_view::npos) return true;
    }
    return false;
  }

  support::TemporaryFolder folder_;
  Options options_{.segment_bytes = kSegmentBytes};
  std::map<Bytes, Append> appended_;  // by entry
  std::unique_ptr<Journal> journal_;
};

}  // namespace besa::journal
