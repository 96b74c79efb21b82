#include "signals/metrics/readout.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using spec::Quantity;
using spec::Unit;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Readout, GuessesANumber) {
  EXPECT_THAT(read_output(" 42\n", Readout::guess)->numbers, ElementsAre(Pair("", Quantity{42})));
  EXPECT_THAT(read_output("1.5 GB", Readout::guess)->numbers, ElementsAre(Pair("", Quantity{1.5e9, Unit::bytes})));
  EXPECT_THAT(read_output("all is well\n", Readout::guess)->words, ElementsAre(Pair("", "all is well")));
}

TEST(Readout, ReadsLines) {
  auto seen = read_output("# comment\nqueue=12\nlag: 250 ms\n name = \"a b\"\n\nbroken\n=x\n", Readout::guess);
  EXPECT_THAT(seen->numbers,
              UnorderedElementsAre(Pair("queue", Quantity{12}), Pair("lag", Quantity{.25, Unit::seconds})));
  EXPECT_THAT(seen->words, UnorderedElementsAre(Pair("queue", "12"), Pair("lag", "250 ms"), Pair("name", "a b")));
}

TEST(Readout, ReadsJson) {
  auto seen = read_output(R"({"pool": {"free": 7, "used": "3"}, "ok": true, "hosts": ["a", "b"]})", Readout::guess);
  EXPECT_EQ(seen->numbers["pool.free"], Quantity{7});
  EXPECT_EQ(seen->numbers["pool.used"], Quantity{3});
  EXPECT_EQ(seen->numbers["hosts.count"], Quantity{2});
  EXPECT_EQ(seen->words["ok"], "true");
  EXPECT_EQ(seen->words["hosts.1"], "b");
}

TEST(Readout, ReadsAPathInJson) {
  auto seen = read_output(R"({"pool": {"free": [7]}})", Readout::guess, "pool.free.0");
  EXPECT_THAT(seen->numbers, ElementsAre(Pair("", Quantity{7})));
  EXPECT_EQ(read_output("{}", Readout::guess, "a").error().message, "no `a` in the output");
  EXPECT_EQ(read_output("<x>", Readout::json).error().message, "the output is not JSON: <x>");
}

TEST(Readout, RefusesWhatIsNotAsked) {
  EXPECT_EQ(read_output("many", Readout::number).error().code, Code::invalid);
  EXPECT_EQ(read_output("many", Readout::lines).error().code, Code::invalid);
  EXPECT_EQ(read_output("", Readout::number).error().code, Code::invalid);
}

TEST(Readout, KnowsUnits) {
  EXPECT_EQ(quantity("5%"), (Quantity{.05, Unit::ratio}));
  EXPECT_EQ(quantity("2 m"), (Quantity{120, Unit::seconds}));
  EXPECT_EQ(quantity("3 MiB"), (Quantity{3 * 1048576, Unit::bytes}));
  for (auto none : {"", "%", "five", "5 parsecs", "nan", "inf", "5 5", "1e999"}) EXPECT_FALSE(quantity(none)) << none;
}

TEST(Readout, IsBounded) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "k" + std::to_string(i) + "=1\n";
  auto seen = *read_output(lines, Readout::guess);
  EXPECT_LE(seen.numbers.size() + seen.words.size(), 1001u);
}

}  // namespace
}  // namespace davy::signals
