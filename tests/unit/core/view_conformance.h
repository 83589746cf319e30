// What every implementation of a view must do. A suite of typed tests; an implementation instantiates it with a world
// that holds one fresh, empty view:
//
//   struct MemoryWorld { MutableView& view(); };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ViewConformance, MemoryWorld);
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/records.h"
#include "core/view.h"

namespace besa::core {

template <class World>
class ViewConformance : public testing::Test {
 protected:
  MutableView& view() { return world_.view(); }

  void put(Table table, Bytes key, Bytes value) { apply({{table, std::move(key), std::move(value)}}); }
  void apply(std::vector<Change> changes) { ASSERT_TRUE(this->view().apply(changes).has_value()); }

  std::optional<Bytes> get(Table table, const Bytes& key) {
    const auto row = view().get(table, key);
    EXPECT_TRUE(row.has_value());
    return row.value_or(std::nullopt);
  }
  std::vector<Bytes> keys(Table table, const Bytes& prefix, const Bytes& from, std::size_t limit) {
    const auto rows = view().scan(table, prefix, from, limit);
    EXPECT_TRUE(rows.has_value());
    std::vector<Bytes> out;
    for (const ViewRow& row : rows.value_or(std::vector<ViewRow>{})) out.push_back(row.key);
    return out;
  }

