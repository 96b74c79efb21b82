// Sources with the real things: commands that die, logger(1), nginx.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <set>

#include "io/lines/line_stream_testing.h"
#include "io/posix/machine.h"

namespace davy::io {
namespace {

namespace fs = std::filesystem;

LogCommand shell(std::string text) { return {.argv = {"/bin/sh", "-c", std::move(text)}}; }

struct LogSources : ::testing::Test, Source {
  Scratch scratch;
};

TEST_F(LogSources, ACommandThatEndsIsAwaySaysWhyAndComesBack) {
  open(shell(fmt::format("echo one; test -e {0} && exec sleep 1000; touch {0}; echo the disk is full >&2; exit 3",
                         scratch / "again")));
  ASSERT_TRUE(read_lines(1));
  auto said = next_gap();
  EXPECT_NE(said.find("it ended, exit 3: the disk is full; away since"), std::string::npos) << said;
  ASSERT_TRUE(read_lines(2));
  ASSERT_TRUE(no_gap());
}

TEST_F(LogSources, ACommandThatCannotBeRunIsAwayToo) {
  open(LogCommand{.argv = {"/nonexistent/journalctl"}});
  auto said = next_gap();
  EXPECT_NE(said.find("cannot be run: No such file"), std::string::npos) << said;
  EXPECT_TRUE(kept.lines.empty());
  EXPECT_FALSE(open_lines(LogCommand{}, wall_time()));
}

TEST_F(LogSources, ACommandThatSaysNothingHasTimeToProveItself) {
  open(shell("exec sleep 1000"));
  read();
  EXPECT_NE(gap(), "");
  EXPECT_TRUE(no_gap());
}

TEST_F(LogSources, AClosedCommandEndsWithItsGroupEvenIfItIgnoresTerm) {
  open(shell("trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000"));
  ASSERT_TRUE(read_lines(1));
  auto pid = static_cast<pid_t>(std::stoi(kept.lines[0]));
  EXPECT_TRUE(process_lives(pid));
  stream.reset();
  EXPECT_TRUE(eventually([&] { return !process_lives(pid); }));
}

TEST_F(LogSources, StderrIsLinesOnlyWhereItIsAskedFor) {
  auto command = shell("echo out; echo err >&2; exec sleep 1000");
  open(command);
  ASSERT_TRUE(read_until([&] { return !kept.lines.empty(); }));
  EXPECT_EQ(kept.lines, Lines{"out"});
  kept.lines.clear();
  command.errors = LogCommand::Errors::lines;
  open(command);
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"out", "err"}));
}

