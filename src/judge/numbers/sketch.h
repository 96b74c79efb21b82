#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
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
  static constexpr int kSubBits = 6;                      // 64 buckets an octave
  static constexpr int kLowOctave = 9, kHighOctave = 44;  // 2^9 ns … 2^45 ns
  static constexpr std::size_t kBuckets = std::size_t{kHighOctave - kLowOctave + 1} << kSubBits;

  void add(Duration d, std::uint64_t times = 1) {
    if (times == 0) return;
    auto bucket = bucket_of(d);
    if (bucket - first_ >= buckets_.size()) [[unlikely]]  // below the first, too
      grow(bucket, bucket);
    auto& b = buckets_[bucket - first_];
    b = clamped(b + times);
    count_ += times;
  }
  void merge(const Sketch&);
  void merge(std::span<const std::uint32_t> buckets);  // what is counted by bucket_of, from the first one on
  void remove(const Sketch&);    // takes back what was merged before: how a rolling window forgets
  Sketch below(Duration) const;  // without the buckets that begin there or beyond
  std::uint64_t count() const { return count_; }
  Duration quantile(double q) const;  // q in [0, 1]; zero when empty
  Duration mean() const;              // right within 0.8 %, as far as nothing lies outside; zero when empty
  Duration max() const;               // upper end of the highest bucket that holds anything
  double share_above(Duration) const;

  // Exact, for whoever compares two sketches at one edge: the bucket that a latency falls into, where it begins,
  // how many lie in it or above, and how many in it.
  static std::size_t bucket_of(Duration d) {
    if (d.count() < std::int64_t{1} << kLowOctave) return 0;
    auto ns = static_cast<std::uint64_t>(d.count());
    auto shift = static_cast<std::size_t>(std::bit_width(ns)) - 1 - kSubBits;
    auto place = (shift << kSubBits) + (ns >> shift);  // of seven bits, the first of them set
    return std::min(place - (std::size_t{kLowOctave - kSubBits + 1} << kSubBits), kBuckets - 1);
  }
  static Duration lower_end(std::size_t bucket);
  std::uint64_t count_from(std::size_t bucket) const;
  std::uint64_t in(std::size_t bucket) const {
    return bucket < first_ || bucket >= last() ? 0 : buckets_[bucket - first_];
  }
  std::size_t first_bucket() const { return first_; }  // that holds anything

  // Text for the samples table: "bucket:count,count,,count,bucket:count"; where no bucket is named it is the next one,
  // and where no count stands it is none. from_text of garbage is an empty sketch.
  std::string text() const;
  static Sketch from_text(std::string_view);
  bool operator==(const Sketch&) const = default;

 private:
  static std::uint32_t clamped(std::uint64_t n) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::uint32_t>::max()));
  }
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
