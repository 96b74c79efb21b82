#include "judge/numbers/sketch_walk.h"

#include <algorithm>
#include <numeric>

namespace davy::judge {

std::uint32_t SketchWalk::Expected::of_block(std::size_t first_bucket) const {
  auto* from = mean_.data() + first_bucket + 2;
  return std::accumulate(from, from + kBlock, 0u);
}

std::uint32_t SketchWalk::Expected::around(std::size_t bucket) const {
  auto* mean = mean_.data() + bucket;
  return (mean[0] + mean[1] + 2 * mean[2] + mean[3] + mean[4]) / 6;
}

void SketchWalk::Expected::learn(std::span<const std::uint32_t> counts, std::size_t first_bucket) {
  auto* mean = mean_.data() + first_bucket + 2;
  for (auto n : counts) {
    auto now = static_cast<std::int64_t>(std::min(n, kPlenty)) * 256, was = static_cast<std::int64_t>(*mean);
    *mean++ = static_cast<std::uint32_t>(known_ ? was + (now - was) / 8 : now + 16);
  }
  known_ = true;
}

SketchWalk::Expected& SketchWalk::of(const std::string& name) {
  return expected_.size() < kMostNames || expected_.contains(name) ? expected_[name] : expected_[""];
}

std::size_t SketchWalk::level(std::uint32_t expected) {
  if (expected < 8) return expected;
  auto width = static_cast<std::size_t>(std::bit_width(expected));
  return std::min(width * 4 + (expected >> (width - 3) & 3), kLevels - 1);
}

}  // namespace davy::judge
