// How fast pages of metrics are read, on one core, beside a plain count of their lines: exposition_bench [--rounds N]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "best.h"
#include "signals/metrics/scrape_account.h"

using namespace davy;
using namespace davy::signals;

namespace {

using davy::bench::best;

// As client libraries write them: a histogram and a counter for each path and status, and gauges.
std::string page() {
  std::string out = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n";
  for (int path = 0; path < 200; ++path)
    for (auto status : {"200", "201", "404", "500"})
      out += fmt::format("http_requests_total{{method=\"GET\",path=\"/api/v1/things/{}\",status=\"{}\"}} {}\n", path,
                         status, path * 7919 + 12345);
  out += "# TYPE http_request_duration_seconds histogram\n";
  for (int path = 0; path < 200; ++path)
    for (auto le : {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"})
      out += fmt::format("http_request_duration_seconds_bucket{{path=\"/api/v1/things/{}\",le=\"{}\"}} {}\n", path, le,
                         path * 104729);
  for (int i = 0; i < 2000; ++i)
    out += fmt::format("jvm_memory_pool_bytes_used{{pool=\"G1 Old Gen {}\",area=\"heap\"}} {}\n", i, i * 1.7560473e+07);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = argc == 3 && std::strcmp(argv[1], "--rounds") == 0 ? std::atoi(argv[2]) : 50;
  auto text = page();
  auto lines = std::ranges::count(text, '\n');
  std::uint64_t sum = 0;
  auto counted = best(rounds, text.size(), [&] { sum += static_cast<std::uint64_t>(std::ranges::count(text, '\n')); });
  auto read = [&](Exposition format) {
    return best(rounds, text.size(), [&] {
      ExpositionReader reader(format, [&](const Sample& s) { sum += s.labels.size(); });
      reader.feed(text);
      sum += reader.finish().samples;
    });
  };
  auto plain = read(Exposition::text), open = read(Exposition::openmetrics);
  ScrapeAccount account({.release_by = "version"});
  ScrapedPage pages[] = {{"a:80", text, Exposition::text}};
  auto accounted = best(rounds, text.size(), [&] {
    auto w = account.look(pages, Time(std::chrono::seconds(1)), Time(std::chrono::seconds(2)));
    sum += w ? w->numbers.size() : 0;
  });
  fmt::print("a page of {} lines, {:.2f} MB, best of {} ({})\n", lines, static_cast<double>(text.size()) / 1e6, rounds,
             sum % 2);
  for (auto& [what, speed] : {std::pair{"counting its lines", counted},
                              {"reading text 0.0.4", plain},
                              {"reading OpenMetrics", open},
                              {"reading and accounting for it", accounted}})
    fmt::print("  {:<30} {:>7.0f} MB/s  {:>6.2f} M lines/s\n", what, speed,
               speed / static_cast<double>(text.size()) * static_cast<double>(lines));
}
