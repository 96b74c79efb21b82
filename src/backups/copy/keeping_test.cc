#include "backups/copy/keeping.h"

#include <gmock/gmock.h>

namespace davy::backups {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Time day(int n) { return Time{} + n * 24h; }

std::vector<Kept> copies(std::initializer_list<bool> proven) {  // a day each, oldest first
  std::vector<Kept> out;
  int n = 0;
  for (bool one : proven) out.push_back({std::to_string(n), day(n), one}), ++n;
  return out;
}

TEST(Keeping, KeepsTheNewestSoMany) {
  EXPECT_THAT(to_remove(copies({true, true, true, true}), {.copies = 2}, day(4)), UnorderedElementsAre("0", "1"));
  EXPECT_THAT(to_remove(copies({true, true}), {.copies = 2}, day(4)), IsEmpty());
}

TEST(Keeping, NeverRemovesTheNewestProvenOne) {
  EXPECT_THAT(to_remove(copies({true, true, false, false}), {.copies = 2}, day(4)), ElementsAre("0"));
}

TEST(Keeping, CopiesThatNobodyProvesGoByTheirNumber) {
  EXPECT_THAT(to_remove(copies({false, false, false}), {.copies = 1}, day(3)), UnorderedElementsAre("0", "1"));
}

TEST(Keeping, WhatIsTooOldGoesOnlyWhereANewerOneIsProven) {
  EXPECT_THAT(to_remove(copies({true, true, false}), {.age = 24h}, day(10)), ElementsAre("0"));
  EXPECT_THAT(to_remove(copies({false, false}), {.age = 24h}, day(10)), IsEmpty());
}

TEST(Keeping, AllStaysWhereNothingIsSaid) { EXPECT_THAT(to_remove(copies({true, true}), {}, day(99)), IsEmpty()); }

}  // namespace
}  // namespace davy::backups
