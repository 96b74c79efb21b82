// What the pages of one look add up to, and what a window says of it.
#pragma once
#include "signals/metrics/exposition_histogram.h"
#include "signals/metrics/scrape_account.h"

namespace davy::signals {

struct ScrapeTotals {
  struct Latency {
    Cumulative buckets;
    double unit = 1, sum = 0, count = 0;
    std::map<std::string, double> quantiles;
  };
  struct Own {
    double value = 0, growth = 0, among = 0;
    bool counter = false, valued = false, grown = false, shared = false;
  };
  std::map<std::size_t, std::map<std::string, judge::Tally>> requests;  // by candidate, label
  std::set<std::size_t> tells;                                          // candidates that say how a request ended
  std::map<std::string, judge::Tally> errors;                           // the plan's own selectors
  std::map<std::size_t, std::map<std::string, Latency>> latencies;
  std::map<std::string, std::map<std::string, Own>> own;  // by series, label
  bool errors_told = false, client_errors_told = false;   // counters of the rules say how requests ended
  double restarts = 0;
};

// What has no label stands for the whole service only where the plan asks for none.
bool is_nobodys(const ScrapeRules&, const std::string& label);

judge::Window window_of(const ScrapeTotals&, const ScrapeRules&, Time from, Time to);

}  // namespace davy::signals
