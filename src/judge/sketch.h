#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace davy::judge {

// A mergeable histogram of latencies: log-linear, 64 buckets an octave, so a quantile is right within 0.8 %. Covers 0.5
// us to 2^45 ns (9.8 h); what lies outside is counted in the outermost bucket. Merging is exact, in any order, up to
// 4 billion in one bucket.
class Sketch {
 public:
  void add(Duration, std::uint64_t times = 1);
  void merge(const Sketch&);
  void remove(const Sketch&);  // takes back what was merged before: how a rolling window forgets
  std::uint64_t count() const { return count_; }
  Duration quantile(double q) const;  // q in [0, 1]; zero when empty
  Duration max() const;               // upper end of the highest bucket that holds anything
  double share_above(Duration) const;

  // Exact, for whoever compares two sketches at one edge: the bucket that a latency falls into, where it begins,
  // how many lie in it or above, and how many in it.
  static std::size_t bucket_of(Duration);
  static Duration lower_end(std::size_t bucket);
  std::uint64_t count_from(std::size_t bucket) const;
  std::uint64_t in(std::size_t bucket) const {
    return bucket < first_ || bucket >= last() ? 0 : buckets_[bucket - first_];
  }
  std::size_t first_bucket() const { return first_; }  // that holds anything

  // Sparse text for the samples table: "bucket:count,…"; from_text of garbage is an empty sketch.
  std::string text() const;
  static Sketch from_text(std::string_view);
  bool operator==(const Sketch&) const = default;

 private:
  void grow(std::size_t low, std::size_t high);
  void trim();
  std::size_t last() const { return first_ + buckets_.size(); }

  // From the lowest to the highest bucket that holds anything, so that a run's many windows stay small; equal contents
  // are equal objects.
  std::vector<std::uint32_t> buckets_;
  std::size_t first_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace davy::judge
