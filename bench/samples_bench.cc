// What samples cost: a week of a canary at 200 req/s, half on each side, eight endpoints, ten series, written as an
// engine writes it; what its file takes, and how long it takes to read all of it again and to ask for a chart of it.
// Behind it a thousand short runs in the same store. With a DIRECTORY the state is left there, for `davy status` and
// `davy report` of its runs.
//   samples_bench [DIRECTORY]
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include "engine/run/records.h"
#include "judge/sampler.h"
#include "store/run_id.h"
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

// One answer of the store; run() returns when there is nothing left to wait for, so that this ends.
template <class T>
Result<T> wait(ports::Task<T> task) {
  asio::io_context io;
  Result<T> out = fail(Code::internal, "no answer");
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr, Result<T> r) { out = std::move(r); });
  io.run();
  return out;
}

void must(const Result<>& done) {
  if (done) return;
  fmt::print(stderr, "{}\n", to_string(done.error()));
  std::exit(1);
}

struct Cost {
  double cpu = 0, wall = 0;  // ms
};
double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
Cost cost_of(auto work) {
  auto began = std::chrono::steady_clock::now();
  auto cpu = cpu_ms();
  work();
  return {cpu_ms() - cpu, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count()};
}

const Time kBegan(1'700'000'000s);

// A run that was done, so that the program finds something to show.
ports::RunInfo a_run(store::SqliteStore& store, Time began, Time ended) {
  run::Subject subject{"shop", {"2", "shop@2~20261128-111111-def"}, {"1", "shop@1~20261128-101010-abc"}};
  run::Started started{.runbook = {.environment = "production", .version = "2", .subjects = {subject}}};
  started.who.who = "bench";
  ports::RunInfo info{.id = store::new_run_id(began),
                      .services = {"shop"},
                      .environment = "production",
                      .version = "2",
                      .release = subject.candidate.id,
                      .who = "bench",
                      .started = began};
  must(wait(store.create(info, {engine::record_of(started, 1, began)})));
  auto end = engine::record_of(run::Ended{run::Ending::done, "shop 2 serves"}, 3, ended);
  must(wait(store.append(info.id, 0, 2, {end}, {.close = ports::Close{"done", "shop 2 serves"}})));
  return info;
}

std::vector<ports::Sample> a_week() {
  judge::Sampler sampler;
  std::mt19937_64 random(1);
  std::vector<run::Subject> subjects{
      {"shop", {"2", "shop@2~20261128-111111-def"}, {"1", "shop@1~20261128-101010-abc"}}};
  Time exposed = kBegan, now = exposed;
  std::map<Time, judge::Window> rows;
  for (Duration length; now < exposed + 7 * 24h; now += length) {  // as long as a sample is: it comes to the same
    length = judge::grain_at(now - exposed);
    for (auto& one : sampler.take(window(now, length, random), subjects, exposed)) rows[one.from] = std::move(one);
  }
  std::vector<ports::Sample> out;
  for (auto& [at, window] : rows) out.push_back(std::move(window));
  return out;
}

void write(store::SqliteStore& store, const ports::SampleKey& key, const std::vector<ports::Sample>& samples) {
  constexpr std::size_t kAtOnce = 20;
  for (std::size_t i = 0; i < samples.size(); i += kAtOnce) {
    auto from = samples.begin() + static_cast<std::ptrdiff_t>(i);
    must(wait(store.add(key, {from, from + static_cast<std::ptrdiff_t>(std::min(kAtOnce, samples.size() - i))})));
  }
}

double megabytes(const std::string& file) { return static_cast<double>(std::filesystem::file_size(file)) / 1e6; }

void tell(const char* what, Cost cost, std::size_t windows) {
  fmt::print("{:<28}{:>8.0f} ms CPU {:>8.0f} ms, {} windows\n", what, cost.cpu, cost.wall, windows);
  std::fflush(stdout);
}

void a_week_in(const std::string& directory) {
  auto rows = a_week();
  std::size_t bytes = 0;
  for (auto& one : rows) bytes += judge::encode(one).size();
  fmt::print("{} samples of a week, {:.1f} MB as JSON, {} bytes each\n", rows.size(), static_cast<double>(bytes) / 1e6,
             bytes / rows.size());
  auto store = store::SqliteStore::open(directory).value();
  auto run = a_run(*store, kBegan, kBegan + 7 * 24h);
  auto key = ports::samples_of(run);
  tell("written", cost_of([&] { write(*store, key, rows); }), rows.size());
  std::size_t count = 0;
  auto chart = cost_of([&] { count = wait(store->between(key, kBegan, Time::max(), 1000)).value().size(); });
  tell("1,000 points of it", chart, count);
  auto all = cost_of([&] { count = wait(store->since(key, kBegan)).value() == rows ? rows.size() : 0; });
  tell("all of it, as it was", all, count);
  fmt::print("run {}\n", run.id);
}

void a_thousand_in(const std::string& directory) {
  auto store = store::SqliteStore::open(directory).value();
  std::mt19937_64 random(3);
  std::vector<ports::Sample> seconds;
  for (int second = 0; second < 60; ++second) seconds.push_back(window(kBegan + second * 1s, 1s, random));
  std::string last;
  auto cost = cost_of([&] {
    for (int i = 0; i < 1000; ++i) {
      auto began = kBegan + 8 * 24h + i * 1h;
      auto run = a_run(*store, began, began + 60s);
      for (auto& one : seconds) one.from = began, one.to = began += 1s;
      write(*store, ports::samples_of(run), seconds);
      last = run.id;
    }
  });
  for (auto now = kBegan + 60 * 24h; wait(store->prune({.at_rest = now})).value() > 0;) {
  }
  tell("1,000 runs of 1 min written", cost, 60'000);
  fmt::print("run {}\n", last);
}

}  // namespace

int main(int argc, char** argv) {
  auto directory = argc > 1 ? std::string(argv[1]) : "samples-bench-" + std::to_string(::getpid());
  a_week_in(directory);
  fmt::print("samples.db of a week: {:.1f} MB\n", megabytes(directory + "/samples.db"));
  a_thousand_in(directory);
  fmt::print("samples.db with 1,000 runs more: {:.1f} MB\n", megabytes(directory + "/samples.db"));
  if (argc < 2) std::filesystem::remove_all(directory);
}
