// Requests of one group of lines, counted.
#pragma once
#include <array>
#include <limits>
#include <numeric>

#include "judge/numbers/window.h"
#include "signals/traffic/request.h"
#include "signals/traffic/scan.h"

namespace davy::analyze {

struct Figures {
  judge::Tally tally;
  std::array<std::uint64_t, 6> classes{};  // by the first digit of the status; 0: no status
  std::uint64_t bytes = 0;
  Duration longest{};
  void merge(const Figures&);
  void count(const signals::Request&);
  // Without that it is one more, and its latency.
  DAVY_INLINE void count_rest(const signals::Request& line) {
    ++classes[line.status >= 600 ? 0 : static_cast<unsigned>(line.status) / 100];
    if (line.bytes > 0) bytes += static_cast<std::uint64_t>(line.bytes);
    if (line.latency > longest) [[unlikely]]
      longest = line.latency;
    if (line.outcome != signals::Outcome::answered || line.status >= 400) [[unlikely]]
      count_outcome(line);
  }

 private:
  void count_outcome(const signals::Request&);
};

// A Sketch that takes its whole room, and so takes a latency without a question. What has no latency is counted, too.
class Latencies {
 public:
  // Where a latency is counted.
  DAVY_INLINE static std::size_t place(Duration latency) {
    return latency > Duration{} ? judge::Sketch::bucket_of(latency) : kNone;
  }
  DAVY_INLINE void add(std::size_t place) {
    if (++counts_[place] == 0) [[unlikely]]  // more than 4 billion are 4 billion
      --counts_[place];
  }
  void merge(const Latencies&);
  std::uint64_t count() const { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }
  void add_to(judge::Sketch& sketch) const { sketch.merge(std::span(counts_).first(kNone)); }

 private:
  static constexpr auto kNone = judge::Sketch::kBuckets;
  std::array<std::uint32_t, kNone + 1> counts_{};  // by Sketch::bucket_of
};

// Figures of a group that has lines in their thousands.
class Counts {
 public:
  // `place` is that of its latency.
  DAVY_INLINE void count(const signals::Request& line, std::size_t place) {
    rest_.count_rest(line);
    latencies_.add(place);
  }
  void redispatched() { ++rest_.tally.redispatched; }
  void merge(const Counts&);
  Figures figures() const;
  std::uint64_t requests() const;

 private:
  Figures rest_;  // without requests, which are the sum of the classes, and latencies
  Latencies latencies_;
};

}  // namespace davy::analyze
