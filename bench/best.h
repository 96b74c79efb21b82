// The best of several rounds: the machine may be shared.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>

namespace davy::bench {

// MB/s of the quickest round over so many bytes.
template <class F>
double best(int rounds, std::size_t bytes, F&& f) {
  double out = 0;
  for (int i = 0; i < rounds; ++i) {
    auto begun = std::chrono::steady_clock::now();
    f();
    out = std::max(out, static_cast<double>(bytes) / 1e6 /
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  return out;
}

}  // namespace davy::bench
