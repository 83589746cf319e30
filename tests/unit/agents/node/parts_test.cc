// Keys, prekeys, records, configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agents/node/config.h"
#include "agents/node/keys.h"
#include "agents/node/prekeys.h"
#include "agents/node/records.h"
#include "agents/node/store.h"
#include "tests/support/network.h"
#include "tests/support/temporary_folder.h"
#include "wire/statement.h"
#include "wire/statement_file.h"

namespace besa::node {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(NodeKeysTest, MadeOnceLoadedAndPrivate) {
  const support::TemporaryFolder folder;
  const std::string keys = folder / "keys";
  ASSERT_TRUE(make_keys(keys, {}).has_value());
  EXPECT_EQ(make_keys(keys, {}).error().kind, base::ErrorKind::already_exists);
  const auto loaded = load_keys(keys);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_FALSE(loaded->member.is_none());
  for (const char* name : {"signing.key", "witness.key", "transport.key", "storage.key"}) {
    EXPECT_EQ(fs::status(fs::path(keys) / name).permissions(), fs::perms::owner_read | fs::perms::owner_write) << name;
  }
  fs::permissions(fs::path(keys) / "signing.key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(load_keys(keys).error().kind, base::ErrorKind::denied);
}

TEST(NodeKeysTest, PossessionIsAddedToTheRightEnrolmentOnly) {
  const support::TemporaryFolder folder;
  support::Network network;
  network.genesis();
  const std::string keys_folder = folder / "keys";
  ASSERT_TRUE(make_keys(keys_folder, {}).has_value());
  const auto keys = load_keys(keys_folder);
  ASSERT_TRUE(keys.has_value());
  core::Enrolment body;
  body.header.network = network.id();
  body.header.valid_until = base::Timestamp{1000};
  body.member = keys->member;
  body.organisation = keys->organisation;
  body.sector = core::Sector::shelter;
  body.country = ('A' << 8) | 'L';
  body.signing_key = keys->signing.public_key();
  body.witness_key = keys->witness.public_key();
  body.transport_key = keys->transport.public_key();
  body.from = base::Timestamp{1};
  body.until = base::Timestamp{2};
  const auto write = [&](const core::Enrolment& enrolment) {
    wire::StatementParts parts;
    parts.type = core::media_type(core::StatementType::enrolment);
    parts.body = wire::encode_enrolment(enrolment);
    const auto text = wire::encode_statement_file(parts);
    BESA_CHECK(text.has_value());
    support::write_file(folder / "enrol", base::as_bytes(*text));
  };
  write(body);
  ASSERT_TRUE(possess(*keys, folder / "enrol").has_value());
  const base::Bytes text = support::read_file(folder / "enrol");
  const auto parts = wire::decode_statement_file(base::as_text(text));
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(core::decode_blocks(parts->blocks)->size(), 2U);
  EXPECT_EQ(possess(*keys, folder / "enrol").error().kind, base::ErrorKind::already_exists);
  body.member.bytes[0] ^= 1;
  write(body);
  EXPECT_EQ(possess(*keys, folder / "enrol").error().kind, base::ErrorKind::malformed);
}

class PrekeyTest : public testing::Test {
 protected:
  PrekeyBox open() {
    auto box = PrekeyBox::open(folder_ / "prekeys", key_, self_);
    EXPECT_TRUE(box.has_value()) << box.error().message;
    return std::move(*box);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "prekeys"), fs::directory_iterator()));
  }
  support::TemporaryFolder folder_;
  crypto::StorageKey key_ = crypto::StorageKey::generate();
  base::MemberId self_{{1, 2, 3}};
};

TEST_F(PrekeyTest, OverlapAndSurviveARestart) {
  const base::Timestamp now{1'760'000'000'000};
  PrekeyBox box = open();
  const auto made = box.make(now, kPrekeysAhead);
  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->size(), 3U);
  EXPECT_LT((*made)[0].from, now);
  EXPECT_LT((*made)[1].from, (*made)[0].until);
  EXPECT_LT((*made)[2].from, (*made)[1].until);
  const PrekeyBox again = open();
  for (const core::Prekey& prekey : *made) {
    const crypto::BoxSecret* secret = again.find(core::prekey_id(self_, prekey.key));
    ASSERT_NE(secret, nullptr);
    EXPECT_EQ(secret->public_key(), prekey.key);
  }
}

TEST_F(PrekeyTest, AreReallyRemovedWhenNothingCanNeedThem) {
  const base::Timestamp now{1'760'000'000'000};
  PrekeyBox box = open();
  const auto made = box.make(now, 1);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(box.remove_old((*made)[0].until + kPrekeyKept).value(), 0U);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(box.remove_old((*made)[0].until + kPrekeyKept + base::Duration{1}).value(), 1U);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(box.find(core::prekey_id(self_, (*made)[0].key)), nullptr);
}

TEST_F(PrekeyTest, FilesAreEncryptedAndBoundToTheirName) {
  PrekeyBox box = open();
  const auto made = box.make(base::Timestamp{1'760'000'000'000}, 2);
  ASSERT_TRUE(made.has_value());
  std::vector<fs::path> paths;
  for (const auto& item : fs::directory_iterator(folder_ / "prekeys")) paths.push_back(item.path());
  const base::Bytes first = support::read_file(paths[0]);
  const crypto::BoxSecret* secret = box.find(core::prekey_id(self_, (*made)[0].key));
  EXPECT_EQ(std::search(first.begin(), first.end(), secret->view().begin(), secret->view().end()), first.end());
  fs::copy_file(paths[1], paths[0], fs::copy_options::overwrite_existing);
  EXPECT_EQ(PrekeyBox::open(folder_ / "prekeys", key_, self_).error().kind, base::ErrorKind::damaged);
}

