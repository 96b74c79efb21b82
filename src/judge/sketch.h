#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace davy::judge {

// A mergeable histogram of latencies: log-linear, 64 buckets an octave, so a quantile is right within 0.8 %. Covers 1
// us to 2^35 us (9.5 h); what lies outside is counted in the outermost bucket. Merging is exact, in any order.
class Sketch {
 public:
  void add(Duration, std::uint64_t times = 1);
  void merge(const Sketch&);
  std::uint64_t count() const { return count_; }
  Duration quantile(double q) const;  // q in [0, 1]; zero when empty
  Duration max() const;               // upper end of the highest bucket that holds anything
  double share_above(Duration) const;

  // Sparse text for the samples table: "bucket:count,…"; from_text of garbage is an empty sketch.
  std::string text() const;
  static Sketch from_text(std::string_view);
  bool operator==(const Sketch&) const = default;

 private:
  std::vector<std::uint32_t> buckets_;  // grown to the highest that was ever hit
  std::uint64_t count_ = 0;
};

}  // namespace davy::judge
