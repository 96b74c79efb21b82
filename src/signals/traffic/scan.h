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

// Whether it is there; short texts are looked at in two pieces that overlap.
template <class Word, int kBytes>
DAVY_INLINE bool has_in_two(const char* begin, const char* end, char c) {
  using V = Vector<Word, kBytes>;
  return (V::mask(begin, c, c) | V::mask(end - kBytes, c, c)) != 0;
}
DAVY_INLINE bool has(const char* begin, const char* end, char c) {
  auto size = end - begin;
  if (size >= 8 && size <= 16) return has_in_two<std::uint8_t, 8>(begin, end, c);
  if (size >= 16 && size <= 32) return has_in_two<std::uint16_t, 16>(begin, end, c);
  return find(begin, end, c) != end;
}

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

}  // namespace davy::signals
