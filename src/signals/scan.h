// Finding bytes in lines, many at a time. Written with clang's vectors, so that one text serves SSE2, AVX2, AVX-512 and
// NEON: what is marked DAVY_FAST is compiled once for each level of x86-64, and the machine's own is chosen when the
// program is loaded. What it calls must be inlined to be compiled with it. Nothing outside the text is ever read.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(memory_sanitizer)
#define DAVY_FAST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DAVY_FAST
#endif
#define DAVY_INLINE [[gnu::always_inline]] inline

namespace davy::signals {

template <class Word, int kBytes>
struct Vector {
  using Lanes = unsigned char __attribute__((vector_size(kBytes)));
  using Bits = bool __attribute__((ext_vector_type(kBytes)));
  // Bit i: byte i is a or b.
  DAVY_INLINE static Word mask(const char* p, char a, char b) {
    Lanes v;
    std::memcpy(&v, p, kBytes);
    auto hits = (v == static_cast<unsigned char>(a)) | (v == static_cast<unsigned char>(b));
    return __builtin_bit_cast(Word, __builtin_convertvector(hits, Bits));
  }
  // Bit i: byte i is the same in both.
  DAVY_INLINE static Word same(const char* p, const char* q) {
    Lanes v, w;
    std::memcpy(&v, p, kBytes);
    std::memcpy(&w, q, kBytes);
    return __builtin_bit_cast(Word, __builtin_convertvector(v == w, Bits));
  }
};

// The first a or b in [at, end); end when there is none.
DAVY_INLINE const char* find_either(const char* at, const char* end, char a, char b) {
  for (; end - at >= 16; at += 16)
    if (unsigned mask = Vector<std::uint16_t, 16>::mask(at, a, b)) return at + std::countr_zero(mask);
  while (at != end && *at != a && *at != b) ++at;
  return at;
}
DAVY_INLINE const char* find(const char* at, const char* end, char c) { return find_either(at, end, c, c); }

// The bits of the 64 bytes at `at`: set where one is a or b, clear from `readable` on. Neither may be the zero byte.
inline std::uint64_t bits_of_rest(const char* at, const char* readable, char a, char b) {
  char copy[64] = {};
  std::memcpy(copy, at, static_cast<std::size_t>(readable - at));
  return Vector<std::uint64_t, 64>::mask(copy, a, b);
}
DAVY_INLINE std::uint64_t bits_of(const char* at, const char* readable, char a, char b) {
  if (readable - at >= 64) [[likely]]
    return Vector<std::uint64_t, 64>::mask(at, a, b);
  return bits_of_rest(at, readable, a, b);
}

// One separator after the other. It may run on behind the line's end, up to `readable`, for a line lies in a block of
// many and cutting the bits at its end would cost more: who asks compares the last place that he needs with that end.
// kRoomy: the caller knows that wherever he asks for a look, 64 bytes can be read.
template <bool kRoomy>
class Separators {
 public:
  DAVY_INLINE Separators(const char* at, const char* readable, char wanted) : readable_(readable), wanted_(wanted) {
    from(at);
  }

  // Where the next one stands; `readable` when there is none.
  DAVY_INLINE const char* next() {
    while (bits_ == 0) {
      if (readable_ - at_ <= 64) return readable_;
      at_ += 64;
      bits_ = bits_of(at_, readable_, wanted_, wanted_);
    }
    auto out = at_ + std::countr_zero(bits_);
    bits_ &= bits_ - 1;
    return out;
  }
  // The next ones, without a question between them where all lie in the same 64 bytes.
  template <std::size_t N>
  DAVY_INLINE void next(const char* (&out)[N]) {
    if (std::popcount(bits_) >= static_cast<int>(N)) [[likely]]
      for (auto& one : out) one = at_ + std::countr_zero(bits_), bits_ &= bits_ - 1;
    else
      for (auto& one : out) one = next();
  }
  // Goes on from there. Asked for where fields of no certain length have ended, it makes the places at which 64 bytes
  // are over the same in all lines, and so foreseen.
  DAVY_INLINE void from(const char* at) {
    at_ = kRoomy ? at : std::min(at, readable_);
    bits_ = kRoomy ? Vector<std::uint64_t, 64>::mask(at_, wanted_, wanted_) : bits_of(at_, readable_, wanted_, wanted_);
  }

 private:
  const char *at_, *readable_;
  char wanted_;
  std::uint64_t bits_;
};

// The same where up to `readable` may be looked at, the end or more.
DAVY_INLINE const char* find_either_in(const char* at, const char* end, const char* readable, char a, char b) {
  for (; at < end; at += 32) {
    if (readable - at < 32) return find_either(at, end, a, b);
    if (auto bits = Vector<std::uint32_t, 32>::mask(at, a, b)) return std::min(at + std::countr_zero(bits), end);
  }
  return end;
}
DAVY_INLINE const char* find_in(const char* at, const char* end, const char* readable, char c) {
  return find_either_in(at, end, readable, c, c);
}

// Where the first kMost `wanted` bytes stand, in the first 64 KB of a text, and whether `other` is there. They are
// written eight at a time whether there are as many or not: a loop that ends when the bits do is mispredicted in every
// line.
template <std::size_t kMost>
class Places {
 public:
  DAVY_INLINE Places(std::string_view text, const char* readable, char wanted, char other) {
    auto size = std::min<std::size_t>(text.size(), 65'535);
    for (std::size_t base = 0; base < size && n_ < kMost; base += 64) {
      auto inside = size - base >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - base)) - 1;
      put(bits_of(text.data() + base, readable, wanted, wanted) & inside, base);
      others_ |= bits_of(text.data() + base, readable, other, other) & inside;
    }
  }
  std::size_t size() const { return std::min(n_, kMost); }
  std::size_t operator[](std::size_t i) const { return at_[i]; }
  bool other() const { return others_ != 0; }

 private:
  DAVY_INLINE void put(std::uint64_t bits, std::size_t base) {
    auto count = static_cast<std::size_t>(std::popcount(bits));
    auto* out = at_ + n_;
    for (std::size_t written = 0; written < count; written += 8)
      for (int i = 0; i < 8; ++i, bits &= bits - 1)
        *out++ = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    n_ += count;
  }

  std::size_t n_ = 0;
  std::uint64_t others_ = 0;
  std::uint16_t at_[kMost + 72];
};

}  // namespace davy::signals
