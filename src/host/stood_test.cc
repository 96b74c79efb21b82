#include "host/stood.h"

#include <gtest/gtest.h>

namespace davy::host {
namespace {

using namespace std::chrono_literals;

struct Stood : ::testing::Test {
  run::State state;
  std::vector<judge::Window> windows;

  Stood() {
    run::Runbook book;
    book.subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}};
    state.carry_out(std::move(book));
  }
  void minute(const std::string& release, std::uint64_t requests, std::uint64_t errors) {
    judge::Window w{.from = Time{} + 1h, .to = Time{} + 1h + 60s};
    w.releases[release].requests = requests, w.releases[release].errors = errors;
    w.numbers["database.pool_use"][""] = 0.25;
    w.states["health"][""] = "healthy";
    windows.push_back(w);
  }
  std::string of(const std::string& series) { return how_it_stood(series, state, windows); }
};

TEST_F(Stood, OfTheCandidateWhileItHasUsersElseOfWhatServes) {
  minute("shop@1", 1000, 10);
  EXPECT_EQ(of("error_rate"), "1%");
  minute("shop@2", 1000, 50);
  EXPECT_EQ(of("error_rate"), "5%");
}

TEST_F(Stood, WhatNobodySawIsNotKnown) {
  EXPECT_EQ(of("error_rate"), "not known");
  minute("shop@1", 3, 0);
  EXPECT_EQ(of("error_rate"), "not known") << "of three requests";
  EXPECT_EQ(of("no such thing"), "not known");
  EXPECT_EQ(of("nobody.heard"), "not known");
}

TEST_F(Stood, OfNumbersOfOnesOwn) {
  minute("shop@1", 100, 0);
  EXPECT_EQ(of("database.pool_use"), "0.25");
}

}  // namespace
}  // namespace davy::host
