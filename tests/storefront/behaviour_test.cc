#include "behaviour.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "source_dir.h"

namespace storefront {
namespace {
using testing::HasSubstr;

const std::string kVersions = davy::source_dir() + "/examples/storefront/versions.conf";

TEST(Behaviour, IsReadFromWords) {
  const auto b = parse_behaviour("fail=20%, slow=+50% latency=2ms hang=0.1% crash-after=2s leak=20MB/s never-healthy");
  ASSERT_TRUE(b);
  EXPECT_DOUBLE_EQ(b->fail, 0.2);
  EXPECT_DOUBLE_EQ(b->slower, 0.5);
  EXPECT_DOUBLE_EQ(b->latency.count(), 0.002);
  EXPECT_DOUBLE_EQ(b->hang, 0.001);
  EXPECT_DOUBLE_EQ(b->crash_after.count(), 2);
  EXPECT_DOUBLE_EQ(b->leak_per_second, 20e6);
  EXPECT_TRUE(b->never_healthy);
  EXPECT_FALSE(b->forks);
}

TEST(Behaviour, FailsOneEndpointAltogetherUnlessAShareIsGiven) {
  EXPECT_DOUBLE_EQ(parse_behaviour("fail-path=/api/orders")->fail_path_share, 1);
  const auto half = parse_behaviour("fail-path=/api/orders@50%");
  EXPECT_EQ(half->fail_path, "/api/orders");
  EXPECT_DOUBLE_EQ(half->fail_path_share, 0.5);
}

TEST(Behaviour, SaysWhichWordIsWrong) {
  for (const std::string word :
       {"fial=3%", "fail", "fail=3", "fail=300%", "fail=-3%", "fail=nan%", "crash-after=2", "fork=1"}) {
    const auto b = parse_behaviour("good " + word);
    ASSERT_FALSE(b) << word;
    EXPECT_THAT(b.error().message, HasSubstr(word));
  }
}

TEST(Versions, AreGoodUnlessTheFileSaysOtherwise) {
  EXPECT_EQ(*words_for_version(kVersions, "unheard-of"), "good");
  EXPECT_DOUBLE_EQ(parse_behaviour(*words_for_version(kVersions, "3"))->fail, 0.2);
  EXPECT_FALSE(words_for_version("/nonexistent/versions.conf", "3"));
}

TEST(Versions, OfTheExampleAreAllUnderstood) {
  std::ifstream in(kVersions);
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    if (std::string version; words >> version) {
      EXPECT_TRUE(parse_behaviour(*words_for_version(kVersions, version))) << line;
      ++count;
    }
  }
  EXPECT_GE(count, 10);
}

TEST(Dice, FallTheSameWayForTheSameSeed) {
  Dice a(*parse_behaviour("fail=20%"), 7), b(*parse_behaviour("fail=20%"), 7);
  int failed = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto fate = a.fate("/");
    EXPECT_EQ(fate, b.fate("/"));
    failed += fate == Fate::fail;
  }
  EXPECT_NEAR(failed, 2000, 200);  // five standard deviations, and the seed is fixed
}

TEST(Dice, FailOnlyThePathThatTheyShould) {
  Dice dice(*parse_behaviour("fail-path=/api/orders"), 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(dice.fate("/"), Fate::answer);
    EXPECT_EQ(dice.fate("/api/orders"), Fate::fail);
  }
}

TEST(Dice, AreSlowerByTheGivenShare) {
  Dice plain(*parse_behaviour("latency=2ms"), 1), slow(*parse_behaviour("latency=2ms slow=+50%"), 1);
  for (int i = 0; i < 100; ++i) EXPECT_NEAR(slow.latency().count(), 1.5 * plain.latency().count(), 2);
}

}  // namespace
}  // namespace storefront
