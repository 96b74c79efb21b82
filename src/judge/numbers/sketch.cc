#include "judge/numbers/sketch.h"

#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/text.h"

namespace davy::judge {
namespace {

// All of it, and nothing but digits.
template <class T>
bool number(std::string_view text, T& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Duration Sketch::lower_end(std::size_t bucket) {
  int octave = kLowOctave + static_cast<int>(bucket >> kSubBits);
  std::int64_t sub = static_cast<std::int64_t>(bucket & ((1u << kSubBits) - 1));
  return Duration(((std::int64_t{1} << kSubBits) + sub) << (octave - kSubBits));
}

void Sketch::grow(std::size_t low, std::size_t high) {
  if (buckets_.empty()) first_ = low;
  if (low < first_) {
    buckets_.insert(buckets_.begin(), first_ - low, 0);
    first_ = low;
  }
  if (high >= last()) buckets_.resize(high - first_ + 1);
}

void Sketch::merge(const Sketch& other) {
  if (other.buckets_.empty()) return;
  grow(other.first_, other.last() - 1);
  auto* into = buckets_.data() + (other.first_ - first_);
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) into[i] = clamped(std::uint64_t{into[i]} + other.buckets_[i]);
  count_ += other.count_;
}

void Sketch::merge(std::span<const std::uint32_t> buckets) {
  auto holds = [](auto n) { return n != 0; };
  auto low = std::ranges::find_if(buckets, holds);
  if (low == buckets.end()) return;
  auto high = std::find_if(buckets.rbegin(), buckets.rend(), holds).base();
  Sketch other;
  other.buckets_.assign(low, high);
  other.first_ = static_cast<std::size_t>(low - buckets.begin());
  other.count_ = std::accumulate(low, high, std::uint64_t{0});
  merge(other);
}

void Sketch::remove(const Sketch& other) {
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    auto bucket = other.first_ + i;
    if (bucket < first_ || bucket >= last()) continue;
    auto& b = buckets_[bucket - first_];
    b -= std::min(b, other.buckets_[i]);
  }
  count_ -= std::min(count_, other.count_);
  trim();
}

Sketch Sketch::below(Duration limit) const {
  auto end = bucket_of(limit);
  if (buckets_.empty() || last() <= end) return *this;
  Sketch out;
  if (end <= first_) return out;
  out.first_ = first_;
  out.buckets_.assign(buckets_.begin(), buckets_.begin() + static_cast<std::ptrdiff_t>(end - first_));
  out.count_ = std::accumulate(out.buckets_.begin(), out.buckets_.end(), std::uint64_t{0});
  out.trim();
  return out;
}

void Sketch::trim() {
  while (!buckets_.empty() && buckets_.back() == 0) buckets_.pop_back();
  auto held = std::find_if(buckets_.begin(), buckets_.end(), [](auto n) { return n != 0; });
  first_ = buckets_.empty() ? 0 : first_ + static_cast<std::size_t>(held - buckets_.begin());
  buckets_.erase(buckets_.begin(), held);
}

Duration Sketch::quantile(double q) const {
  if (count_ == 0) return {};
  auto rank = static_cast<std::uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return (lower_end(first_ + i) + lower_end(first_ + i + 1)) / 2;
  }
  return max();
}

Duration Sketch::mean() const {
  if (count_ == 0) return {};
  double sum = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    auto middle =
        (static_cast<double>(lower_end(first_ + i).count()) + static_cast<double>(lower_end(first_ + i + 1).count())) /
        2;
    sum += middle * buckets_[i];
  }
  return Duration(static_cast<Duration::rep>(sum / static_cast<double>(count_)));
}

Duration Sketch::max() const { return buckets_.empty() ? Duration{} : lower_end(last()); }

double Sketch::share_above(Duration d) const {
  if (count_ == 0) return 0;
  auto at = bucket_of(d);
  double above = 0;
  for (auto bucket = std::max(at + 1, first_); bucket < last(); ++bucket) above += buckets_[bucket - first_];
  if (at >= first_ && at < last()) {  // of its own bucket, as if it were filled evenly
    auto low = lower_end(at), high = lower_end(at + 1);
    above += buckets_[at - first_] * std::clamp(seconds(high - d) / seconds(high - low), 0.0, 1.0);
  }
  return above / static_cast<double>(count_);
}

std::uint64_t Sketch::count_from(std::size_t bucket) const {
  std::uint64_t out = 0;
  for (auto i = std::max(bucket, first_); i < last(); ++i) out += buckets_[i - first_];
  return out;
}

// Most counts stand side by side: a number is written once for a run of them, and anew behind a gap that is longer than
// it would be.
std::string Sketch::text() const {
  constexpr std::size_t kShortGap = 4;
  std::string out;
  std::size_t gap = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] == 0) {
      ++gap;
      continue;
    }
    bool anew = out.empty() || gap > kShortGap;
    if (!out.empty()) out.append(anew ? 1 : gap + 1, ',');
    if (anew) out += std::to_string(first_ + i) + ":";
    out += std::to_string(buckets_[i]);
    gap = 0;
  }
  return out;
}

Sketch Sketch::from_text(std::string_view text) {
  Sketch out;
  std::optional<std::size_t> bucket;
  for (bool more = !text.empty(); more;) {
    auto comma = text.find(',');
    auto item = text.substr(0, comma);
    more = comma != text.npos;
    text.remove_prefix(more ? comma + 1 : text.size());
    auto colon = item.find(':');
    std::size_t at = bucket.value_or(kBuckets) + 1;
    if (colon != item.npos && !number(item.substr(0, colon), at)) return {};
    if (at >= kBuckets) return {};
    bucket = at;
    if (item.empty() && more) continue;
    std::uint32_t times = 0;
    if (!number(item.substr(colon == item.npos ? 0 : colon + 1), times)) return {};
    out.add(lower_end(at), times);
  }
  return out;
}

}  // namespace davy::judge
