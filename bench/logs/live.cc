// The live path at a steady rate: lines into a file that is rotated, a datagram socket, UDP and a pipe, 200,000 a
// second from another process, windows out on the core: logs_live [SECONDS] [LINES-A-SECOND] [FOLDER]
//
// A rate is held if every line that was written is counted. CPU is that of this process (reader and core): what it
// takes of one core.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "io/lines/logs.h"
#include "io/posix/clock.h"
#include "io/posix/posix.h"
#include "made.h"
#include "providers/signal/traffic_lines.h"

namespace {

using namespace davy;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace fs = std::filesystem;

using Write = std::function<bool(std::string_view line)>;  // false: dropped, as HAProxy drops

struct Sent {
  std::uint64_t lines = 0, dropped = 0;
  double seconds = 0;
};

double now() { return seconds(io::boot_time()); }

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Evenly, by a core of the writer's own: a kernel's queue of ten lines takes no bursts, whoever reads it.
Sent write_steadily(const Write& write, double rate, double length) {
  bench::MadeLog made("davy1");
  std::vector<std::string> lines(4096);
  for (auto& line : lines) made.line(line);
  Sent out;
  for (auto begun = now(); out.seconds < length; out.seconds = now() - begun) {
    for (; static_cast<double>(out.lines) < rate * out.seconds; ++out.lines)
      if (!write(lines[out.lines % lines.size()])) ++out.dropped;
  }
  return out;
}

// The writer is a process of its own, so that this one's CPU is the reader's.
pid_t writer(int report, double rate, double length, const std::function<Write()>& begin) {
  pid_t pid = ::fork();
  if (pid != 0) return pid;
  auto sent = write_steadily(begin(), rate, length);
  (void)!::write(report, &sent, sizeof sent);
  ::_exit(0);
}

Write into_file(const std::string& path) {
  auto fd = std::make_shared<io::Fd>(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
  auto rotate_at = std::make_shared<double>(now() + 1);
  return [=, n = 0](std::string_view line) mutable {
    if (++n % 1000 == 0 && now() > *rotate_at) {
      ::rename(path.c_str(), (path + ".1").c_str());
      fd->reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
      *rotate_at = now() + 1;
    }
    return ::write(fd->get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  };
}

template <class Address>
Write into_socket(const Address& to, int family, int flags) {
  auto fd = std::make_shared<io::Fd>(::socket(family, SOCK_DGRAM, 0));
  (void)!::connect(fd->get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return [fd, flags](std::string_view line) { return ::send(fd->get(), line.data(), line.size(), flags) > 0; };
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  std::strncpy(out.sun_path, path.c_str(), sizeof out.sun_path - 1);
  return out;
}

constexpr std::uint16_t kPort = 45514;
sockaddr_in udp_address() {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(kPort);
  return out;
}

void measure(std::string_view what, std::string_view place, double rate, double length,
             const std::function<Write()>& begin) {
  asio::io_context core;
  io::Clock clock;
  io::Secrets secrets;
  io::Logs logs(core.get_executor(), clock, secrets);
  auto reading = logs.open({.place = *ports::parse_log_place(place)}, providers::traffic_taker({}));
  if (!reading) return fmt::print("{}: {}\n", what, reading.error().message);
  int report[2];
  if (::pipe(report) != 0) return;
  std::uint64_t counted = 0, broken = 0, gaps = 0;
  auto read_all = [&]() -> asio::awaitable<void> {
    while (auto taken = co_await (*reading)->next()) {
      auto& w = taken->window;
      auto uncounted = w.counts[providers::kUncounted][""];  // no path is ignored here: they are broken
      for (auto& [server, tally] : w.releases) counted += tally.requests;
      counted += uncounted, broken += uncounted, gaps += !taken->gap.empty() || !w.complete;
    }
  };
  asio::co_spawn(core, read_all(), asio::detached);
  auto began = cpu_seconds();
  auto pid = writer(report[1], rate, length, begin);
  Sent sent;
  std::jthread waiting([&] {
    (void)!::read(report[0], &sent, sizeof sent);
    std::this_thread::sleep_for(400ms);  // the last windows
    asio::post(core, [&] { reading->reset(); });
  });
  core.run();
  waiting.join();
  ::waitpid(pid, nullptr, 0);
  auto cpu = cpu_seconds() - began;
  auto arrived = sent.lines - sent.dropped;
  fmt::print(
      "{:<34} {:>8.0f} lines/s, {:>9} written, {:>7} not taken by the queue, {:>5} lost, {} broken, {} windows with "
      "a gap; {:.0f} % of a core, {:.0f} ns a line\n",
      what, static_cast<double>(sent.lines) / sent.seconds, sent.lines, sent.dropped,
      static_cast<std::int64_t>(arrived - counted), broken, gaps, cpu / sent.seconds * 100,
      cpu * 1e9 / static_cast<double>(counted));
  ::close(report[0]), ::close(report[1]);
}

}  // namespace

int main(int argc, char** argv) {
  auto length = argc > 1 ? std::atof(argv[1]) : 5, rate = argc > 2 ? std::atof(argv[2]) : 200'000;
  auto folder = fs::path(argc > 3 ? argv[3] : "/dev/shm") / fmt::format("davy-live.{}", ::getpid());
  fs::create_directory(folder);
  auto file = (folder / "access.log").string(), socket = (folder / "log.sock").string();
  measure("a file, rotated every second", file, rate, length, [&] { return into_file(file); });
  measure("unix socket, writer waits", "unix:" + socket, rate, length,
          [&] { return into_socket(unix_address(socket), AF_UNIX, 0); });
  measure("unix socket, as HAProxy writes", "unix:" + socket, rate, length,
          [&] { return into_socket(unix_address(socket), AF_UNIX, MSG_DONTWAIT); });
  measure("UDP", fmt::format("udp:127.0.0.1:{}", kPort), rate, length,
          [&] { return into_socket(udp_address(), AF_INET, MSG_DONTWAIT); });
  auto fifo = (folder / "pipe").string();
  if (::mkfifo(fifo.c_str(), 0600) == 0)
    measure("a command's pipe", "command:exec cat " + fifo, rate, length, [&] {
      auto fd = std::make_shared<io::Fd>(::open(fifo.c_str(), O_WRONLY));
      return Write([fd](std::string_view line) { return io::write_all(fd->get(), line); });
    });
  fs::remove_all(folder);
}
