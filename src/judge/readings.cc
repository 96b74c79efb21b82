#include "judge/readings.h"

#include <fmt/format.h>

namespace davy::judge {
namespace {

constexpr Duration kOver = std::chrono::minutes(1);  // where a condition does not say

// A check asks how it is; that few errors prove nothing is for what accuses a release.
constexpr Least kLeast{.errors = 0};

constexpr int kMayBeBlind = 10;  // for one part in so many: a log is rotated, a router is asked too late

Duration stretch_of(const spec::Condition& c) { return c.over > Duration{} ? c.over : kOver; }

std::string name_of(const spec::Condition& c) { return c.field.empty() ? c.series : c.series + "." + c.field; }

// Few requests in a log that is not there are not few requests.
std::string unseen(const spec::Condition& c, const Rolling& seen) {
  if (!of_signal(c) && !find_traffic_series(c.series)) return "";
  return seen.blind() * kMayBeBlind <= seen.covered() ? "" : seen.gap().empty() ? "lines may be missing" : seen.gap();
}

// A share of errors that few errors make: no pass, and no proof against a release either.
std::string few_errors(const spec::Condition& c, const Rolling& seen, const std::string& release) {
  auto tally = seen.tally(release);
  bool of_clients = c.series == "client_error_rate";
  if (!tally || (c.series != "error_rate" && !of_clients)) return "";
  auto errors = of_clients ? tally->client_errors : tally->trouble();
  return errors < Least{}.errors ? fmt::format(", by {} error{}: too few to prove it", errors, errors == 1 ? "" : "s")
                                 : "";
}

Readings::Found unknown(std::string why, bool early) {
  return {.says = "cannot tell: " + std::move(why), .early = early};
}

}  // namespace

void Readings::keep(const spec::Condition& c) { stretches_.try_emplace(stretch_of(c), stretch_of(c)); }

void Readings::see(const Window& w) {
  for (auto& [over, rolling] : stretches_) rolling.see(w);
}

void Readings::begin_anew() {
  for (auto& [over, rolling] : stretches_) rolling = Rolling(over);
}

Readings::Found Readings::find(const spec::Condition& c, const std::string& release) const {
  auto rolling = stretches_.find(stretch_of(c));
  if (!blind_.empty()) return unknown(blind_, false);
  if (rolling == stretches_.end()) return unknown("nobody reads the signals here", false);
  if (c.over > Duration{} && !rolling->second.full())
    return unknown(fmt::format("{} of {} seen", human(rolling->second.covered()), human(c.over)), false);
  if (auto gap = unseen(c, rolling->second); !gap.empty()) return unknown(gap, true);
  auto seen = read(c, rolling->second, release, kLeast);
  if (!seen.number && !seen.word) return unknown(seen.lacking.empty() ? "nothing was read" : seen.lacking, true);
  Found out{.holds = compared(c, seen)};
  out.shown = seen.number ? said(c, *seen.number) : *seen.word;
  out.raw = seen.number ? fmt::format("{}", *seen.number) : *seen.word;
  out.says = fmt::format("{} {} {}", name_of(c), is_slope(c) ? "grows by" : "is", out.shown);
  if (c.over > Duration{}) out.says += " over " + human(c.over);
  if (auto few = out.holds == Holds::no ? few_errors(c, rolling->second, release) : ""; !few.empty())
    return unknown(out.says + few, false);
  if (out.holds == Holds::no) out.says += ", expected " + c.text;
  if (out.holds == Holds::cannot_tell) return unknown(out.says + ", which does not compare with " + c.text, false);
  return out;
}

Readings::Found Readings::accuses(const spec::Condition& c, const run::Subject& subject) const {
  auto rolling = stretches_.find(stretch_of(c));
  if (!blind_.empty()) return unknown(blind_, false);
  if (rolling == stretches_.end()) return unknown("nobody reads the signals here", false);
  if (auto gap = unseen(c, rolling->second); !gap.empty()) return unknown(gap, false);
  // Without a number even where no error is asked for nothing was there to be read: that is no end of anything.
  auto plain = read(c, rolling->second, subject.candidate.id, kLeast);
  if (!plain.number && !plain.word) return unknown(plain.lacking.empty() ? "nothing was read" : plain.lacking, true);
  auto found = judge::find(c, {subject, rolling->second, {}, nullptr, {}});
  Found out{.holds = found.holds == Holds::yes ? Holds::yes : Holds::no};
  auto& seen = found.seen;
  if (!seen.number && !seen.word) return out.says = name_of(c) + ": " + seen.lacking, out;
  out.shown = seen.number ? said(c, *seen.number) : *seen.word;
  out.says = fmt::format("{} {} {}", name_of(c), is_slope(c) ? "grows by" : "is", out.shown);
  if (c.over > Duration{}) out.says += " over " + human(c.over);
  return out;
}

bool Readings::knows(const spec::Condition& c, const std::string& release) const {
  auto rolling = stretches_.find(stretch_of(c));
  if (rolling == stretches_.end()) return false;
  auto seen = read(c, rolling->second, release, {.requests = 1, .errors = 0});
  return (seen.number || seen.word) && !seen.of_service;
}

}  // namespace davy::judge
