// A source made from options as a plan would give them, and looks at it.
#pragma once
#include <gtest/gtest.h>

#include "providers/registry.h"
#include "providers/testing/world.h"

namespace davy::providers::testing {

struct Watched {
  Watched(ports::Outside& out, std::string kind, std::string_view json, ports::Asking who = {.key = "signal-x"}) {
    static const auto registry = all_providers();
    auto options = spec::from_json(*spec::parse_json(json));
    auto& term = *registry.vocabulary().find("signal", kind);
    if (term.series.empty()) finds = term.finds(options);
    auto made = (*registry.find_source(kind))(options, out, who);
    EXPECT_TRUE(made) << because(made);
    if (made) source = std::move(*made);
  }
  Result<judge::Window> try_look() {
    auto seen = run(source->look());
    if (seen && finds) expect_known(*seen);
    return seen;
  }
  judge::Window look() {
    auto seen = try_look();
    EXPECT_TRUE(seen) << because(seen);
    return seen.value_or(judge::Window{});
  }
  // What plans are checked by.
  void expect_known(const judge::Window& w) const {
    auto expect = [&](auto& all) {
      for (auto& [series, _] : all) EXPECT_TRUE(finds->find(series)) << "no plan may name " << series;
    };
    expect(w.numbers), expect(w.states), expect(w.counts);
  }

  std::unique_ptr<ports::Source> source;
  std::optional<spec::Findings> finds;
};

inline std::optional<double> number(const judge::Window& w, const std::string& series, const std::string& label = "") {
  auto found = w.numbers.find(series);
  if (found == w.numbers.end() || !found->second.contains(label)) return {};
  return found->second.at(label);
}
inline std::string state(const judge::Window& w, const std::string& series, const std::string& label = "") {
  auto found = w.states.find(series);
  return found == w.states.end() || !found->second.contains(label) ? "" : found->second.at(label);
}

}  // namespace davy::providers::testing
