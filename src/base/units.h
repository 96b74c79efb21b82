// Units by type, so that a share cannot be taken for a count.
#pragma once
#include <cstdint>
#include <string>

namespace davy {

struct Ratio {  // 0.05 is 5 %
  double value = 0;
  auto operator<=>(const Ratio&) const = default;
};
struct Bytes {
  std::int64_t value = 0;
  auto operator<=>(const Bytes&) const = default;
};

std::string human(Ratio);  // "5%", "0.12%"
std::string human(Bytes);  // "12.3 MB" (decimal units, as the field prints them)

// A secret is a NAME until the very edge (src/io), which holds the values. It has no value member, so no printer can
// leak one.
struct SecretRef {
  std::string name;
  auto operator<=>(const SecretRef&) const = default;
};

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace davy
