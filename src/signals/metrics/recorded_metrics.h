// A deployment as Prometheus recorded it. What a range query says of one moment is what the targets showed then, so
// each moment is a look at their pages, and counters, histograms and usual names are those of `scrape_account`.
#pragma once
#include <optional>

#include "signals/metrics/prometheus_api.h"
#include "signals/metrics/scrape_account.h"
#include "signals/traffic/accumulator.h"

namespace davy::signals {

// The moments that are asked for: `from`, and every `step` until `to`.
struct Stretch {
  Time from{}, to{};
  Duration step = std::chrono::seconds(15);
  std::size_t moments() const { return to < from ? 0 : static_cast<std::size_t>((to - from) / step) + 1; }
};

// The next stretch of `whole` that is asked for in one query: Prometheus gives at most 11,000 moments of a series, and
// an answer must stay small, so it is as long as the size of the answer before allows. Empty when all was asked for.
class Portions {
 public:
  explicit Portions(Stretch whole) : whole_(whole), next_(whole.from) {}
  std::optional<Stretch> next();
  void answered(std::size_t bytes);

 private:
  Stretch whole_, now_;
  Time next_;
  std::size_t most_ = 1;  // moments; of the first answer nobody knows the size
};

class RecordedMetrics {
 public:
  // only: matchers of labels as in PromQL, such as `job="shop"`; may be empty.
  RecordedMetrics(ScrapeRules, std::string only);

  std::string query() const;

  // The answer to it over a stretch, which follows the one before. A moment without any number, and the time in which a
  // target that comes back was away, are incomplete windows.
  void see(const PromAnswer&, const Stretch&);

  // One window a moment, which ends there, with the labels of `release-by` for releases.
  std::vector<judge::Window> end() { return std::move(windows_); }

 private:
  std::vector<RecordedPage> pages(const PromMoment&) const;
  void look(const PromMoment&, Time from, Time to);
  void notice_absence(const std::string& address);

  ScrapeAccount account_;
  std::string only_;
  std::vector<judge::Window> windows_;
  std::map<std::string, std::size_t> seen_;  // target -> the newest window that it is in
};

// A query of the plan's own, in what it is measured: its numbers by `label` go into the windows that end at their
// moments. Code::invalid as numbers_by.
Result<> put_numbers(const PromAnswer&, const std::string& label, const std::string& signal, const std::string& series,
                     const spec::Measure&, const ReleaseMap&, std::vector<judge::Window>&);

}  // namespace davy::signals
