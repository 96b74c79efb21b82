// What durability costs: the journal's appends, alone and 100 at a time, beside the bare sync that each must pay.
// Run it on the disk in question: the files are made in the current directory.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "store/sqlite/sqlite.h"

namespace davy::store {
namespace {

namespace asio = boost::asio;

class Directory {
 public:
  Directory() { std::filesystem::create_directory(path); }
  ~Directory() { std::filesystem::remove_all(path); }
  const std::string path = "store-bench-" + std::to_string(::getpid());
};

std::vector<ports::Record> a_record() {
  return {{.at = Time(std::chrono::seconds(1'700'000'000)), .kind = "attempt ended", .body = std::string(300, 'x')}};
}

// In place, as a write-ahead log is after its first checkpoint: growing a file costs a commit of the file system, too.
void BareSyncOf4KiB(benchmark::State& state) {
  Directory directory;
  int file = ::open((directory.path + "/sync").c_str(), O_RDWR | O_CREAT, 0600);
  std::string whole(4 << 20, '.'), block(4096, 'x');
  bool fine = ::write(file, whole.data(), whole.size()) == std::ssize(whole) && ::fsync(file) == 0;
  for (off_t page = 0; auto _ : state) {
    fine = fine && ::pwrite(file, block.data(), block.size(), page++ % 1024 * 4096) == 4096 && ::fdatasync(file) == 0;
  }
  ::close(file);
  if (!fine) state.SkipWithError("the file could not be written");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BareSyncOf4KiB)->UseRealTime();

// One run for each of `at_once`: all append at the same time, each waits for its own answer.
void DurableAppends(benchmark::State& state) {
  Directory directory;
  auto store = SqliteStore::open(directory.path).value();
  asio::io_context io;
  bool fine = true;
  auto note = [&](std::exception_ptr thrown, Result<> result) { fine = fine && !thrown && result; };
  auto all = [&](auto call) {
    for (std::int64_t number = 0; number < state.range(0); ++number)
      asio::co_spawn(io, call(std::to_string(number)), note);
    io.restart();
    io.run();
  };
  all([&](std::string id) {
    return store->create({.id = id, .services = {id}, .environment = "bench", .epoch = 1}, {});
  });
  for (std::int64_t seq = 1; auto _ : state) {
    all([&](std::string id) { return store->append(id, 1, seq, a_record()); });
    ++seq;
  }
  if (!fine) state.SkipWithError("an append failed");
  state.SetItemsProcessed(state.iterations() * state.range(0));
  auto effort = store->effort();
  state.counters["writes/commit"] = static_cast<double>(effort.writes) / static_cast<double>(effort.commits);
}
BENCHMARK(DurableAppends)->Arg(1)->Arg(100)->UseRealTime();

// A filter that nothing fits makes it read and verify every run that there ever was.
void ListingRuns(benchmark::State& state) {
  Directory directory;
  auto store = SqliteStore::open(directory.path).value();
  asio::io_context io;
  bool fine = true;
  auto one_run = [&](std::string id) -> asio::awaitable<void> {
    auto created = co_await store->create(
        {.id = id, .services = {id}, .environment = "bench", .version = "1.2.3", .who = "ana", .epoch = 1}, a_record());
    auto ended = co_await store->append(id, 1, 2, a_record(), {.close = {{"done", "it serves"}}});
    fine = fine && created && ended;
  };
  for (std::int64_t number = 0; number < state.range(0);) {  // few at once: each looks at all that are open
    for (int i = 0; i < 25; ++i) asio::co_spawn(io, one_run(std::to_string(number++)), asio::detached);
    io.restart();
    io.run();
  }
  for (auto _ : state) {
    io.restart();
    asio::co_spawn(io, store->runs({.service = "none"}),
                   [&](std::exception_ptr thrown, auto runs) { fine = fine && !thrown && runs && runs->empty(); });
    io.run();
  }
  if (!fine) state.SkipWithError("a call failed");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ListingRuns)->Arg(1000)->Iterations(20)->UseRealTime();

}  // namespace
}  // namespace davy::store
