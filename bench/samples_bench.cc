// What a week of samples costs: a canary at 200 req/s, half on each side, eight endpoints, ten series. Prints rows,
// bytes a row, and what the store's file takes; and how long it takes to read them all again, as `davy status` does.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include "judge/sampler.h"
#include "store/sqlite/sqlite.h"

namespace {

using namespace davy;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int kRate = 200, kEndpoints = 8, kSeries = 10;

// Drawn once: a week has 120 million requests.
Duration a_latency(std::mt19937_64& random) {
  static const auto drawn = [] {
    std::mt19937_64 own(2);
    std::lognormal_distribution<> latency(std::log(20e6), .6);
    std::vector<Duration> out(1 << 16);
    for (auto& one : out) one = Duration(static_cast<std::int64_t>(latency(own)));
    return out;
  }();
  return drawn[random() % drawn.size()];
}

judge::Window window(Time from, Duration length, std::mt19937_64& random) {
  static const std::vector<std::string> releases{"shop@1~20261128-101010-abc", "shop@2~20261128-111111-def"};
  judge::Window w{.from = from, .to = from + length};
  static const std::vector<std::string> endpoints = [] {
    std::vector<std::string> out;
    for (int i = 0; i < kEndpoints; ++i) out.push_back("/api/things/:id/" + std::to_string(i));
    return out;
  }();
  for (int i = 0; i < kRate * (length / 1s); ++i) {
    auto& tally = w.releases[releases[random() % 2]];
    auto& part = tally.endpoints[endpoints[random() % endpoints.size()]];
    auto took = a_latency(random);
    bool bad = random() % 2000 == 0;
    ++tally.requests, ++part.requests, ++tally.newcomers, ++tally.repeats;
    tally.errors += bad, part.errors += bad, tally.error_clients += bad, part.error_clients += bad;
    tally.latency.add(took), part.latency.add(took);
  }
  for (int i = 0; i < kSeries; ++i)
    w.numbers["machine.series_" + std::to_string(i)][""] = static_cast<double>(random() % 10000) / 100;
  w.asked[releases[1]] = .5;
  return w;
}

template <class T>
Result<T> wait(ports::Task<T> task) {
  asio::io_context io;
  std::optional<Result<T>> out;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr, Result<T> r) { out = std::move(r); });
  while (!out) io.run_one_for(1ms);
  return *std::move(out);
}

std::vector<ports::Sample> a_week() {
  judge::Sampler sampler;
  std::mt19937_64 random(1);
  std::vector<run::Subject> subjects{
      {"shop", {"2", "shop@2~20261128-111111-def"}, {"1", "shop@1~20261128-101010-abc"}}};
  Time exposed(1'700'000'000s), now = exposed;
  std::map<Time, judge::Window> rows;
  for (Duration length; now < exposed + 7 * 24h; now += length) {  // as long as a sample is: it comes to the same
    length = judge::grain_at(now - exposed);
    for (auto& one : sampler.take(window(now, length, random), subjects, exposed)) rows[one.from] = std::move(one);
  }
  std::vector<ports::Sample> out;
  for (auto& [at, window] : rows) out.push_back({at, judge::Sampler::kGrain, judge::encode(window)});
  return out;
}

}  // namespace

int main() {
  auto directory = "samples-bench-" + std::to_string(::getpid());
  auto rows = a_week();
  std::size_t bytes = 0;
  for (auto& one : rows) bytes += one.body.size();
  ports::SampleKey key{"shop", "production", "shop@2"};
  std::chrono::duration<double> took{};
  {
    auto store = store::SqliteStore::open(directory).value();
    auto count = rows.size();
    (void)wait(store->add(key, std::move(rows)));
    auto began = std::chrono::steady_clock::now();
    auto read = wait(store->since(key, judge::Sampler::kGrain, Time{}));
    std::size_t good = 0;
    for (auto& one : read.value()) good += judge::decode(one.body).has_value();
    took = std::chrono::steady_clock::now() - began;
    fmt::print("{} samples of a week, {} read again in {:.0f} ms\n", count, good, took.count() * 1000);
    fmt::print("{:.1f} MB, {} bytes each\n", static_cast<double>(bytes) / 1e6, bytes / count);
  }
  fmt::print("samples.db: {:.1f} MB\n",
             static_cast<double>(std::filesystem::file_size(directory + "/samples.db")) / 1e6);
  std::filesystem::remove_all(directory);
}