TEST_F(LogSources, JournaldsObjectsAreUnwrapped) {
  auto command =
      shell(R"(printf '%s\n' '{"MESSAGE":"one"}' '{"X":"1"}' '{"MESSAGE":[116,119,111]}' '{"MESS'; exec sleep 1000)");
  command.wrapping = LogCommand::Wrapping::journald;
  open(command);
  ASSERT_TRUE(read_until([&] { return kept.losses > 0; }));
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
}

TEST_F(LogSources, TheCommandsForJournaldAndDocker) {
  EXPECT_EQ(journald_command("shop.service").argv,
            (Lines{"journalctl", "--follow", "--lines=0", "--quiet", "--all", "--output=json",
                   "--output-fields=MESSAGE", "--unit=shop.service"}));
  EXPECT_EQ(docker_command("shop").argv, (Lines{"docker", "logs", "--follow", "--tail=0", "--", "shop"}));
}

TEST_F(LogSources, WhatJournaldSaidBeforeCountsOnce) {
  auto command = journald_command("shop", Time(1700000000500ms));
  EXPECT_EQ(command.at_first, (Lines{"--lines=all", "--since=@1700000000.500000"}));
  command = shell(R"(echo "$#$1"; sleep 0.02)");
  command.argv.push_back("sh"), command.at_first = {"before"};
  open(command);
  ASSERT_TRUE(read_lines(3));
  EXPECT_EQ(Lines(kept.lines.begin(), kept.lines.begin() + 3), (Lines{"1before", "0", "0"}));
}

TEST_F(LogSources, StandardInputIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Fd in(ends[0]), out(ends[1]);
  open(StandardInput{in.get()});
  EXPECT_TRUE(write_all(out.get(), "one\ntw"));
  read();
  EXPECT_EQ(gap(), "");
  EXPECT_TRUE(write_all(out.get(), "o"));
  out.reset();
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
  EXPECT_NE(next_gap().find("the standard input has ended at "), std::string::npos);
}

std::uint16_t free_port(int type) {
  Fd fd(::socket(AF_INET, type, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(fd.get(), generic, size), 0);
  EXPECT_EQ(::getsockname(fd.get(), generic, &size), 0);
  return ntohs(address.sin_port);
}

TEST_F(LogSources, ASocketHasTheRightsItIsToHaveWhateverTheUmask) {
  auto before = ::umask(022);
  UnixSocket socket{.path = scratch / "log.sock", .mode = 0622};
  open(socket);
  ::umask(before);
  struct stat about{};
  ASSERT_EQ(::stat(socket.path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0622U);
}

TEST_F(LogSources, LoggerOverUdpInEachOfItsWays) {
  auto port = free_port(SOCK_DGRAM);
  open(UdpSocket{fmt::format("127.0.0.1:{}", port)});
  for (auto how : {"--rfc5424", "--rfc3164", "--rfc5424=notime,notq,nohost"})
    ASSERT_EQ(::system(fmt::format("logger {} -n 127.0.0.1 -P {} -d -t shop 'GET \"/\" 200'", how, port).c_str()), 0);
  ASSERT_TRUE(read_lines(3));
  EXPECT_EQ(kept.lines, (Lines(3, "GET \"/\" 200")));
  EXPECT_EQ(gap(), "");
}

TEST_F(LogSources, WhatTheKernelDropsOnTheWayIsAGap) {
  auto port = free_port(SOCK_DGRAM);
  open(UdpSocket{fmt::format("127.0.0.1:{}", port)});
  Fd sender(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  std::string line(1000, 'x');
  for (int i = 0; i < 50'000; ++i)
    ::sendto(sender.get(), line.data(), line.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  EXPECT_NE(gap().find("the kernel dropped "), std::string::npos);
  read();
  EXPECT_LT(kept.lines.size(), 50'000u);
  EXPECT_EQ(gap(), "");
}

// Sends one line to whoever has the name now. False: nobody.
bool send_line(const std::string& path, std::string_view line) {
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  return ::sendto(fd.get(), line.data(), line.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to) > 0;
}

TEST_F(LogSources, ASocketWhoseNameWasTakenAwayIsBoundAgainAndTheLossTold) {
  auto path = scratch / "log.sock";
  open(UnixSocket{path});
  ASSERT_TRUE(send_line(path, "one"));
  read();
  EXPECT_EQ(gap(), "");
  fs::remove(path);
  ASSERT_FALSE(send_line(path, "lost"));
  auto told = gap();
  EXPECT_TRUE(told.starts_with("the log socket " + path + " was taken away: lines since ")) << told;
  EXPECT_TRUE(told.ends_with("are missing; it is bound again")) << told;
  EXPECT_EQ(gap(), "");
  ASSERT_TRUE(send_line(path, "two"));
  read();
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
}

TEST_F(LogSources, ASocketWhoseNameSomebodyElseHasIsAGapUntilItIsFree) {
  auto path = scratch / "log.sock";
  open(UnixSocket{path});
  fs::rename(path, scratch / "moved.sock");
  {
    auto other = open_lines(UnixSocket{path}, wall_time());
    ASSERT_TRUE(other) << other.error().message;
    for (int window = 0; window < 2; ++window) {
      auto told = gap();
      EXPECT_NE(told.find("another process reads it"), std::string::npos) << told;
    }
  }
  EXPECT_TRUE(gap().ends_with("it is bound again"));
  EXPECT_EQ(gap(), "");
}

TEST_F(LogSources, ASocketWhoseFolderWasTakenAwayIsAGapUntilItIsBack) {
  auto folder = scratch / "run", path = folder + "/log.sock";
  fs::create_directory(folder);
  open(UnixSocket{path});
  fs::remove_all(folder);
  EXPECT_NE(gap().find("No such file or directory"), std::string::npos);
  fs::create_directory(folder);
  EXPECT_TRUE(gap().ends_with("it is bound again"));
  ASSERT_TRUE(send_line(path, "one"));
  read();
  EXPECT_EQ(kept.lines, Lines{"one"});
}

TEST_F(LogSources, AnAddressThatCannotBeIsAnError) {
  for (auto bad : {"", "nothing", "127.0.0.1", "127.0.0.1:99999", "203.0.113.7:5514"})
    EXPECT_FALSE(open_lines(UdpSocket{bad}, wall_time())) << bad;
}

// A real nginx, with two workers.
class Nginx {
 public:
  explicit Nginx(const Scratch& scratch) : folder_(scratch.path()), port_(free_port(SOCK_STREAM)) {
    std::ofstream(folder_ + "/nginx.conf") << fmt::format(
        "daemon on; pid {0}/pid; error_log {0}/error.log; worker_processes 2; user root;\n"
        "events {{ }}\n"
        "http {{ access_log {0}/access.log combined; server {{ listen 127.0.0.1:{1}; return 204; }} }}\n",
        folder_, port_);
  }
  ~Nginx() {
    if (runs_ && command("-s stop")) eventually([this] { return !fs::exists(folder_ + "/pid"); });
  }
  bool start() { return runs_ = command(""); }
  bool reopen() { return command("-s reopen"); }

  // So many requests over one connection; the paths are numbers from `from` on.
  bool ask(int from, int requests) {
    Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port_);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return false;
    for (int i = 0; i < requests; ++i) {
      char answer[1024];
      if (!write_all(fd.get(), fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", from + i)) ||
          ::read(fd.get(), answer, sizeof answer) <= 0)
        return false;
    }
    return true;
  }

 private:
  bool command(std::string_view more) {
    return ::system(fmt::format("nginx -p {0} -c {0}/nginx.conf -e {0}/error.log {1}", folder_, more).c_str()) == 0;
  }

  std::string folder_;
  std::uint16_t port_;
  bool runs_ = false;
};

TEST_F(LogSources, NginxWhoseLogIsRotatedWithReopenLosesNothing) {
  if (::system("command -v nginx >/dev/null") != 0) GTEST_SKIP() << "no nginx here";
  constexpr int kRounds = 6, kEach = 100, kPeople = 4;
  Nginx nginx(scratch);
  auto path = scratch / "access.log";
  ASSERT_TRUE(nginx.start());
  open(FollowedFile{path});
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::thread> people;
    for (int p = 0; p < kPeople; ++p)
      people.emplace_back([&, p] { EXPECT_TRUE(nginx.ask((round * kPeople + p) * kEach, kEach)); });
    fs::rename(path, scratch / fmt::format("access.log.{}", round));
    EXPECT_TRUE(nginx.reopen());
    for (auto& one : people) one.join();
    ASSERT_TRUE(read_until([&] { return fs::exists(path); }));
  }
  constexpr std::size_t kAll = kRounds * kEach * kPeople;
  ASSERT_TRUE(read_lines(kAll)) << kept.lines.size();
  std::set<std::string> paths;
  for (auto& line : kept.lines) paths.insert(line.substr(line.find("GET "), line.find(" HTTP") - line.find("GET ")));
  EXPECT_EQ(paths.size(), kAll);
  EXPECT_EQ(kept.lines.size(), kAll);
  EXPECT_EQ(kept.losses, 0);
}

}  // namespace
}  // namespace davy::io
