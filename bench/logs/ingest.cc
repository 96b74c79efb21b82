// The live path: lines into the socket as HAProxy sends them, windows out on the core: logs_ingest [SECONDS]
//
// First as fast as the reader takes them (the sender waits when the kernel's queue is full), then 200,000 lines a
// second without waiting, as HAProxy does: what finds the queue full is dropped, and HAProxy counts it (`DroppedLogs`),
// from which a deployment learns of it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <thread>

#include "io/log_reader.h"
#include "made.h"

namespace {

using namespace davy;
using Clock = std::chrono::steady_clock;
namespace asio = boost::asio;

struct Sent {
  std::uint64_t lines = 0, dropped = 0;
  double seconds = 0;
};

double cpu_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// `rate` 0: as fast as they are taken.
Sent send(const std::string& path, const std::vector<std::string>& lines, double rate, double seconds) {
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return {};
  Sent out;
  auto begun = Clock::now();
  for (;;) {
    out.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    if (out.seconds >= seconds) break;
    if (rate > 0 && static_cast<double>(out.lines) > rate * out.seconds) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      continue;
    }
    for (int i = 0; i < 16; ++i, ++out.lines) {
      auto& line = lines[out.lines % lines.size()];
      if (::send(fd, line.data(), line.size(), rate > 0 ? MSG_DONTWAIT : 0) < 0) ++out.dropped;
    }
  }
  ::close(fd);
  return out;
}

void measure(std::string_view what, const std::vector<std::string>& lines, double rate, double seconds) {
  auto folder = std::filesystem::temp_directory_path() / fmt::format("davy-ingest.{}", ::getpid());
  std::filesystem::create_directory(folder);
  auto path = (folder / "log.sock").string();
  asio::io_context core;
  auto reader = io::LogReader::open(core.get_executor(),
                                    {.path = path, .now = [] { return Time(std::chrono::system_clock::now()); }});
  if (!reader) return fmt::print("{}\n", reader.error().message), void();
  std::uint64_t counted = 0, broken = 0;
  asio::co_spawn(
      core,
      [&]() -> ports::Task<void> {
        while (auto w = co_await (*reader)->next()) counted += w->lines, broken += w->broken;
        co_return Result<>{};
      },
      asio::detached);
  Sent sent;
  double of_sender = 0;
  auto begun = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  std::jthread sender([&] {
    sent = send(path, lines, rate, seconds);
    of_sender = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // the last windows
    asio::post(core, [&] { (*reader)->close(); });
  });
  core.run();
  sender.join();
  auto own = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - begun - of_sender;
  auto n = static_cast<double>(counted);
  fmt::print(
      "{:<28} {:>9.0f} lines/s sent, {:>9} counted of {} ({} dropped by the queue, {} broken); {:.2f} us of CPU a line "
      "in the reader: {:.0f} lines/s on a core of its own\n",
      what, static_cast<double>(sent.lines) / sent.seconds, counted, sent.lines, sent.dropped, broken, own / n * 1e6,
      n / own);
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  auto seconds = argc > 1 ? std::atof(argv[1]) : 5;
  davy::bench::MadeLog made("davy1");
  std::vector<std::string> lines(4096);
  for (auto& line : lines) made.line(line);
  measure("as fast as they are taken", lines, 0, seconds);
  measure("200,000 a second, no waiting", lines, 200'000, seconds);
}
