// How fast application logs are read, on one core, beside a plain count of their lines: patterns_bench [--rounds N]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "best.h"
#include "signals/words/patterns.h"
#include "signals/words/templates.h"

using namespace davy::signals;

namespace {

using davy::bench::best;

// One line in fifty is worth a name; the rest is what services say all day.
std::string made(std::size_t bytes) {
  static constexpr const char* kKinds[] = {
      "INFO  com.shop.Cart - added item {} to cart {} of user u{:x}",
      "DEBUG com.shop.Http - GET /api/orders/{}/items took {} ms for client {:x}",
      "INFO  com.shop.Search - {} hits for query {} in shard {}",
      "DEBUG com.shop.Pool - {} connections open, {} idle, generation {}",
  };
  static constexpr const char* kNamed[] = {
      "ERROR com.shop.Bank - payment {} declined after {} ms by gateway {}",
      "WARN  com.shop.Stock - item {} is low: {} left in store {}",
      "INFO  com.shop.Db - slow query {} took {} ms, plan {}",
      "INFO  com.shop.Cache - cache miss for key {}:{}:{}",
      "WARN  com.shop.Login - login failed for user {} from 10.0.{}.{}",
  };
  std::mt19937 random(1);
  std::string out;
  while (out.size() < bytes) {
    auto line = random() % 50 == 0 ? kNamed[random() % std::size(kNamed)] : kKinds[random() % std::size(kKinds)];
    out += fmt::format("2026-11-21 10:{:02}:{:02},{:03} [pool-{}-thread-{}] ", random() % 60, random() % 60,
                       random() % 1000, random() % 4, random() % 32);
    out += fmt::format(fmt::runtime(line), random() % 100'000, random() % 256, random() % 256) + "\n";
  }
  return out;
}

template <class F>
void each_line(std::string_view text, F&& f) {
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    f(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = argc == 3 && std::strcmp(argv[1], "--rounds") == 0 ? std::atoi(argv[2]) : 10;
  auto text = made(64 << 20);
  auto lines = static_cast<double>(std::ranges::count(text, '\n'));
  std::uint64_t sum = 0;
  auto show = [&](const std::string& what, std::size_t bytes, auto&& f) {
    auto speed = best(rounds, bytes, f);
    fmt::print("  {:<44} {:>7.0f} MB/s  {:>7.2f} M lines/s\n", what, speed,
               speed / static_cast<double>(text.size()) * lines);
  };
  fmt::print("{:.0f} MB of an application log, {:.1f} M lines, best of {}\n", static_cast<double>(text.size()) / 1e6,
             lines / 1e6, rounds);
  show("counting its lines", text.size(), [&] { sum += static_cast<std::uint64_t>(std::ranges::count(text, '\n')); });
  std::vector<NamedPattern> five = {{"ERROR", "\\bERROR\\b"},
                                    {"SLOW", "slow query"},
                                    {"MISS", "cache miss"},
                                    {"AUTH", "login failed"},
                                    {"PAYMENT", "payment [0-9]+ declined"}};
  for (auto& [what, all] : {std::pair{"five patterns of one's own", five}, {"the six usual ones", with_usual({})}})
    for (auto how : {Patterns::How::fastest, Patterns::How::by_line}) {
      auto patterns = Patterns::of(all, how);
      std::vector<std::uint64_t> counts(all.size());
      auto part = how == Patterns::How::fastest ? std::string_view(text) : std::string_view(text).substr(0, 8 << 20);
      show(fmt::format("{}, {}", what, patterns->engine()), part.size(), [&] { patterns->count(part, counts); });
      sum += counts[0];
    }
  Templates templates;
  auto part = std::string_view(text).substr(0, 8 << 20);
  show("templates", part.size(), [&] {
    each_line(part, [&](std::string_view line) {
      if (auto entry = entry_of(line)) templates.learn(*entry);
    });
  });
  fmt::print("  {} templates ({})\n", templates.size(), sum % 2);
}
