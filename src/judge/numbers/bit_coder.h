// Numbers in as few bits as they are worth: an adaptive binary range coder, as LZMA has one (7-zip's LzmaSpec.cpp).
// Each yes or no has a Chance that learns from what came before. Writer and reader learn alike, so nothing of it is
// stored. Integers alone: the same bytes on every machine.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace davy::judge {

// That the next bit is 0. It learns fast at first, then more slowly.
class Chance {
 public:
  std::uint32_t part_of(std::uint32_t range) const { return (range >> 12) * (of_zero_ < 16 ? 1u : of_zero_ >> 4); }
  void learn(bool one) {
    auto slowness = kSlowness[met_];
    if (met_ + 1u < kSlowness.size()) ++met_;
    of_zero_ = static_cast<std::uint16_t>(one ? of_zero_ - (of_zero_ >> slowness)
                                              : of_zero_ + ((65535 - of_zero_) >> slowness));
  }

 private:
  // About the logarithm of how often it was met: the share of all that a new one has.
  static constexpr auto kSlowness = [] {
    std::array<std::uint8_t, 97> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(std::bit_width(i + 1 + i / 3));
    return out;
  }();
  std::uint16_t of_zero_ = 1u << 15;
  std::uint8_t met_ = 0;
};

// What is learned about numbers that are alike: how many binary digits they have, and which, where they have few.
struct NumberModel {
  static constexpr unsigned kDigits = 32, kLearned = 5;
  std::array<Chance, kDigits> more{};                     // is there one more digit?
  std::array<Chance, std::size_t{1} << kLearned> next{};  // behind those that are known
};

class BitWriter {
 public:
  void put(std::uint32_t number, NumberModel& model) {
    auto digits = static_cast<unsigned>(std::bit_width(number));
    for (unsigned i = 0; i < digits; ++i) put(true, model.more[i]);
    if (digits < NumberModel::kDigits) put(false, model.more[digits]);
    for (unsigned left = digits; left > 1; --left) {
      auto known = number >> (left - 1);
      Chance even;  // of digits that are noise
      put((number >> (left - 2) & 1) != 0, digits <= NumberModel::kLearned ? model.next[known] : even);
    }
  }
  std::string end() {
    for (int i = 0; i < 5; ++i) shift();
    return std::move(out_);
  }

 private:
  void put(bool one, Chance& chance) {
    auto part = chance.part_of(range_);
    if (one)
      low_ += part, range_ -= part;
    else
      range_ = part;
    chance.learn(one);
    for (; range_ < kLeast; range_ <<= 8) shift();
  }
  // A carry may still run through the bytes that wait: all of them but the first are 0xff.
  void shift() {
    if (low_ < 0xff000000u || low_ > 0xffffffffu) {
      auto carry = static_cast<unsigned char>(low_ >> 32);
      for (; waiting_ > 0; --waiting_, first_ = 0xff) out_ += static_cast<char>(first_ + carry);
      first_ = static_cast<unsigned char>(low_ >> 24);
    }
    ++waiting_;
    low_ = (low_ & 0x00ffffffu) << 8;
  }

  static constexpr std::uint32_t kLeast = 1u << 24;
  std::string out_;
  std::uint64_t low_ = 0, waiting_ = 1;
  std::uint32_t range_ = 0xffffffffu;
  unsigned char first_ = 0;
};

// Garbage is read as some numbers, and behind the end all bytes are 0.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : left_(bytes) {
    for (int i = 0; i < 5; ++i) code_ = code_ << 8 | byte();
  }
  std::uint32_t get(NumberModel& model) {
    unsigned digits = 0;
    while (digits < NumberModel::kDigits && bit(model.more[digits])) ++digits;
    std::uint32_t number = digits > 0 ? 1 : 0;
    for (unsigned left = digits; left > 1; --left) {
      Chance even;
      number =
          number << 1 | static_cast<std::uint32_t>(bit(digits <= NumberModel::kLearned ? model.next[number] : even));
    }
    return number;
  }
  bool behind_the_end() const { return missing_ > 0; }
  bool at_the_end() const { return left_.empty() && missing_ == 0; }

 private:
  bool bit(Chance& chance) {
    auto part = chance.part_of(range_);
    bool one = code_ >= part;
    if (one)
      code_ -= part, range_ -= part;
    else
      range_ = part;
    chance.learn(one);
    for (; range_ < kLeast; range_ <<= 8) code_ = code_ << 8 | byte();
    return one;
  }
  std::uint32_t byte() {
    if (left_.empty()) return ++missing_, 0;
    auto out = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return out;
  }

  static constexpr std::uint32_t kLeast = 1u << 24;
  std::string_view left_;
  std::uint32_t range_ = 0xffffffffu, code_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace davy::judge
