#include "judge/numbers/packing.h"

#include <gmock/gmock.h>

#include <random>

#include "judge/numbers/bit_coder.h"
#include "judge/numbers/outline.h"
#include "judge/numbers/sketch_walk.h"

namespace davy::judge {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(BitCoder, ReadsWhatWasWrittenWhateverItWas) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < 500; ++i) numbers.push_back(static_cast<std::uint32_t>(random()) >> (random() % 33 % 32));
    numbers.push_back(0xffffffffu), numbers.push_back(0);
    std::ranges::fill_n(numbers.begin(), round * 5, round % 2 ? 0xffffffffu : 0u);  // carries, and what is nearly sure
    NumberModel put, got;
    BitWriter out;
    for (auto n : numbers) out.put(n, put);
    auto bytes = out.end();
    BitReader in(bytes);
    for (auto n : numbers) ASSERT_EQ(in.get(got), n);
    EXPECT_TRUE(in.at_the_end() && !in.behind_the_end());
    BitReader cut(std::string_view(bytes).substr(0, bytes.size() - 5));
    NumberModel again;
    for ([[maybe_unused]] auto n : numbers) (void)cut.get(again);
    EXPECT_TRUE(cut.behind_the_end());
  }
}

std::vector<Window> windows(std::size_t many, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Window> out;
  Time at(1'700'000'000s);
  for (std::size_t i = 0; i < many; ++i, at += 1s) {
    auto& w = out.emplace_back(Window{.from = at, .to = at + 1s});
    w.complete = random() % 9 != 0;
    if (!w.complete) w.gap = "the log lacks\nrequests";
    for (std::string release : {"shop@1", "shop@2", "critical\x1fshop@2"}) {
      if (random() % 5 == 0) continue;
      auto& tally = w.releases[release];
      for (unsigned n = random() % 60; n > 0; --n) {
        auto took = Duration(1'000'000 << (random() % 14)) + Duration(random() % 1'000'000);
        ++tally.requests, tally.latency.add(took);
        if (took > 1s) ++tally.aged_for(took).requests, tally.aged_for(took).latency.add(took);
        auto& part = tally.endpoints["/" + std::to_string(random() % 5)];
        ++part.requests, part.latency.add(took), part.errors += random() % 7 == 0;
      }
      tally.requests += random() % 3;             // those that the client left have a latency alone
      if (random() % 4 == 0) tally.requests = 0;  // fewer than latencies
      if (random() % 4 == 0) tally.endpoints["/odd"].latency.add(5ms);  // of which the whole knows nothing
    }
    w.numbers["load"][""] = static_cast<double>(random() % 1000) / 7;
    w.asked["shop@2"] = .5;
    w.shown["errors"][""]["E <n>"] = "E 5";
  }
  return out;
}

TEST(Packing, GivesBackExactlyWhatWasPacked) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    auto all = windows(seed * 4, seed);
    auto packed = pack(all);
    ASSERT_TRUE(packed);
    auto back = unpack(*packed);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, all);
  }
}

