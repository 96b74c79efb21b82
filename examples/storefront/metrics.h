// What Prometheus would scrape: http_requests_total{path,status}, http_request_duration_seconds, memory.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace storefront {

class Metrics {
 public:
  void count(std::string_view path, int status, std::chrono::nanoseconds took);
  std::string text(std::string_view version, std::size_t in_flight) const;

 private:
  static constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0};
  struct Histogram {
    std::array<std::uint64_t, kBounds.size()> buckets{};  // each counts its own range; summed up when printed
    std::uint64_t count = 0;
    double sum = 0;
  };
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Histogram, std::less<>> durations_;
};

}  // namespace storefront
