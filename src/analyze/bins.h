// Something for each stretch of time, in bounded memory: the stretches double when there would be too many, so that a
// second and a year both fit. The same lines in any order, in one or in several that are merged, give the same bins.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.h"

namespace davy::analyze {

// T: default-made, merge(const T&).
template <class T>
class Bins {
 public:
  explicit Bins(std::size_t most, Duration finest = std::chrono::seconds(1)) : most_(most), width_(finest) {}

  struct Stretch {
    Time from{}, to{};
    bool holds(Time t) const { return t >= from && t < to; }
  };

  // The bin of that moment; valid until the next call.
  T& at(Time t) {
    if (stretch_.holds(t)) return bins_[cached_];
    reach(floor(t));
    auto index = floor(t);
    cached_ = static_cast<std::size_t>(index - first_);
    stretch_ = {Time(index * width_), Time((index + 1) * width_)};
    return bins_[cached_];
  }

  // What lies between the ends of its bin, which may grow but is never divided.
  Stretch around(Time t) {
    at(t);
    return stretch_;
  }

  void merge(const Bins& other) {
    if (other.bins_.empty()) return;
    while (width_ < other.width_) coarsen();
    for (std::size_t i = 0; i < other.bins_.size(); ++i) at(other.time(i)).merge(other.bins_[i]);
  }

  Duration width() const { return width_; }
  std::size_t size() const { return bins_.size(); }
  const T& operator[](std::size_t i) const { return bins_[i]; }
  Time time(std::size_t i) const { return Time((first_ + static_cast<std::int64_t>(i)) * width_); }

 private:
  std::int64_t floor(Time t) const {
    auto ns = t.time_since_epoch().count();
    return ns / width_.count() - (ns % width_.count() < 0);
  }

  // Grows so that the bin `index` is there; coarser bins when that would be too many.
  void reach(std::int64_t index) {
    if (bins_.empty()) first_ = index;
    for (auto t = Time(index * width_);; coarsen(), index = floor(t)) {
      auto low = std::min(first_, index), high = std::max(first_ + static_cast<std::int64_t>(bins_.size()), index + 1);
      if (high - low > static_cast<std::int64_t>(most_)) continue;
      if (low < first_) bins_.insert(bins_.begin(), static_cast<std::size_t>(first_ - low), T{});
      first_ = low;
      bins_.resize(static_cast<std::size_t>(high - low));
      return;
    }
  }

  void coarsen() {
    auto old = std::exchange(bins_, {});
    auto old_first = first_;
    width_ *= 2;
    auto half = [](std::int64_t i) { return i >= 0 ? i / 2 : (i - 1) / 2; };
    first_ = half(old_first);
    for (std::size_t i = 0; i < old.size(); ++i) {
      auto into = static_cast<std::size_t>(half(old_first + static_cast<std::int64_t>(i)) - first_);
      if (into >= bins_.size()) bins_.resize(into + 1);
      bins_[into].merge(old[i]);
    }
    stretch_ = {};
  }

  std::size_t most_;
  Duration width_;
  std::int64_t first_ = 0;  // index of bins_[0], in widths since 1970
  std::vector<T> bins_;
  std::size_t cached_ = 0;
  Stretch stretch_;
};

}  // namespace davy::analyze
