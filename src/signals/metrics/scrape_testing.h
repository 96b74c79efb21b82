// Pages of metrics for tests.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "signals/metrics/scrape_account.h"

namespace davy::signals {

using namespace std::chrono_literals;

inline const Time kBegin{1'700'000'000s};

inline Selector select(std::string_view text) { return *parse_selector(text); }

// Pages ten seconds apart.
struct Target {
  explicit Target(ScrapeRules rules = {}) : account(std::move(rules)) {}
  ScrapeAccount account;
  Time last = kBegin;
  judge::Window page(std::string_view text, Exposition format = Exposition::text) {
    ScrapedPage one[] = {{"10.0.0.1:80", std::string(text), format}};
    return look(one);
  }
  judge::Window look(std::span<const ScrapedPage> pages) {
    auto seen = account.look(pages, last, last + 10s);
    last += 10s;
    EXPECT_TRUE(seen) << (seen ? "" : seen.error().message);
    return seen.value_or(judge::Window{});
  }
};

}  // namespace davy::signals
