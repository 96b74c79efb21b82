// Clock, files, locks, and who is who on this machine.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/io_testing.h"
#include "io/keeper/kept_output.h"
#include "io/posix/bell.h"
#include "io/posix/clock.h"
#include "io/posix/files.h"
#include "io/posix/machine.h"

namespace davy::io {
namespace {

using testing::HasSubstr;

TEST(Clock, RisesAndIsTheTimeOfDay) {
  Clock clock;
  auto first = clock.now();
  EXPECT_LT(std::chrono::abs(first - std::chrono::system_clock::now()), 5s);
  for (int i = 0; i < 1000; ++i) {
    auto next = clock.now();
    EXPECT_GE(next, first);
    first = next;
  }
}

TEST(Clock, SleepsUntilItsTimeOrIsCancelled) {
  asio::io_context context;
  Clock clock;
  auto until = clock.now() + 50ms;
  EXPECT_TRUE((Going<void>(context, clock.sleep_until(until)).get()));
  EXPECT_GE(clock.now(), until);
  EXPECT_TRUE((Going<void>(context, clock.sleep_until(until)).get())) << "that is over";
  Going<void> forever(context, clock.sleep_until(Time::max()));
  EXPECT_FALSE(forever.done());
  forever.cancel();
  EXPECT_EQ(forever.get().error().code, Code::cancelled);
}

// The engine's coroutines look at their state instead of being thrown out: a cancellation that comes while they wait
// for something that hears none must still end the next pause.
TEST(Clock, SleepsNoMoreAfterACancellationThatNobodyHeard) {
  asio::io_context context;
  Clock clock;
  auto deaf = [&clock]() -> ports::Task<> {
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::steady_timer work(co_await asio::this_coro::executor, 20ms);
    co_await work.async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    co_return co_await clock.sleep_until(Time::max());
  };
  Going<void> task(context, deaf());
  task.cancel();
  EXPECT_EQ(task.get().error().code, Code::cancelled);
}

// Both ends in one turn of the loop: the nap is over, and its cancellation finds nothing to cancel any more.
TEST(Clock, SleepsNoMoreAfterACancellationThatCameWithTheEndOfANap) {
  asio::io_context context;
  Clock clock(20ms);
  auto deaf = [&clock]() -> ports::Task<> {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return co_await clock.sleep_until(Time::max());
  };
  asio::cancellation_signal signal;
  std::optional<Result<>> end;
  asio::steady_timer earlier(context, 10ms);
  earlier.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
  asio::co_spawn(context, deaf(), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, Result<> r) {
                   end = std::move(r);
                 }));
  context.poll();  // both timers run
  std::this_thread::sleep_for(40ms);
  context.run_for(200ms);  // ten more naps
  ASSERT_TRUE(end);
  EXPECT_EQ(end->error().code, Code::cancelled);
}

TEST(Files, WriteReadAndRemove) {
  Scratch scratch;
  Files files;
  auto path = scratch / "a file";
  EXPECT_FALSE(files.stat(path).value());
  ASSERT_TRUE(files.write(path, "one", 0640));
  ASSERT_TRUE(files.write(path, "two", 0600));
  EXPECT_EQ(files.read(path), "two");
  EXPECT_EQ(files.stat(path).value()->mode, 0600U);
  EXPECT_EQ(files.stat(path).value()->size.value, 3);
  EXPECT_TRUE(files.stat(scratch.path()).value()->directory);
  EXPECT_TRUE(files.remove(path));
  EXPECT_TRUE(files.remove(path)) << "fine when it is not there";
  EXPECT_EQ(files.read(path).error().code, Code::invalid);
  EXPECT_EQ(files.remove(scratch.path()).error().code, Code::invalid) << "a folder is no small file";
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 0) << "no temporary is left";
}

TEST(Files, NeverReplacesWhatIsNoRegularFile) {
  Scratch scratch;
  Files files;
  auto fifo = scratch / "fifo", link = scratch / "link", target = scratch / "target", lost = scratch / "lost";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(files.write(fifo, "nobody reads", 0600)) << "and it does not wait for a reader";
  int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_TRUE(files.write(fifo, "text", 0600));
  char read[8] = {};
  EXPECT_EQ(::read(reader, read, sizeof read), 4);
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(fifo));
  ASSERT_TRUE(files.write(target, "old", 0600));
  std::filesystem::create_symlink(target, link);
  ASSERT_TRUE(files.write(link, "new", 0600));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(files.read(target), "new");
  std::filesystem::create_symlink(scratch / "nowhere", lost);
  EXPECT_FALSE(files.write(lost, "text", 0600));
}