 private:
  World world_;
};
TYPED_TEST_SUITE_P(ViewConformance);

TYPED_TEST_P(ViewConformance, AbsentRowIsNoError) {
  EXPECT_EQ(this->get(Table::member, {1}), std::nullopt);
  EXPECT_TRUE(this->keys(Table::member, {}, {}, 10).empty());
}

TYPED_TEST_P(ViewConformance, GivesBackWhatWasPut) {
  this->put(Table::member, {1, 2}, {3, 4});
  EXPECT_EQ(this->get(Table::member, {1, 2}), (Bytes{3, 4}));
}

TYPED_TEST_P(ViewConformance, KeysAreWholeKeys) {
  this->put(Table::member, {1, 2}, {3});
  EXPECT_EQ(this->get(Table::member, {1}), std::nullopt);
  EXPECT_EQ(this->get(Table::member, {1, 2, 0}), std::nullopt);
}

TYPED_TEST_P(ViewConformance, TablesAreSeparate) {
  for (const Table table : all_tables()) this->put(table, {7}, {static_cast<std::uint8_t>(table)});
  for (const Table table : all_tables()) {
    EXPECT_EQ(this->get(table, {7}), Bytes{static_cast<std::uint8_t>(table)}) << name_of(table);
    EXPECT_EQ(this->keys(table, {}, {}, 10).size(), 1U) << name_of(table);
  }
}

TYPED_TEST_P(ViewConformance, PutReplaces) {
  this->put(Table::thread, {1}, {2});
  this->put(Table::thread, {1}, {3, 3, 3});
  EXPECT_EQ(this->get(Table::thread, {1}), (Bytes{3, 3, 3}));
}

TYPED_TEST_P(ViewConformance, DeleteRemovesAndMayFindNothing) {
  this->put(Table::thread, {1}, {2});
  this->apply({{Table::thread, {1}, std::nullopt}, {Table::thread, {9}, std::nullopt}});
  EXPECT_EQ(this->get(Table::thread, {1}), std::nullopt);
  EXPECT_TRUE(this->keys(Table::thread, {}, {}, 10).empty());
}

TYPED_TEST_P(ViewConformance, LaterChangeOfOneBatchWins) {
  this->apply({{Table::due, {1}, Bytes{1}},
               {Table::due, {1}, std::nullopt},
               {Table::due, {2}, std::nullopt},
               {Table::due, {2}, Bytes{2}}});
  EXPECT_EQ(this->get(Table::due, {1}), std::nullopt);
  EXPECT_EQ(this->get(Table::due, {2}), Bytes{2});
}

TYPED_TEST_P(ViewConformance, HoldsTheLargestKeyAndAPolicy) {
  const Bytes key(64, 0xAB);
  const Bytes value(300 * 1024, 0x5A);
  this->put(Table::policy, key, value);
  EXPECT_EQ(this->get(Table::policy, key), value);
}

TYPED_TEST_P(ViewConformance, ScansInByteOrder) {
  for (const Bytes& key : {Bytes{0x80}, Bytes{0x7F, 0xFF}, Bytes{0x7F}, Bytes{0xFF}, Bytes{0x00}}) {
    this->put(Table::queue, key, {1});
  }
  EXPECT_EQ(this->keys(Table::queue, {}, {}, 10), (std::vector<Bytes>{{0x00}, {0x7F}, {0x7F, 0xFF}, {0x80}, {0xFF}}));
}

TYPED_TEST_P(ViewConformance, ScanStaysWithinThePrefix) {
  for (const Bytes& key : {Bytes{1, 0xFF}, Bytes{2}, Bytes{2, 0}, Bytes{2, 0xFF, 0xFF}, Bytes{3}}) {
    this->put(Table::queue, key, {1});
  }
  EXPECT_EQ(this->keys(Table::queue, {2}, {}, 10), (std::vector<Bytes>{{2}, {2, 0}, {2, 0xFF, 0xFF}}));
}

TYPED_TEST_P(ViewConformance, ScanBeginsAtFrom) {
  for (std::uint8_t i = 0; i < 6; ++i) this->put(Table::queue, {2, i}, {i});
  EXPECT_EQ(this->keys(Table::queue, {2}, {2, 4}, 10), (std::vector<Bytes>{{2, 4}, {2, 5}}));
  EXPECT_EQ(this->keys(Table::queue, {2}, {2, 3, 0}, 1), (std::vector<Bytes>{{2, 4}}));
  EXPECT_EQ(this->keys(Table::queue, {2}, {1}, 1), (std::vector<Bytes>{{2, 0}}));
  EXPECT_TRUE(this->keys(Table::queue, {2}, {3}, 10).empty());
}

TYPED_TEST_P(ViewConformance, ScanStopsAtTheLimit) {
  for (std::uint8_t i = 0; i < 6; ++i) this->put(Table::queue, {2, i}, {i});
  EXPECT_EQ(this->keys(Table::queue, {}, {}, 2), (std::vector<Bytes>{{2, 0}, {2, 1}}));
  EXPECT_TRUE(this->keys(Table::queue, {}, {}, 0).empty());
}

TYPED_TEST_P(ViewConformance, ScanUnderTheHighestPrefix) {
  this->put(Table::queue, {0xFF, 0xFF}, {1});
  EXPECT_EQ(this->keys(Table::queue, {0xFF, 0xFF}, {}, 10), (std::vector<Bytes>{{0xFF, 0xFF}}));
}

// Random batches against a std::map: every row, every scan, and the dump.
TYPED_TEST_P(ViewConformance, BehavesLikeASortedMap) {
  std::mt19937 random(20240501);
  const auto pick = [&](unsigned below) { return static_cast<std::uint8_t>(random() % below); };
  std::map<Bytes, Bytes> model;
  MemoryView reference;
  for (int round = 0; round < 60; ++round) {
    std::vector<Change> batch;
    for (int i = 0; i < 10; ++i) {
      Bytes key = {pick(3), pick(4)};
      if (pick(2) == 0) key.push_back(pick(3));
      if (pick(3) == 0) {
        model.erase(key);
        batch.push_back({Table::message, key, std::nullopt});
      } else {
        const Bytes value = {pick(255), pick(255)};
        model[key] = value;
        batch.push_back({Table::message, key, value});
      }
    }
    this->apply(batch);
    ASSERT_TRUE(reference.apply(batch).has_value());
    const Bytes prefix = {pick(4)};
    std::vector<Bytes> expected;
    for (const auto& [key, value] : model) {
      if (key[0] == prefix[0]) expected.push_back(key);
      EXPECT_EQ(this->get(Table::message, key), value);
    }
    EXPECT_EQ(this->keys(Table::message, prefix, {}, 100), expected);
  }
  EXPECT_EQ(dump(this->view()).value(), dump(reference).value());
}

// A view may keep the policy decoded: never longer than the row is the same.
TYPED_TEST_P(ViewConformance, ThePolicyIsThatOfItsRow) {
  EXPECT_EQ(read_policy(this->view()).value(), nullptr);
  for (const std::uint32_t days : {1U, 2U}) {
    PolicyRecord record;
    record.policy.retention_days = days;
    Overlay overlay(this->view());
    write_policy(overlay, record);
    EXPECT_EQ((*read_policy(overlay))->policy.retention_days, days) << "also in what is put on top";
    this->apply(overlay.changes());
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ((*read_policy(this->view()))->policy.retention_days, days);
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(ViewConformance, ThePolicyIsThatOfItsRow, AbsentRowIsNoError, GivesBackWhatWasPut,
                            KeysAreWholeKeys, TablesAreSeparate, PutReplaces, DeleteRemovesAndMayFindNothing,
                            LaterChangeOfOneBatchWins, HoldsTheLargestKeyAndAPolicy, ScansInByteOrder,
                            ScanStaysWithinThePrefix, ScanBeginsAtFrom, ScanStopsAtTheLimit, ScanUnderTheHighestPrefix,
                            BehavesLikeASortedMap);

}  // namespace besa::core
