// What every Process keeps, the keeper's and the simulated one. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include "ports/process.h"

namespace davy::ports::testing {

// A world has: process(), run(task) -> Result<T>; act(), a command that changes something; done() whether it has been
// since undo(); look(), a question that succeeds and changes nothing; folders(), how many things commands left behind;
// begin(key), launches what takes an hour, and goes on when it has begun; runs(key), whether it still does.
template <class World>
struct ProcessContract : ::testing::Test {
  World world;
};
TYPED_TEST_SUITE_P(ProcessContract);

TYPED_TEST_P(ProcessContract, LaunchesAKeyOnceAndFindsItsEnd) {
  auto& w = this->world;
  auto first = w.run(w.process().launch("1", w.act()));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->exit_code, 0);
  EXPECT_TRUE(w.done());
  w.undo();
  EXPECT_EQ(w.run(w.process().launch("1", w.act()))->exit_code, 0);
  EXPECT_FALSE(w.done()) << "the key had begun: nothing was run";
  auto found = w.run(w.process().find("1"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->exit_code, 0);
}

TYPED_TEST_P(ProcessContract, FindsNothingThatNeverBegan) {
  auto found = this->world.run(this->world.process().find("never"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
}

TYPED_TEST_P(ProcessContract, BeginsNothingWithoutAKey) {
  auto& w = this->world;
  EXPECT_EQ(w.run(w.process().launch("", w.act())).error().code, Code::internal);
  EXPECT_FALSE(w.done());
}

TYPED_TEST_P(ProcessContract, AsksAsOftenAsWantedAndKeepsNothing) {
  auto& w = this->world;
  for (int i = 0; i < 3; ++i) {
    auto end = w.run(w.process().ask(w.look()));
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_EQ(end->exit_code, 0);
    EXPECT_EQ(end->output_path, "");
  }
  EXPECT_EQ(w.folders(), 0);
}

TYPED_TEST_P(ProcessContract, EndsWhatNeverBeganWithoutAWord) {
  EXPECT_TRUE(this->world.run(this->world.process().end("never", std::chrono::seconds(1))));
}

// A provider launches several commands for one attempt; with that, none of them may go on beside its undo.
TYPED_TEST_P(ProcessContract, EndsAllThatWasLaunchedForOneAttempt) {
  auto& w = this->world;
  for (auto key : {"a7", "a7-start", "a7-previous-stop", "a70", "a71-start"}) w.begin(key);
  EXPECT_TRUE(w.run(w.process().end("a7", std::chrono::seconds(5))));
  for (auto key : {"a7", "a7-start", "a7-previous-stop"}) EXPECT_FALSE(w.runs(key)) << key;
  for (auto key : {"a70", "a71-start"}) EXPECT_TRUE(w.runs(key)) << key << " is of another attempt";
}

REGISTER_TYPED_TEST_SUITE_P(ProcessContract, LaunchesAKeyOnceAndFindsItsEnd, FindsNothingThatNeverBegan,
                            BeginsNothingWithoutAKey, AsksAsOftenAsWantedAndKeepsNothing,
                            EndsWhatNeverBeganWithoutAWord, EndsAllThatWasLaunchedForOneAttempt);

}  // namespace davy::ports::testing
