// What a bake saw, summed over its time: counters add up, a gauge keeps its worst moments, a word every one it was.
#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "judge/bake/absence.h"
#include "judge/bake/paired.h"
#include "judge/judge.h"
#include "judge/kayenta/kayenta_watch.h"
#include "judge/rules.h"
#include "judge/statistics/shares.h"

namespace davy::judge {

// How unevenly the candidate's errors come, for where its clients are unknown: one of them may make twenty.
class Bursts {
 public:
  void see(std::uint64_t errors, Duration length);
  double deflation() const { return unevenness_.deflation(); }

 private:
  Unevenness unevenness_{Measured::bursts};
  double errors_ = 0;
  Duration length_{};
};

struct Baked {
  using Key = std::pair<std::string, std::string>;  // series, release

  Setup setup;
  std::vector<spec::Condition> pass;
  Duration observed{};
  Time began{};  // a bake follows a step of shares, which may have been a step down
  Window all;    // of it only `to` and traffic are used: gauges and words remember more
  std::map<Key, Gauge> gauges;
  std::map<Key, std::set<std::string>> words;
  std::map<Key, std::uint64_t> counts;
  std::vector<std::pair<run::Subject, KayentaWatch>> kayenta;
  struct Side {
    Shares shares;
    Paired errors, client_errors;
    Absence absence;
    Bursts bursts;
  };
  std::map<std::string, Side> beside;  // by candidate

  Baked(Setup, std::vector<spec::Condition> asked);
  void see(const Window&);

  Least least() const { return {setup.least_requests, setup.least_errors}; }
  const Tally* tally(const std::string& release) const;
  const Tally* tally(const OfSignal&, const std::string& release) const;  // of traffic that a signal of its own tells
  const Side* side_of(const run::Subject&) const;
  // A pass is about few errors, so it needs requests only; that they are too few is said with the number.
  Reading traffic(const spec::Condition&, const Tally*) const;
  template <class T>
  static const T* find(const std::map<Key, T>& in, const std::string& series, const std::string& release) {
    auto found = in.find({series, release});
    if (found == in.end()) found = in.find({series, ""});
    return found == in.end() ? nullptr : &found->second;
  }

 private:
  bool blind(const Window&) const;
  bool stands_aside(const Window&) const;
  bool compare(const Window&);
  void take_what_ends(const Window&);
};

}  // namespace davy::judge