// Between zeros and removal.
TEST_F(PrekeyTest, ADeathWhileOneIsRemovedLeavesABoxThatOpens) {
  PrekeyBox box = open();
  const auto made = box.make(base::Timestamp{1'760'000'000'000}, 2);
  ASSERT_TRUE(made.has_value());
  const fs::path path = folder_ / "prekeys" / base::to_hex(core::prekey_id(self_, (*made)[0].key).view());
  const std::string zeros(fs::file_size(path), '\0');
  std::ofstream(path, std::ios::binary) << zeros;
  EXPECT_EQ(open().size(), 1U);
  EXPECT_EQ(files(), 1U);
}

// While a new file has its own name and its unfinished one: both are the same file, of a key that nobody was given.
TEST_F(PrekeyTest, ADeathBetweenTheNamesOfANewOneLeavesABoxThatOpens) {
  PrekeyBox box = open();
  const auto made = box.make(base::Timestamp{1'760'000'000'000}, 4);
  ASSERT_TRUE(made.has_value());
  for (const core::Prekey& prekey : *made) {
    const std::string path = folder_ / "prekeys" / base::to_hex(core::prekey_id(self_, prekey.key).view());
    fs::create_hard_link(path, path + ".new-abcdef");
  }
  EXPECT_EQ(open().size(), 0U);
  EXPECT_EQ(files(), 0U);
}

TEST(StoreTest, ValuesAreEncryptedAndBoundToTheirPlace) {
  const support::TemporaryFolder folder;
  auto key = crypto::StorageKey::from_bytes(base::Bytes(32, 9));
  auto store = Store::open(folder / "store", std::move(*key));
  ASSERT_TRUE(store.has_value()) << store.error().message;
  Store::Batch batch;
  batch.put(Box::inbox, number_key(7), base::as_bytes("a name that must not be seen"));
  batch.put(Box::drafts, number_key(7), base::as_bytes("other"));
  ASSERT_TRUE((*store)->commit(batch).has_value());
  EXPECT_EQ(base::as_text(**(*store)->get(Box::inbox, number_key(7))), "a name that must not be seen");
  EXPECT_EQ((*store)->last_number(Box::inbox).value(), 7U);
  store->reset();
  for (const auto& item : fs::recursive_directory_iterator(folder.path())) {
    if (!item.is_regular_file()) continue;
    const base::Bytes bytes = support::read_file(item.path());
    EXPECT_EQ(base::as_text(bytes).find("must not be seen"), std::string_view::npos);
  }
  auto other = crypto::StorageKey::from_bytes(base::Bytes(32, 8));
  auto wrong = Store::open(folder / "store", std::move(*other));
  ASSERT_TRUE(wrong.has_value());
  EXPECT_EQ((*wrong)->get(Box::inbox, number_key(7)).error().kind, base::ErrorKind::damaged);
}

TEST(RecordsTest, DraftComesBack) {
  Draft draft;
  draft.number = 5;
  draft.type = core::StatementType::envelope;
  draft.kind = core::Kind::referral;
  draft.sections.push_back({core::Category::health,
                            core::Basis::consent,
                            core::Grant::now,
                            {core::Handling::no_onward},
                            "{\"a\":\"ä\"}",
                            "rule"});
  draft.references.push_back({core::ReferenceType::court_order, {}, "text"});
  draft.messages.push_back({{{1}}, {2}, {{3}}});
  draft.counter.value = UINT64_MAX;
  draft.rule_id = "x";
  const auto again = decode_draft(encode_draft(draft));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(encode_draft(*again), encode_draft(draft));
  EXPECT_EQ(again->sections[0].content, draft.sections[0].content);
  EXPECT_EQ(again->counter, draft.counter);
  EXPECT_EQ(decode_draft(base::as_bytes("{}")).error().kind, base::ErrorKind::damaged);
}

TEST(ConfigTest, UnknownKeyNamesLineAndNearest) {
  const support::TemporaryFolder folder;
  support::write_file(folder / "node.toml", base::as_bytes("sate = \"x\"\n"));
  const auto config = load_config(folder / "node.toml");
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().kind, base::ErrorKind::configuration);
  EXPECT_THAT(config.error().message, HasSubstr("did you mean 'state'"));
}

TEST(ConfigTest, PathsCountFromTheFile) {
  const support::TemporaryFolder folder;
  const std::string hex(64, 'a');
  const std::string text = "state = \"state\"\nkeys = \"/k\"\nsocket = \"n.sock\"\nnetwork = \"" + hex +
                           "\"\n[broker]\nendpoint = \"tcp://127.0.0.1:7700\"\ntransport_key = \"" + hex +
                           "\"\n[peer.shelter]\nmember = \"" + hex.substr(0, 32) + "\"\n";
  support::write_file(folder / "node.toml", base::as_bytes(text));
  const auto config = load_config(folder / "node.toml");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->state, (folder / "state").string());
  EXPECT_EQ(config->keys, "/k");
  EXPECT_TRUE(config->peers.find("shelter").has_value());
}

}  // namespace
}  // namespace besa::node
