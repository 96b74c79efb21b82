#include "run/patience.h"

#include <algorithm>

namespace davy::run {
namespace {

constexpr int kLooks = 3;  // one may fail, and the next as well

// What conditions read: a signal's name, or a bare series of traffic.
std::vector<std::string> read_by(const Runbook& book) {
  std::vector<std::string> out;
  auto add = [&](const spec::Condition& c) { out.push_back(c.series.substr(0, c.series.find('.'))); };
  for (auto& rule : book.rules)
    if (rule.then == Consequence::roll_back) add(rule.when);
  for (auto& step : book.steps)
    if (step.call.port == "bake")
      if (auto pass = step.call.args.find("pass"))
        if (auto conditions = spec::decoded<std::vector<spec::Condition>>(*pass, "pass"))
          for (auto& c : *conditions) add(c);
  return out;
}

}  // namespace

Duration patience(const Runbook& book) {
  auto out = kGuardPatience;
  auto read = read_by(book);
  bool traffic = std::ranges::any_of(read, [&](auto& one) { return !book.setup.signal(one); });
  for (auto& signal : book.setup.signals)
    if (traffic || std::ranges::find(read, signal.name) != read.end()) out = std::max(out, kLooks * signal.every);
  return out;
}

}  // namespace davy::run
