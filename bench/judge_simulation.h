// What the judge's benches share: a fast seeded generator, canaries in two threads, exact upper limits.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

namespace davy::bench {

// A Poisson law whose mean comes again in every window: what its distribution function is at each number is worked out
// once, and a number is found by inversion, from near where it is. Exact to the last bits of a double.
class PoissonTable {
 public:
  explicit PoissonTable(double mean) {
    double far = 9 * std::sqrt(mean) + 30, sum = 0;
    first_ = static_cast<std::uint64_t>(std::max(0.0, std::floor(mean - far)));
    for (auto k = static_cast<double>(first_); k <= mean + far; ++k)
      below_.push_back(sum += std::exp(k * std::log(mean) - mean - std::lgamma(k + 1)));
    for (std::size_t i = 0, at = 0; i < near_.size(); ++i) {
      while (at + 1 < below_.size() && below_[at] < static_cast<double>(i) / kParts) ++at;
      near_[i] = at;
    }
  }
  std::uint64_t of(double u) const {
    auto at = near_[static_cast<std::size_t>(u * kParts)];
    while (at + 1 < below_.size() && below_[at] <= u) ++at;
    return first_ + at;
  }

 private:
  static constexpr double kParts = 256;
  std::uint64_t first_ = 0;
  std::vector<double> below_;
  std::array<std::size_t, 256> near_{};
};

// SplitMix64: a canary's seed is its number, so a run comes out the same however many threads share it. The seed is
// scrambled first: plain neighbours would walk the same sequence, one step apart.
class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : state_(scrambled(scrambled(seed ^ 0x632be59bd9b4e019ull) + 1)) {}
  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return ~0ull; }
  std::uint64_t operator()() { return scrambled(state_ += 0x9e3779b97f4a7c15ull); }
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }
  double normal() { return std::sqrt(2 * exponential(1)) * std::cos(2 * M_PI * uniform()); }

  // By inversion, exact; the library's where too many means beyond 2 came for a table each.
  std::uint64_t poisson(double mean) {
    constexpr std::size_t kMostTables = 200;
    if (mean <= 0) return 0;
    if (mean > 2) {
      thread_local std::unordered_map<double, PoissonTable> tables;
      if (auto found = tables.find(mean); found != tables.end()) return found->second.of(uniform());
      if (tables.size() < kMostTables) return tables.emplace(mean, mean).first->second.of(uniform());
      if (mean > 30) return static_cast<std::uint64_t>(std::poisson_distribution<std::int64_t>(mean)(*this));
    }
    double u = uniform(), p = std::exp(-mean);
    std::uint64_t k = 0;
    for (; u > p && k < 500; ++k) u -= p, p *= mean / static_cast<double>(k + 1);
    return k;
  }
  std::uint64_t binomial(std::uint64_t n, double p) {
    if (p > 0.5) return n - binomial(n, 1 - p);
    double mean = static_cast<double>(n) * p;
    if (mean > 15) return std::binomial_distribution<std::uint64_t>(n, p)(*this);
    double u = uniform(), odds = p / (1 - p), q = std::exp(static_cast<double>(n) * std::log1p(-p));
    std::uint64_t k = 0;
    for (; u > q && k < n; ++k) u -= q, q *= odds * static_cast<double>(n - k) / static_cast<double>(k + 1);
    return k;
  }
  // Of requests: a rounded normal, at least 1. The tests take the number of requests as given, so its law is nothing to
  // them.
  std::uint64_t requests(double mean) {
    return static_cast<std::uint64_t>(std::max(1.0, std::round(mean + std::sqrt(mean) * normal())));
  }

 private:
  static std::uint64_t scrambled(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

// How many of the canaries 0 … n−1 come to `f(Random&) == true`, in two threads.
template <class F>
std::uint64_t how_many(std::uint64_t n, std::uint64_t seed, F&& f) {
  std::array<std::uint64_t, 2> found{};
  auto half = [&](std::size_t mine) {
    std::uint64_t count = 0;
    for (std::uint64_t i = mine; i < n; i += 2) {
      Random random(seed * 1'000'003 + i);
      count += f(random);
    }
    found[mine] = count;
  };
  {
    std::jthread other(half, 1);
    half(0);
  }
  return found[0] + found[1];
}

// P(X <= k) for X binomial(n, p); then the p at which only 1 % would see so few (Clopper & Pearson).
inline double at_most(std::uint64_t k, std::uint64_t n, double p) {
  double all = 0, N = static_cast<double>(n);
  for (std::uint64_t i = 0; i <= k; ++i) {
    double x = static_cast<double>(i);
    all += std::exp(std::lgamma(N + 1) - std::lgamma(x + 1) - std::lgamma(N - x + 1) + x * std::log(p) +
                    (N - x) * std::log1p(-p));
  }
  return all;
}
inline double upper_limit(std::uint64_t k, std::uint64_t n) {
  double low = static_cast<double>(k) / static_cast<double>(n), high = 1;
  while (high - low > 1e-7) (at_most(k, n, (low + high) / 2) > 0.01 ? low : high) = (low + high) / 2;
  return high;
}

inline double quantile(std::vector<double> all, double q = 0.5) {
  auto at = all.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

}  // namespace davy::bench
