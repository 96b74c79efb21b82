// What an application says in its logs, as people and programs see it: named patterns, and errors of a candidate that
// its baseline never showed. Pure; all texts come from strangers and are made harmless where they are drawn.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "spec/json.h"
#include "view/view.h"

namespace davy::view {

struct AppLogsView {
  using BySide = std::array<std::uint64_t, 3>;  // neither, baseline, candidate
  struct Pattern {
    std::string name, text;
    BySide lines{};
  };
  struct Error {
    std::string pattern, example;
    BySide lines{};
  };
  std::string baseline, candidate;  // as they were named; empty: nothing is compared
  BySide lines{}, errors{};         // all; of error level
  std::vector<Pattern> patterns;    // by name
  std::vector<Error> news;          // of the candidate alone, most lines first
  std::vector<Error> commonest;     // errors of all, most lines first
  bool compared() const { return !candidate.empty(); }
};

std::uint64_t total(const AppLogsView::BySide&);
std::string lines_text(const AppLogsView&, const Look&);
spec::Json to_json(const AppLogsView&);
std::string lines_html(const AppLogsView&);  // a part of a page

}  // namespace davy::view
