// Which error patterns a candidate's log shows that its baseline never did. The baseline: the previous release beside,
// else what was there before the candidate's first user.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "run/runbook.h"

namespace davy::judge {

// The words of two patterns, where <*> stands for anything on either side: what varies is learnt from the lines, so the
// same pattern may be written wider or narrower by a log that was read anew.
bool same_pattern(std::string_view, std::string_view);

// Bounded: of a log with more error patterns than kMost nothing is news.
class News {
 public:
  static constexpr std::size_t kMost = 2000;

  News(const std::vector<run::Subject>&, const std::optional<Window>& before);

  void learn(const Window&);  // what it shows is known from now on

  // Learns, and counts what was unknown as `counts`, with a line of it as the word of the same series.
  void count(Window&);

 private:
  using Known = std::set<std::string>;
  static bool has(const Known&, const std::string& pattern);
  static void add(Known&, const std::string& pattern);
  void learn(const Window&, bool before);
  std::vector<std::string> unknown_lines(Known&, const std::map<std::string, std::string>& patterns) const;
  static std::string examples(const std::vector<std::string>&);

  std::set<std::string> previous_;
  std::map<std::string, Known> known_;  // by series
};

}  // namespace davy::judge
