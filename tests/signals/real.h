// Servers that a test starts and ends, and the ports as they are made real.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/data/mongo.h"
#include "io/data/postgres.h"
#include "io/data/redis.h"
#include "io/net/dialer.h"
#include "io/net/http.h"
#include "io/posix/files.h"
#include "providers/testing/source.h"

namespace davy::real {

using namespace std::chrono_literals;
using namespace providers::testing;
using providers::testing::run;

inline unsigned short free_port() {
  asio::io_context io;
  asio::ip::tcp::acceptor a(io, {asio::ip::make_address("127.0.0.1"), 0});
  return a.local_endpoint().port();
}

// The first of `many` free ports side by side, below those that the kernel gives to whoever asks for any.
inline unsigned short free_ports(int many) {
  std::random_device seed;
  for (;;) {
    auto first = std::uniform_int_distribution<unsigned short>(20'000, 32'000)(seed);
    asio::io_context io;
    int free = 0;
    for (asio::ip::tcp::acceptor one(io); free < many; ++free, one.close()) {
      boost::system::error_code taken;
      one.open(asio::ip::tcp::v4());
      one.bind({asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(first + free)}, taken);
      if (taken) break;
    }
    if (free == many) return first;
  }
}

// A program of the machine in a process group of its own, ended with this; and with the test, however that ends.
class Server {
 public:
  Server(std::vector<std::string> argv, const std::string& log) {
    argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "TERM"});
    std::vector<char*> args;
    for (auto& arg : argv) args.push_back(arg.data());
    args.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (::posix_spawnp(&pid_, args[0], &files, &attributes, args.data(), environ) != 0) pid_ = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Server() { stop(SIGTERM); }
  Server(const Server&) = delete;
  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(-pid_, signal);
    for (int i = 0; i < 1000; ++i) {
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) return void(pid_ = 0);
      std::this_thread::sleep_for(10ms);
    }
    ::kill(-pid_, SIGKILL), ::waitpid(pid_, nullptr, 0), pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

inline bool eventually(const std::function<bool()>& holds) {  // on a busy machine all takes longer
  for (int i = 0; i < 600 && !holds(); ++i) std::this_thread::sleep_for(50ms);
  return holds();
}

// Runs a program to its end: its exit code.
inline int carry_out(std::vector<std::string> argv, const std::string& log) {
  std::string line;
  for (auto& arg : argv) {
    std::string quoted;
    for (char c : arg) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    line += "'" + quoted + "' ";
  }
  return std::system((line + ">>'" + log + "' 2>&1 </dev/null").c_str());
}

// The ports of a real Davy that these need.
struct World {
  RealClock clock;
  FakeProcess process;
  FakeInstances instances;
  io::Secrets secrets;
  std::unique_ptr<io::Http> http = std::make_unique<io::Http>();
  io::Dialer dialer;
  io::Files files;
  io::Postgres sql{secrets};
  io::Redis redis{secrets};
  io::Mongo mongo{secrets};
  std::unique_ptr<ports::Outside> made;

  ports::Outside& outside() {
    http->know(secrets);
    made = std::make_unique<ports::Outside>(clock, process, instances, *http, dialer, files, &sql, &redis);
    made->mongo = &mongo;
    return *made;
  }
  void secret(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    secrets.add_environment({name});
    ::unsetenv(name.c_str());
  }
};

}  // namespace davy::real
