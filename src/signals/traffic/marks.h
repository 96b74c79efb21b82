// Where two bytes stand in a block of lines: found once for thousands of bytes, as one bit for each, and then asked for
// by place. Looking anew in every line costs more, for where the next look begins is known only when the one before has
// ended.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "signals/traffic/scan.h"

namespace davy::signals {

// The bytes that a log's format divides its lines by. Neither may be the zero byte. `listed`: the places of the first
// are wanted one by one, too.
struct Dividers {
  char first = ' ', second = '/';
  bool listed = false;
};

class Marks {
 public:
  static constexpr std::size_t kMost = 8 * 1024;  // bytes looked at in advance
  static constexpr int kWindow = 57;              // bytes that one answer is about

  // Nothing is looked at in advance, so what is asked for is looked for then. Nothing behind `readable` is read.
  Marks(Dividers dividers, const char* readable) : dividers_(dividers), readable_(readable) {}

  // Looks at a text of at most kMost bytes, and answers how many newlines are in it; `newlines` is where they are, with
  // room for kMost + 2 of them.
  std::size_t look(std::string_view text, std::uint16_t* newlines);
  void forget() { looked_ = 0; }

  // Whether this text was looked at: then `covered_…` answer without a question about it.
  bool covers(std::string_view text) const {
    return static_cast<std::size_t>(text.data() - begin_) + text.size() <= looked_;
  }
  DAVY_INLINE bool looked_at(const char* at) const { return static_cast<std::size_t>(at - begin_) < looked_; }
  DAVY_INLINE std::uint64_t covered_first(const char* at) const { return covered(first_, at); }
  DAVY_INLINE std::uint64_t covered_second(const char* at) const { return covered(second_, at); }

  // Of the text that was looked at, if the first divider was to be listed: whether there is a backslash in it, and
  // where that divider stands; counted from `begin`.
  bool escapes() const { return escapes_; }
  std::span<const std::uint16_t> list() const { return {list_, listed_}; }
  const char* begin() const { return begin_; }

  const char* readable() const { return readable_; }
  // Bit i: at[i] is that byte; kWindow bits, the others are clear. What lies behind the text that was looked at last is
  // not marked.
  DAVY_INLINE std::uint64_t first(const char* at) const { return window(first_, at, dividers_.first); }
  DAVY_INLINE std::uint64_t second(const char* at) const { return window(second_, at, dividers_.second); }

 private:
  using Words = std::uint64_t[kMost / 64 + 1];
  static constexpr std::uint64_t kBits = (std::uint64_t{1} << kWindow) - 1;
  static_assert(std::endian::native == std::endian::little);

  DAVY_INLINE std::uint64_t window(const Words& words, const char* at, char wanted) const {
    if (!looked_at(at)) [[unlikely]]
      return at < readable_ ? bits_of(at, readable_, wanted, wanted) & kBits : 0;
    return covered(words, at) & kBits;
  }
  // At least kWindow bits.
  DAVY_INLINE std::uint64_t covered(const Words& words, const char* at) const {
    auto place = static_cast<std::size_t>(at - begin_);
    std::uint64_t bits = 0;
    std::memcpy(&bits, reinterpret_cast<const char*>(words) + place / 8, 8);
    return bits >> place % 8;
  }

  Dividers dividers_;
  const char *readable_, *begin_ = nullptr;
  std::size_t looked_ = 0;
  bool escapes_ = false;
  std::size_t listed_ = 0;
  Words first_, second_;  // not cleared, nor is the list: that would take longer than a line
  std::uint16_t list_[kMost + 8];
};

// One divider after the other. It may run on behind the line's end, up to `readable`, for cutting the bits there would
// cost more: who asks compares the last place that he needs with that end.
class Separators {
 public:
  DAVY_INLINE Separators(const Marks& marks, const char* at) : marks_(marks) { from(at); }

  // Where the next one stands; `readable` or behind it when there is none.
  DAVY_INLINE const char* next() {
    while (bits_ == 0) {
      if (marks_.readable() - at_ <= Marks::kWindow) return marks_.readable();
      from(at_ + Marks::kWindow);
    }
    auto out = at_ + std::countr_zero(bits_);
    bits_ &= bits_ - 1;
    return out;
  }
  // The next ones, without a question between them where all lie in the same window.
  template <std::size_t N>
  DAVY_INLINE std::array<const char*, N> next() {
    std::array<const char*, N> out;
    auto bits = bits_;
    for (std::size_t i = 0; i < N; ++i, bits &= bits - 1) {
      if (i + 1 == N && bits == 0) [[unlikely]]
        return one_by_one<N>();
      out[i] = at_ + std::countr_zero(bits);
    }
    bits_ = bits;
    return out;
  }
  // Goes on from there. Asked for where fields of no certain length have ended, it makes the places at which a window
  // is over the same in all lines, and so foreseen.
  DAVY_INLINE void from(const char* at) { at_ = at, bits_ = marks_.first(at); }

 private:
  template <std::size_t N>
  [[gnu::noinline]] std::array<const char*, N> one_by_one() {
    std::array<const char*, N> out;
    for (auto& one : out) one = next();
    return out;
  }

  const Marks& marks_;
  const char* at_;
  std::uint64_t bits_;
};

// Where the bits are, counted from `base`. Eight places are written at once whether there are as many or not: a loop
// that ends when the bits do is mispredicted in every line.
DAVY_INLINE std::uint16_t* put_places(std::uint16_t* out, std::size_t base, std::uint64_t bits) {
  auto stop = out + std::popcount(bits);
  do
    for (int i = 0; i < 8; ++i, bits &= bits - 1) {
      __asm__("" : "+r"(bits));  // gathering eight of them in a vector first takes twice as long
      *out++ = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  while (out < stop);
  return stop;
}

// Where the first kMost of the first divider stand in a text, in its first 64 KB.
template <std::size_t kMost>
class Places {
 public:
  DAVY_INLINE Places(std::string_view text, const Marks& marks) {
    auto size = std::min<std::size_t>(text.size(), 65'535);
    for (std::size_t base = 0; base < size && n_ < kMost; base += Marks::kWindow) {
      auto inside = size - base >= Marks::kWindow ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - base)) - 1;
      n_ = static_cast<std::size_t>(put_places(at_ + n_, base, marks.first(text.data() + base) & inside) - at_);
    }
  }
  std::span<const std::uint16_t> all() const { return {at_, std::min(n_, kMost)}; }

 private:
  std::size_t n_ = 0;
  std::uint16_t at_[kMost + 72];
};

}  // namespace davy::signals
