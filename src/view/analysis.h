// What was found in traffic logs, as people and programs see it: on a terminal, as JSON, as a page. Pure; all names and
// paths come from strangers and are made harmless where they are drawn.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "spec/json.h"
#include "view/analysis_app_logs.h"

namespace davy::view {

struct AnalysisView {
  struct Log {
    std::string name, format;
    std::string taken_for;  // which field was taken for what; empty where the format says it all
    std::uint64_t bytes = 0, lines = 0, broken = 0;
    std::uint64_t broken_at = 0;  // number of the first broken line; 0: none
    std::string broken_text;
  };
  struct Group {
    std::string name;
    judge::Tally tally;
    std::array<std::uint64_t, 6> classes{};  // 1xx … 5xx; [0]: no status
    Duration longest{};
    std::uint64_t over = 0;  // of its requests may be another's: there were too many groups to keep apart
  };
  struct Path {
    std::string path;
    std::uint64_t errors = 0, over = 0;
    std::uint64_t baseline = 0, candidate = 0;  // of the errors
    int status = 0;                             // the latest one
  };
  struct Point {
    Time from{};
    judge::Tally all, baseline, candidate;
  };
  struct Comparison {
    std::string baseline, candidate;  // as they were named
    judge::Tally before, after;       // of the two
    std::string verdict;              // "roll back", "hold", "keep watching", "cannot tell"
    std::string sentence;
    double evidence = 0, bound = 0, ratio = 0;
    bool by_client = false;
  };

  std::string by;  // server, path, release; empty: requests were not looked for
  std::vector<Log> logs;
  std::uint64_t lines = 0, other = 0, broken = 0, outside = 0, unreached = 0;
  std::optional<Time> first, last;
  std::vector<Group> groups;
  Group total;
  std::vector<Path> paths;
  Duration width{};  // of a point
  std::vector<Point> points;
  std::optional<Comparison> comparison;
  std::optional<AppLogsView> said;  // what stands in the lines, where that was asked for
  Duration took{};
  std::uint64_t bytes = 0;
};

std::string analysis_text(const AnalysisView&, const Look&);
spec::Json to_json(const AnalysisView&);
std::string analysis_html(const AnalysisView&);

}  // namespace davy::view
