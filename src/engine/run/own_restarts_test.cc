#include "engine/run/own_restarts.h"

#include <gtest/gtest.h>

namespace davy::engine {
namespace {

double left_of(OwnRestarts& own, double restarts, bool at_work, const std::string& series = "app.restarts") {
  judge::Window w;
  w.numbers[series][""] = restarts;
  own.take_out(w, at_work);
  return w.numbers[series][""];
}

void nothing_read(OwnRestarts& own, bool at_work) {
  judge::Window w;
  own.take_out(w, at_work);
  EXPECT_TRUE(w.numbers.empty());
}

TEST(OwnRestarts, ACrashIsCounted) {
  OwnRestarts own;
  EXPECT_EQ(left_of(own, 0, false), 0);
  EXPECT_EQ(left_of(own, 2, false), 2);
}

TEST(OwnRestarts, WhatDavyStartedItselfIsNone) {
  OwnRestarts own;
  EXPECT_EQ(left_of(own, 1, false), 1) << "a crash before";
  EXPECT_EQ(left_of(own, 2, true), 0);
  EXPECT_EQ(left_of(own, 2, false), 0);
  EXPECT_EQ(left_of(own, 3, false), 1) << "and a crash after";
}

TEST(OwnRestarts, WhatIsReadFirstAfterItsStartStillBelongsToIt) {
  OwnRestarts own;
  EXPECT_EQ(left_of(own, 0, false), 0);
  nothing_read(own, true);
  EXPECT_EQ(left_of(own, 1, false), 0);
  EXPECT_EQ(left_of(own, 2, false), 1);
}

TEST(OwnRestarts, ASourceThatBeganAnewCountsFromItsOwnBeginning) {
  OwnRestarts own;
  left_of(own, 5, true);
  EXPECT_EQ(left_of(own, 5, false), 0);
  EXPECT_EQ(left_of(own, 0, false), 0);
  EXPECT_EQ(left_of(own, 1, false), 1);
}

TEST(OwnRestarts, OtherNumbersAreLeftAlone) {
  OwnRestarts own;
  EXPECT_EQ(left_of(own, 7, true, "app.memory"), 7);
  EXPECT_EQ(left_of(own, 7, true, "app.my_restarts"), 7);
}

}  // namespace
}  // namespace davy::engine
