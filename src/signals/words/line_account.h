// What an application's log says, counted: named patterns, lines of error level, and which error patterns are there
// (templates.h). By release where the lines tell it. Pure and bounded; for one thread.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "signals/words/line_label.h"
#include "signals/words/patterns.h"
#include "signals/words/templates.h"

namespace davy::signals {

struct LineRules {
  std::vector<NamedPattern> own;  // beside the usual ones (with_usual)
  std::string only;               // a text that the service's lines have; others are passed over
  std::string release_by;         // what of a line names its release (line_label.h)
};

class LineAccount {
 public:
  // Invalid: a pattern or release_by is no regular expression, or a pattern has the name of a series of the log.
  static Result<LineAccount> of(const LineRules&);

  // label: whose line it is, where `release_by` says nothing.
  void line(std::string_view, Time now, const std::string& label = "");

  // What came since the last call, by label; "" are lines that name no release.
  //  counts: `lines`, `errors` (level error or worse), one for each pattern; 0 is told as well
  //  numbers: `quiet`, seconds since the last line of error level, or since the beginning
  //  shown: `new_errors`, the patterns of error lines, each when it is met and again every kTellAgain
  judge::Window finish(Time from, Time to);

  static constexpr Duration kTellAgain = std::chrono::seconds(20);

 private:
  static constexpr std::size_t kMostLabels = 100, kMostTemplates = 500, kMostTold = 50, kLongestExample = 300;
  struct Shown {
    std::string text, example;
    std::set<std::string> labels;
  };
  struct Heard {       // of one label
    std::string held;  // lines that the patterns have not seen yet
    std::uint64_t lines = 0, errors = 0;
    std::vector<std::uint64_t> counts;
    Time last_error{};
  };
  LineAccount(Patterns patterns, LineLabel release) : patterns_(std::move(patterns)), release_(std::move(release)) {}

  const std::string& label_of(std::string_view line, bool continues, const std::string& given);
  Heard& heard(const std::string& label);
  void count(Heard&);
  void error(const AppLine&, std::string_view line, const std::string& label);
  void tell(std::uint64_t id, judge::Window&) const;

  Patterns patterns_;
  LineLabel release_;
  std::string only_, newest_label_;
  std::map<std::string, Heard> by_label_;
  Templates templates_{kMostTemplates};
  std::map<std::uint64_t, Shown> shown_;  // by the id of the template
  std::set<std::uint64_t> untold_;
  Time told_{}, began_{};
};

}  // namespace davy::signals
