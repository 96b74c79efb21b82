#include "analyze/figures.h"

#include <numeric>

namespace davy::analyze {

using signals::Outcome;

void Figures::merge(const Figures& other) {
  tally.merge(other.tally);
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] += other.classes[i];
  bytes += other.bytes;
  longest = std::max(longest, other.longest);
}

void Figures::count(const signals::Request& line) {
  ++tally.requests;
  if (line.latency > Duration{}) tally.latency.add(line.latency);
  count_rest(line);
}

void Latencies::merge(const Latencies& other) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += std::min(other.counts_[i], kMost - counts_[i]);
}

void Figures::count_outcome(const signals::Request& line) {
  tally.errors += is_error(line.outcome);
  tally.untold += line.outcome == Outcome::untold;
  tally.aborts += line.outcome == Outcome::aborted;
  tally.client_errors += line.outcome == Outcome::answered && line.status >= 400 && line.status < 500;
}

void Counts::merge(const Counts& other) {
  rest_.merge(other.rest_);
  latencies_.merge(other.latencies_);
}

std::uint64_t Counts::requests() const {
  return std::accumulate(rest_.classes.begin(), rest_.classes.end(), std::uint64_t{0});
}

Figures Counts::figures() const {
  auto out = rest_;
  out.tally.requests = requests();
  latencies_.add_to(out.tally.latency);
  return out;
}

}  // namespace davy::analyze
