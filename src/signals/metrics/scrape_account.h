// Pages of one or several targets, look after look, into windows: what grew between two of them.
#pragma once
#include <map>
#include <set>
#include <span>

#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"
#include "signals/metrics/selector.h"
#include "spec/measure.h"

namespace davy::signals {

// A number of the plan's own: the sum over all samples that its selector finds.
struct OwnSeries {
  enum class As { usual, value, rate };  // usual: counters as rate per second, all else as value
  Selector metric;
  std::optional<Selector> among;  // the share of metric's growth in the growth of this: a hit rate
  As as = As::usual;
  spec::Measure unit = {};  // of the metric; what is `among` is a share by itself
};

bool is_rate(OwnSeries::As, bool counter);  // read as how much comes per second

struct ScrapeRules {
  std::optional<Selector> requests, errors,
      client_errors;                        // counters; by default the common names, and status 5xx, 4xx
  std::optional<Selector> latency;          // the family's name of a histogram or summary
  spec::Measure latency_unit = {};          // where that name does not say it; else nobody knows how long anything took
  std::map<std::string, OwnSeries> series;  // by name
  std::vector<std::string> ignore;          // paths that are no users: "/health" exactly, "/health*" and all below
  std::string release_by;  // a label's name; metric.label: of an info metric; "address"; empty: the whole service
};

// The metrics that are looked for when the rules name none, best first.
std::span<const std::string_view> usual_requests();
std::span<const std::string_view> usual_latencies();  // families

struct ScrapedPage {
  std::string address;  // of the target: its series are its own
  std::string text;
  Exposition format = Exposition::text;
};

// The same as Prometheus kept it: what the target showed at one moment, without comments. The samples point elsewhere.
struct RecordedPage {
  std::string address;
  std::vector<Sample> samples;
};

struct ScrapeTotals;  // scrape_window.h

class ScrapeAccount {
 public:
  explicit ScrapeAccount(ScrapeRules);

  // What grew since the look before, [from, to]; numbers as they stand, added up over the targets. Code::invalid: not
  // an exposition, or cut off (then nothing was taken from any of them). Beside the rules' own series:
  //   restarts              how often the process was seen to start anew (process_start_time_seconds)
  //   latency_resolution    width of the histogram's bucket in which p95 of this window lies, in seconds: its error
  //   latency_p50 …         quantiles of a summary, which cannot be added up; the worst of all its series
  //   latency_mean          of a summary
  // Samples whose own time is more than five minutes before `to` are stale and left out.
  //   broken_lines          of these pages, where there were any
  //   repeated_series       samples of a series that its page had shown already: the first one counts, as in Prometheus
  //   unlabelled            requests whose series has no label of `release_by`: they are nobody's
  // Code::invalid as well where several processes answer under one address, by turns: what grew nobody can say.
  // Where no label says how requests ended (request_end.h) and no counter of the rules does, Tally::untold says so.
  Result<judge::Window> look(std::span<const ScrapedPage>, Time from, Time to);
  judge::Window look(std::span<const RecordedPage>, Time from, Time to);

  // Which counter of the newest pages is taken for requests and what tells releases apart there; where either is
  // missing, what the pages have instead and what to write. Empty before the first look, and where nobody counts
  // requests.
  const std::string& said() const { return said_; }

  std::vector<std::string> metrics() const;  // all names that it would take anything from

 private:
  enum class Role { requests, errors, client_errors, bucket, sum, count, quantile, own, among };
  struct Want {
    Role role;
    std::size_t candidate = 0;  // which of the usual names; 0 for the plan's own choice
    Selector selector;
    std::string series;  // own, among
    double unit = 1;     // latency: of the family
  };
  // Of a counter that the rules name: does it say how requests ended? One that no page knows says nothing, nor one that
  // does not say whose they are. It need not have a sample yet: many are born with the first error.
  struct OwnCounter {
    bool seen = false, typed = false, unlabelled = false;
    void see(bool nobodys) { (nobodys ? unlabelled : seen) = true; }
    bool told() const { return seen || (typed && !unlabelled); }
  };
  struct Kept;  // a sample that is wanted
  struct Page;  // those of one target
  void want(Role, Selector, std::size_t candidate = 0, std::string series = {}, double unit = 1);
  void want_latency(const Selector& family, std::size_t candidate);
  void want_usual();
  Result<Page> read(const ScrapedPage&, int number, Time to) const;
  void note(const Sample&, Page&) const;
  std::string say(std::span<const Page>) const;
  Kept* take(const Sample&, Page&) const;
  Kept* keep(const Sample&, Page&) const;
  judge::Window account(std::span<const Page>, Time from, Time to);
  // What is known of a target's process from look to look.
  struct Process {
    std::set<double> starts;  // process_start_time_seconds, all that were seen
    double started = 0;       // the latest
    Time seen{};              // when it was looked at last
    std::uint64_t born = 0;   // the look at which a new one was met; 0: it is the first
    std::uint32_t fell = 0;   // bit i: counters fell i looks ago without a new process
    int mixed_for = 0;        // looks for which it still counts as several
  };
  void look_for_several(Process&, bool fell, bool came_back);
  bool ignored(const Sample&) const;
  bool restarted(const Page&, Time now);
  void gather(const Page&, Time now, ScrapeTotals&);
  void add(const Kept&, const Want&, std::optional<double> growth, const std::string& label, ScrapeTotals&) const;

  ScrapeRules rules_;
  std::string info_metric_, info_label_;
  std::map<std::string, std::vector<Want>, std::less<>> wanted_;  // by metric
  Counters counters_;
  std::map<std::string, Process> processes_;  // by target
  std::string said_;
  std::string mixed_;  // a target of this look that is several processes
  double restarts_ = 0;
  OwnCounter own_errors_, own_client_errors_;
};

}  // namespace davy::signals
