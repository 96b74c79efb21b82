// Application logs: how often named patterns occur, and which error patterns a candidate shows and its baseline never
// did. Bounded; one account belongs to one thread.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "analyze/run.h"
#include "signals/words/line_label.h"
#include "signals/words/patterns.h"
#include "signals/words/templates.h"
#include "view/analysis_app_logs.h"

namespace davy::analyze {

struct AppLogOptions {
  std::vector<signals::NamedPattern> own;  // beside the usual ones
  std::string release_by;                  // signals/line_label.h; empty: a group is a log, by its file's name
  std::string baseline, candidate;         // as AccountOptions
};

class AppLogAccount {
 public:
  static Result<AppLogAccount> of(const AppLogOptions&);

  void begin(const std::string& log);        // what follows is of this log
  void block(std::string_view whole_lines);  // with a newline behind each, but for the last
  view::AppLogsView view();

 private:
  static constexpr std::size_t kMostPatterns = 5000, kMostShown = 200, kLongestExample = 300;
  struct Seen {
    view::AppLogsView::BySide lines{};
    std::string example;
  };
  AppLogAccount(signals::Patterns, signals::LineLabel, AppLogOptions);

  Side side_of(std::string_view group) const;
  void line(std::string_view);
  void count(Side);
  void error(const signals::AppLine&, std::string_view line);
  void forget();
  std::vector<view::AppLogsView::Error> errors(bool news) const;

  signals::Patterns patterns_;
  signals::LineLabel release_;
  AppLogOptions options_;
  Side log_ = Side::neither, side_ = Side::neither;  // of the log; of the newest line
  std::array<std::string, 3> held_;                  // by side: lines that the patterns have not seen yet
  std::array<std::vector<std::uint64_t>, 3> counts_;
  view::AppLogsView::BySide lines_{}, errors_{};
  signals::Templates templates_{kMostPatterns};
  std::map<std::uint64_t, Seen> seen_;  // by the id of the template
};

// One log after the other. Unavailable: one cannot be read; nothing is answered then.
Result<view::AppLogsView> lines_of(const std::vector<std::string>& logs, const AppLogOptions&,
                                   const std::function<void(const Progress&)>& progress = {});

}  // namespace davy::analyze
