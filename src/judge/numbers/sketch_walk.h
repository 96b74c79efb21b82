// The sketches of many windows as numbers that hardly surprise. Latencies of one endpoint of one release look alike
// from window to window, so how many fall into a bucket is told by what was expected there. Writer and reader take the
// same walk, and differ only in the pass that each number goes through: so they cannot disagree.
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "judge/numbers/bit_coder.h"
#include "judge/numbers/sketch.h"

namespace davy::judge {

struct Putting {
  static constexpr bool kReads = false;
  BitWriter& out;
  std::uint32_t operator()(std::uint32_t number, NumberModel& model) { return out.put(number, model), number; }
};
struct Getting {
  static constexpr bool kReads = true;
  BitReader& in;
  std::uint32_t operator()(std::uint32_t, NumberModel& model) { return in.get(model); }
};

// Behind the last bucket that holds anything.
inline std::size_t end_bucket(const Sketch& sketch) {
  return sketch.count() == 0 ? 0 : Sketch::bucket_of(sketch.max() - Duration(1)) + 1;
}

class SketchWalk {
 public:
  static constexpr std::size_t kBlock = 16, kBlocks = Sketch::kBuckets / kBlock;

  // First of all: the blocks in which any sketch has anything, [first, end).
  template <class Pass>
  void range(Pass pass, std::size_t first, std::size_t end) {
    end_ = std::min<std::size_t>(pass(static_cast<std::uint32_t>(end), ends_), kBlocks);
    first_ = std::min<std::size_t>(pass(static_cast<std::uint32_t>(first), ends_), end_);
  }
  template <class Pass>
  bool flag(Pass pass, bool is) {
    return pass(is ? 1 : 0, flags_) != 0;
  }
  // One sketch, of what goes by that name: told where it is written, filled in (an empty one) where it is read.
  template <class Pass>
  void sketch(Pass pass, const std::string& name, Sketch& sketch) {
    if (pass(sketch.count() > 0 ? 1 : 0, empty_) == 0) return;
    auto counts = of_range();
    std::ranges::fill(counts, 0u);
    for (auto at = sketch.first_bucket(), end = end_bucket(sketch); at < end; ++at) counts_[at] = sketch.in(at);
    auto& expected = of(name);
    blocks(pass, expected);
    expected.learn(counts, first_ * kBlock);
    if constexpr (Pass::kReads) sketch.merge(std::span<const std::uint32_t>(counts_).first(end_ * kBlock));
  }

 private:
  // A rolling mean for each bucket, in 256ths, with two to spare on either side.
  class Expected {
   public:
    bool known() const { return known_; }
    std::uint32_t of_block(std::size_t first_bucket) const;
    std::uint32_t around(std::size_t bucket) const;
    void learn(std::span<const std::uint32_t> counts, std::size_t first_bucket);

   private:
    std::vector<std::uint32_t> mean_ = std::vector<std::uint32_t>(Sketch::kBuckets + 4);
    bool known_ = false;
  };
  static constexpr std::size_t kLevels = 140;
  static constexpr std::size_t kMostNames = 1024;  // those beyond share one
  static constexpr std::uint32_t kPlenty = 1u << 20;

  template <class Pass>
  void blocks(Pass pass, const Expected& expected) {
    bool held = false;
    left_ = {};
    for (auto at = first_ * kBlock; at < end_ * kBlock; at += kBlock) {
      auto block = std::span(counts_).subspan(at, kBlock);
      auto& model = of_blocks_[expected.known() ? level(expected.of_block(at)) : held];
      held = pass(std::ranges::any_of(block, [](auto n) { return n != 0; }) ? 1 : 0, model) != 0;
      if (!held) left_ = {};
      for (std::size_t i = 0; held && i < kBlock; ++i) count(pass, expected, at + i);
    }
  }
  template <class Pass>
  void count(Pass pass, const Expected& expected, std::size_t at) {
    auto like = expected.known() ? expected.around(at) : (2 * left_[0] + left_[1] + left_[2]) * 64;
    counts_[at] = pass(counts_[at], of_counts_[level(like)]);
    left_ = {std::min(counts_[at], kPlenty), left_[0], left_[1]};
  }
  std::span<std::uint32_t> of_range() { return std::span(counts_).subspan(first_ * kBlock, (end_ - first_) * kBlock); }
  Expected& of(const std::string& name);
  static std::size_t level(std::uint32_t expected);  // four for each doubling

  std::size_t first_ = 0, end_ = 0;
  std::array<std::uint32_t, Sketch::kBuckets> counts_{};
  std::array<std::uint32_t, 3> left_{};  // the counts before
  NumberModel ends_, flags_, empty_;
  std::vector<NumberModel> of_blocks_ = std::vector<NumberModel>(kLevels), of_counts_ = of_blocks_;
  std::map<std::string, Expected> expected_;
};

}  // namespace davy::judge
