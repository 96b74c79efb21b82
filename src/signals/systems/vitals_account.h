// The web vitals of the newest page views, by release. A quantile cannot be made of other quantiles, so the values
// themselves are kept for as long as a condition looks back, and their quantiles are handed over as they stand.
#pragma once
#include <list>
#include <map>
#include <unordered_map>

#include "judge/numbers/window.h"
#include "signals/systems/beacons.h"

namespace davy::signals {

class VitalsAccount {
 public:
  static constexpr std::size_t kMost = 50'000;       // values; beyond them the oldest are forgotten
  static constexpr std::size_t kMostReleases = 100;  // of one time; what names another one is broken
  static constexpr std::size_t kLeast = 20;          // values without which there is no quantile

  // by_release: a beacon that names no release is nobody's; else all are the service's.
  VitalsAccount(Duration over, bool by_release) : over_(over), by_release_(by_release) {}

  // CLS and INP grow while a page is open: the newest value under an id is that view's.
  void take(Beacons, Time at);
  void refused(std::uint64_t n) { refused_ += n; }  // that were not even read

  // Of the stretch `over` until now, by release:
  //   lcp, fcp, cls, inp, ttfb, page_load   the 75th percentile; lcp_p50 …, lcp_p95 … the median and the 95th
  //   error_free                            share of those that told of their errors, and met none
  //   views                                 page views that told of themselves: the most that any of these has
  // Since the beginning, of the whole service, where there were any: broken, unlabelled, refused.
  judge::Window look(Time now);

 private:
  struct View {
    std::string key;  // the metric and its id
    Vital vital;
    double value;
    std::string release;
    Time at;
  };
  void take(Beacon&&, Time at);
  void forget(std::list<View>::iterator);

  Duration over_;
  bool by_release_;
  std::list<View> views_;  // oldest first
  std::unordered_map<std::string, std::list<View>::iterator> by_key_;
  std::map<std::string, std::size_t> releases_;  // how many views of each
  std::uint64_t anonymous_ = 0, broken_ = 0, unlabelled_ = 0, refused_ = 0;
};

}  // namespace davy::signals
