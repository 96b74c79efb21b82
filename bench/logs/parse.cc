// What parsing alone costs, in memory, one core: logs_parse [KIND]...
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "made.h"
#include "signals/formats/format.h"

using namespace davy;

namespace {

// Of this thread alone: neighbours take time, but not this.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr int kTimes = 20;  // over a block that fits the cache, as a reader has it

double best_seconds(auto&& work) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    auto begun = cpu_seconds();
    for (int j = 0; j < kTimes; ++j) work();
    best = std::min(best, (cpu_seconds() - begun) / kTimes);
  }
  return best;
}

void measure(std::string_view kind) {
  bench::MadeLog made(kind);
  std::string text;
  while (text.size() < 1'000'000) made.line(text);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  auto format = signals::Format::guess(std::span(lines).first(10));
  if (!format) return fmt::print("{}: {}\n", kind, format.error().message);
  for (auto [name, want] : {std::pair{"counts", signals::Want::counts}, {"all", signals::Want::all}}) {
    std::uint64_t read = 0, sum = 0;
    auto took = best_seconds([&] {
      read = 0;
      for (auto line : lines) {
        signals::Request out;
        read += format->parse(line, out, want) == signals::Parsed::line;
        sum += static_cast<std::uint64_t>(out.status);
      }
    });
    fmt::print("{:<11} {:<7} {:5.1f} ns a line, {:5.2f} GB/s  ({} of {} lines, {} bytes each) {}\n", kind, name,
               took * 1e9 / static_cast<double>(lines.size()), static_cast<double>(text.size()) / took / 1e9, read,
               lines.size(), text.size() / lines.size(), sum == 0 ? "?" : "");
  }
  fmt::print("            {}\n", format->name());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1)
    for (int i = 1; i < argc; ++i) measure(argv[i]);
  else
    for (auto kind : {"davy1", "httplog", "nginx", "nginx-json", "caddy"}) measure(kind);
}
