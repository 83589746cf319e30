#include "core/view.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/core/view_conformance.h"

namespace besa::core {
namespace {

struct MemoryWorld {
  MutableView& view() { return memory; }
  MemoryView memory;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ViewConformance, MemoryWorld);

using Model = std::map<Bytes, Bytes>;

// Writes of a random walk go to an overlay and to a model of what it should show.
class OverlayWalk {
 public:
  explicit OverlayWalk(unsigned seed) : random_(seed) {
    for (int i = 0; i < 30; ++i) below_model_[key()] = value();
    std::vector<Change> changes;
    for (const auto& [k, v] : below_model_) changes.push_back({Table::queue, k, v});
    EXPECT_TRUE(below.apply(changes).has_value());
    model = below_model_;
  }

  void step() {
    const Bytes k = key();
    if (random_() % 3 == 0) {
      overlay.erase(Table::queue, k);
      model.erase(k);
    } else {
      const Bytes v = value();
      overlay.put(Table::queue, k, v);
      model[k] = v;
    }
  }

  void discard() {
    overlay.discard();
    model = below_model_;
  }

  Bytes key() {
    Bytes out = {byte(3), byte(5)};
    if (random_() % 2 == 0) out.push_back(byte(3));
    return out;
  }
  std::size_t number(std::size_t below_this) { return random_() % below_this; }

  MemoryView below;
  Overlay overlay{below};
  Model model;

 private:
  std::uint8_t byte(unsigned below_this) { return static_cast<std::uint8_t>(random_() % below_this); }
  Bytes value() { return {byte(200), byte(200)}; }

  std::mt19937 random_;
  Model below_model_;
};

std::vector<ViewRow> expected_rows(const Model& model, const Bytes& prefix, const Bytes& from, std::size_t limit) {
  std::vector<ViewRow> out;
  for (const auto& [key, value] : model) {
    const bool within = key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
    if (within && key >= from && out.size() < limit) out.push_back({key, value});
  }
  return out;
}

class Overlays : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Overlays, testing::Range(1U, 9U));

TEST_P(Overlays, ShowTheirChangesOverWhatLiesBelow) {
  OverlayWalk walk(GetParam());
  for (int i = 0; i < 200; ++i) {
    walk.step();
    const Bytes key = walk.key();
    const auto found = walk.model.find(key);
    const auto expected = found == walk.model.end() ? std::nullopt : std::optional<Bytes>(found->second);
    EXPECT_EQ(walk.overlay.get(Table::queue, key).value(), expected);
  }
}

TEST_P(Overlays, ScanLikeOneSortedMap) {
  OverlayWalk walk(GetParam() + 100);
  for (int i = 0; i < 200; ++i) {
    walk.step();
    Bytes prefix = walk.key();
    prefix.resize(walk.number(3));
    const Bytes from = walk.number(2) == 0 ? Bytes{} : walk.key();
    const std::size_t limit = walk.number(20);
    EXPECT_EQ(walk.overlay.scan(Table::queue, prefix, from, limit).value(),
              expected_rows(walk.model, prefix, from, limit));
  }
}

TEST_P(Overlays, AppliedBelowGiveTheSameView) {
  OverlayWalk walk(GetParam() + 200);
  for (int i = 0; i < 60; ++i) walk.step();
  const std::string above = dump(walk.overlay).value();
  ASSERT_TRUE(walk.below.apply(walk.overlay.changes()).has_value());
  EXPECT_EQ(dump(walk.below).value(), above);
}

TEST_P(Overlays, DiscardedLeaveNothing) {
  OverlayWalk walk(GetParam() + 300);
  const std::string before = dump(walk.below).value();
  for (int i = 0; i < 20; ++i) walk.step();
  walk.discard();
  EXPECT_EQ(dump(walk.overlay).value(), before);
  EXPECT_TRUE(walk.overlay.changes().empty());
}

TEST(Overlay, NamesItsChangesInOrderOfTableAndKey) {
  const MemoryView below;
  Overlay overlay(below);
  overlay.put(Table::consent, {2}, {1});
  overlay.erase(Table::head, {9});
  overlay.put(Table::head, {1}, {1});
  EXPECT_EQ(overlay.changes(),
            (std::vector<Change>{
                {Table::head, {1}, Bytes{1}}, {Table::head, {9}, std::nullopt}, {Table::consent, {2}, Bytes{1}}}));
}

TEST(Overlay, StandsOnAnOverlay) {
  MemoryView below;
  ASSERT_TRUE(below.apply(std::vector<Change>{{Table::due, {1}, Bytes{1}}, {Table::due, {2}, Bytes{2}}}).has_value());
  Overlay first(below);
  first.erase(Table::due, {1});
  Overlay second(first);
  second.put(Table::due, {3}, {3});
  const auto rows = second.scan(Table::due, {}, {}, 10).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].key, Bytes{2});
  EXPECT_EQ(rows[1].key, Bytes{3});
}

TEST(Dump, NamesTableKeyAndValueInHex) {
  MemoryView view;
  ASSERT_TRUE(
      view.apply(std::vector<Change>{{Table::consent, {0xAB}, Bytes{1, 2}}, {Table::head, {0}, Bytes{}}}).has_value());
  EXPECT_EQ(dump(view).value(), "head 00 \nconsent ab 0102\n");
}

TEST(Dump, GoesPastOneBatchOfRows) {
  MemoryView view;
  std::vector<Change> changes;
  for (int i = 0; i < 2500; ++i) {
    changes.push_back({Table::queue, {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, Bytes{1}});
  }
  ASSERT_TRUE(view.apply(changes).has_value());
  const std::string text = dump(view).value();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2500);
}

}  // namespace
}  // namespace besa::core