TEST(Packing, KeepsTheOutermostLatencies) {
  Window w{.from = Time(1s), .to = Time(2s)};
  auto& sketch = w.releases["a"].latency;
  sketch.add(Duration(0)), sketch.add(24h), sketch.add(1ms, 4'000'000'000u);
  EXPECT_EQ(*unpack(*pack(std::vector{w})), std::vector{w});
}

TEST(Packing, IsSmallerThanTheWindowsOneByOne) {
  std::mt19937 random(2);
  std::lognormal_distribution<> latency(3, .6);
  std::vector<Window> all;
  std::size_t text = 0;
  for (int i = 0; i < 60; ++i) {
    auto& w = all.emplace_back(Window{.from = Time(i * 1s), .to = Time((i + 1) * 1s)});
    for (auto* release : {"shop@1", "shop@2"})
      for (int n = 0; n < 2000; ++n) {
        auto& tally = w.releases[release];
        auto& part = tally.endpoints["/" + std::to_string(n % 8)];
        Duration took(static_cast<std::int64_t>(latency(random) * 1e6));
        ++tally.requests, ++part.requests, tally.latency.add(took), part.latency.add(took);
      }
    text += encode(w).size();
  }
  EXPECT_LT(pack(all)->latencies.size() * 6, text);
}

TEST(Packing, GarbageIsAnErrorAndSaysWhere) {
  auto packed = *pack(windows(12, 7));
  auto broken = [](Packed p) {
    auto out = unpack(p);
    return out ? std::string("read") : out.error().message;
  };
  EXPECT_THAT(broken({packed.text, packed.latencies + '\0'}), HasSubstr("something stands behind"));
  EXPECT_THAT(broken({packed.text, packed.latencies.substr(0, packed.latencies.size() / 2)}),
              HasSubstr("the latencies end in number "));
  EXPECT_THAT(broken({packed.text, ""}), HasSubstr("the latencies end"));
  EXPECT_THAT(broken({packed.text + "{", packed.latencies}), HasSubstr("number 13"));
  EXPECT_THAT(broken({std::string(kMostPacked.text + 1, '\n'), ""}), HasSubstr("too long"));
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {  // what comes of it is somebody's luck, but never a crash
    auto changed = packed;
    auto& where = i % 2 ? changed.text : changed.latencies;
    where[random() % where.size()] = static_cast<char>(random());
    (void)unpack(changed);
  }
}

// A few bytes may ask for ever more buckets.
TEST(Packing, TakesNoMoreMemoryThanItMay) {
  BitWriter out;
  SketchWalk walk;
  walk.range(Putting{out}, 0, SketchWalk::kBlocks);
  Sketch wide;
  wide.add(Duration(0)), wide.add(24h);
  Packed bomb;
  auto parts = kMostPacked.buckets / Sketch::kBuckets + 10;
  std::string endpoints;
  for (std::size_t part = 0; part < Tally::kMostEndpoints; ++part)
    endpoints += (part ? ",\"" : "\"") + std::to_string(part) + "\":[0,0,0,0,0]";
  for (std::size_t done = 0; done < parts; done += Tally::kMostEndpoints) {
    bomb.text += R"({"from":1,"to":2,"releases":{"a":{"by":{)" + endpoints + "}}}}\n";
    for (std::size_t part = 0; part < Tally::kMostEndpoints; ++part)
      walk.sketch(Putting{out}, "a\n" + std::to_string(part), wide);
    walk.flag(Putting{out}, true);
    Sketch none;
    walk.sketch(Putting{out}, "a", none);
  }
  bomb.latencies = out.end();
  auto read = unpack(bomb);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("too many latencies, in number 1"));
}

TEST(Packing, RefusesWhatCouldNotBeUnpacked) {
  EXPECT_FALSE(pack(std::vector<Window>(kMostPacked.windows + 1)));
  Window long_one;
  long_one.gap.assign(kMostPacked.text, 'x');
  EXPECT_FALSE(pack(std::vector{long_one}));
  EXPECT_FALSE(weight_of(long_one).within(kMostPacked));
}

TEST(Outline, PointsKeepTheSumTheNewestAndWhatIsNotWhole) {
  auto all = windows(500, 3);
  auto points = in_points(all, 50, 20);
  auto requests = [](const std::vector<Window>& windows) {
    std::uint64_t out = 0;
    for (auto& w : windows)
      for (auto& [_, tally] : w.releases) out += tally.requests;
    return out;
  };
  EXPECT_EQ(requests(points), requests(all));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(points[points.size() - 1 - i], outline(all[all.size() - 1 - i]));
  for (auto& one : all) one.complete = true;
  EXPECT_LE(in_points(all, 50, 20).size(), 70u);
  EXPECT_EQ(in_points(all, 500, 20).size(), 500u);
  EXPECT_TRUE(in_points({}, 50, 20).empty());
}

}  // namespace
}  // namespace davy::judge