TEST(Files, ADeviceThatIsFullSaysSo) {
  Files files;
  auto written = files.write("/dev/full", "text", 0600);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("No space left"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(Files, SayHowMuchSpaceThereIs) {
  Scratch scratch;
  Files files;
  auto space = files.space(scratch.path());
  ASSERT_TRUE(space);
  EXPECT_GT(space->total.value, 0);
  EXPECT_LE(space->free, space->total);
  EXPECT_FALSE(files.space(scratch / "none"));
}

TEST(Files, ReadAtMost16MiB) {
  Scratch scratch;
  Files files;
  std::filesystem::create_directories(scratch.path());
  std::ofstream(scratch / "big").close();
  std::filesystem::resize_file(scratch / "big", 16 * 1024 * 1024 + 1);
  EXPECT_EQ(files.read(scratch / "big").error().code, Code::invalid);
}

TEST(Files, TheEndIsReadOfAnyFileAndOfNothingElse) {
  Scratch scratch;
  Files files;
  std::ofstream(scratch / "log") << "first\nlast\n";
  EXPECT_EQ(files.end(scratch / "log", 5), "last\n");
  EXPECT_EQ(files.end(scratch / "log", 100), "first\nlast\n");
  std::filesystem::resize_file(scratch / "log", 64 * 1024 * 1024);
  std::ofstream(scratch / "log", std::ios::app) << "!\n";
  EXPECT_EQ(files.end(scratch / "log", 2), "!\n");
  std::filesystem::create_symlink(scratch / "log", scratch / "link");
  EXPECT_FALSE(files.end(scratch / "link", 5));
  EXPECT_FALSE(files.end(scratch.path(), 5));
  EXPECT_FALSE(files.end(scratch / "none", 5));
}

// In a process of its own, because of what it changes: 0 when `check` holds.
int in_child(const std::function<bool()>& check) {
  auto pid = ::fork();
  if (pid == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

TEST(Files, AreRefusedWithoutPermission) {
  Scratch scratch;
  Files files;
  ASSERT_TRUE(files.write(scratch / "mine", "x", 0600));
  EXPECT_EQ(in_child([&] {
              if (::geteuid() == 0 && ::seteuid(65534) != 0) return false;
              ::chmod(scratch.path().c_str(), 0500);
              auto written = files.write(scratch / "new", "x", 0600);
              return !written && written.error().code == Code::refused;
            }),
            0);
  EXPECT_EQ(files.read(scratch / "mine"), "x");
}

// The limit on a file's size stands for a full disk: the write fails half-way in the same place.
TEST(Files, AFullDiskLeavesTheOldTextAndNoRemains) {
  Scratch scratch;
  Files files;
  ASSERT_TRUE(files.write(scratch / "f", "old", 0600));
  EXPECT_EQ(in_child([&] {
              ::signal(SIGXFSZ, SIG_IGN);
              rlimit limit{1000, 1000};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              auto written = files.write(scratch / "f", std::string(5000, 'x'), 0600);
              return !written && written.error().code == Code::no_space;
            }),
            0);
  EXPECT_EQ(files.read(scratch / "f"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
  EXPECT_EQ(system_error("x", ENOSPC).code, Code::no_space);
}

TEST(LockFile, IsHeldByOneAndTellsBy) {
  Scratch scratch;
  auto path = scratch / "lock";
  EXPECT_EQ(LockFile::holder(path).value(), std::nullopt);
  {
    auto lock = LockFile::take(path, "run 17 by anna");
    ASSERT_TRUE(lock);
    EXPECT_EQ(LockFile::holder(path).value(), "run 17 by anna");
    auto second = LockFile::take(path, "other");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::refused);
    EXPECT_THAT(second.error().message, HasSubstr("run 17 by anna"));
  }
  EXPECT_EQ(LockFile::holder(path).value(), std::nullopt);
  EXPECT_TRUE(LockFile::take(path, "next"));
  EXPECT_FALSE(LockFile::take(scratch / "none/lock", "x"));
}

TEST(Machine, KnowsItselfAndItsProcesses) {
  auto machine = this_machine();
  EXPECT_FALSE(machine.host.empty());
  EXPECT_FALSE(machine.user.empty());
  EXPECT_EQ(machine.boot, kernel_boot_id());
  EXPECT_EQ(this_machine("b").boot, "b");
  auto self = identify(::getpid(), "b");
  EXPECT_GT(self.start, 0U);
  EXPECT_TRUE(alive(self, "b"));
  EXPECT_FALSE(alive(self, "another boot"));
  auto other = self;
  ++other.start;
  EXPECT_FALSE(alive(other, "b")) << "its pid is used by another now";
  EXPECT_LT(std::chrono::abs(started_at(self) - std::chrono::system_clock::now()), std::chrono::hours(1));
}

TEST(Machine, KnowsWhoStandsStill) {
  auto pid = ::fork();
  if (pid == 0) ::raise(SIGSTOP), ::_exit(0);
  ASSERT_TRUE(eventually([&] { return process_stat(pid)->stopped; }));
  ::kill(pid, SIGCONT);
  ::waitpid(pid, nullptr, 0);
  EXPECT_FALSE(process_stat(::getpid())->stopped);
}

TEST(Machine, AZombieIsNotAlive) {
  auto pid = ::fork();
  if (pid == 0) ::_exit(0);
  ASSERT_TRUE(eventually([&] { return process_stat(pid)->zombie; }));
  EXPECT_FALSE(alive(identify(pid, "b"), "b"));
  ::waitpid(pid, nullptr, 0);
  EXPECT_FALSE(process_stat(pid));
}

// Each wait would last for an hour if nothing rang.
TEST(Bell, RingsForWhatWasWrittenSinceTheLastWait) {
  Scratch scratch;
  std::ofstream(scratch / "davy.db-wal") << "one";
  Bell bell(scratch / "");
  std::ofstream(scratch / "davy.db-wal", std::ios::app) << "two";
  bell.wait(1h);
  std::ofstream(scratch / "samples.db") << "new";
  bell.wait(1h);
  bell.wait(1ms);  // nothing rang: it ends all the same
  asio::io_context io;
  Result<> rang = fail(Code::internal, "no answer");
  asio::co_spawn(io, bell.rung(1h), [&](std::exception_ptr, Result<> r) { rang = std::move(r); });
  io.poll();
  std::ofstream(scratch / "davy.db-wal", std::ios::app) << "three";
  io.run();
  EXPECT_TRUE(rang);
}

TEST(Bell, IsCancelledAndLooksAgainWhereNoneCanBeHung) {
  Scratch scratch;
  Bell bell(scratch / ""), none(scratch / "nowhere");
  none.wait(1h);
  asio::io_context io;
  asio::cancellation_signal stop;
  Result<> rang, looked = fail(Code::internal, "no answer");
  asio::co_spawn(io, none.rung(1h), [&](std::exception_ptr, Result<> r) { looked = std::move(r); });
  asio::co_spawn(io, bell.rung(1h), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, Result<> r) {
                   rang = std::move(r);
                 }));
  io.poll();
  stop.emit(asio::cancellation_type::all);
  io.run();
  EXPECT_TRUE(looked);
  ASSERT_FALSE(rang);
  EXPECT_EQ(rang.error().code, Code::cancelled);
}

TEST(KeptOutput, IsTheHeadAndTheTail) {
  Scratch scratch;
  for (std::size_t size : {0, 1, 49, 50, 51, 99, 100, 101, 150, 5000}) {
    std::filesystem::remove(scratch / "out");
    std::string text;
    while (text.size() < size) text += static_cast<char>('a' + text.size() % 26);
    KeptOutput kept(scratch / "out", 100);
    for (std::size_t at = 0; at < size; at += 7) {
      kept.add(std::string_view(text).substr(at, 7));
      if (at % 3 == 0) kept.flush();
    }
    kept.flush();
    auto file = slurp(scratch / "out");
    if (size <= 100) {
      EXPECT_EQ(file, text);
      continue;
    }
    EXPECT_TRUE(file.starts_with(text.substr(0, 50))) << size;
    EXPECT_TRUE(file.ends_with(text.substr(size - 50))) << size;
    EXPECT_THAT(file, HasSubstr(std::to_string(size - 100) + " bytes of output were dropped here"));
  }
}

}  // namespace
}  // namespace davy::io
