#include "metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace storefront {
namespace {

std::int64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

void Metrics::count(std::string_view path, int status, std::chrono::nanoseconds took) {
  ++requests_[{std::string(path), status}];
  auto& histogram = durations_[std::string(path)];
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bound = std::ranges::lower_bound(kBounds, seconds);
  if (bound != kBounds.end()) ++histogram.buckets[static_cast<std::size_t>(bound - kBounds.begin())];
  ++histogram.count;
  histogram.sum += seconds;
}

std::string Metrics::text(std::string_view version, std::size_t in_flight) const {
  std::string out = "# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n";
  for (const auto& [key, n] : requests_)
    out += fmt::format("http_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", key.first, key.second, n);
  out += "# HELP http_request_duration_seconds Time from request to answer.\n";
  out += "# TYPE http_request_duration_seconds histogram\n";
  for (const auto& [path, histogram] : durations_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i)
      out += fmt::format("http_request_duration_seconds_bucket{{path=\"{}\",le=\"{}\"}} {}\n", path, kBounds[i],
                         below += histogram.buckets[i]);
    out += fmt::format("http_request_duration_seconds_bucket{{path=\"{}\",le=\"+Inf\"}} {}\n", path, histogram.count);
    out += fmt::format("http_request_duration_seconds_sum{{path=\"{}\"}} {}\n", path, histogram.sum);
    out += fmt::format("http_request_duration_seconds_count{{path=\"{}\"}} {}\n", path, histogram.count);
  }
  out += fmt::format("# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight {}\n", in_flight);
  out +=
      fmt::format("# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {}\n", resident_bytes());
  out += fmt::format("# TYPE storefront_info gauge\nstorefront_info{{version=\"{}\"}} 1\n", version);
  return out;
}

}  // namespace storefront
