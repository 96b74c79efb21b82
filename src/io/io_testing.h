// What the tests of src/io share: a scratch folder, a way to run coroutines, and a run's world with a real keeper.
#pragma once
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "io/keeper/keeper_client.h"
#include "io/keeper/keeper_options.h"
#include "io/posix/lockfile.h"

namespace davy::io {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class Scratch {
 public:
  Scratch() {
    auto path = (std::filesystem::temp_directory_path() / "davy-io-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Waits for what must come, at most 20 s: on a busy machine all takes longer.
inline bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 2000 && !holds(); ++i) std::this_thread::sleep_for(10ms);
  return holds();
}

// The number that a shell writes with `echo $$` once it is as the test needs it: deaf, or with a child.
inline pid_t pid_in(const std::string& path) {
  EXPECT_TRUE(eventually([&] { return slurp(path).ends_with('\n'); })) << path;
  return static_cast<pid_t>(std::atoi(slurp(path).c_str()));
}

// A call under way: get() runs the loop until it ends.
template <class T>
class Going {
 public:
  Going(asio::io_context& context, ports::Task<T> task) : context_(context), result_(std::make_shared<Slot>()) {
    auto keep = [result = result_](std::exception_ptr crossed, Result<T> r) {
      if (crossed) ADD_FAILURE() << "an exception crossed a port";
      *result = std::move(r);
    };
    asio::co_spawn(context, std::move(task), asio::bind_cancellation_slot(cancel_->slot(), std::move(keep)));
    context_.poll();
  }
  bool done() const { return result_->has_value(); }
  void cancel() { cancel_->emit(asio::cancellation_type::terminal); }
  Result<T> get() {
    auto until = std::chrono::steady_clock::now() + 30s;
    while (!done() && std::chrono::steady_clock::now() < until) {
      context_.restart();
      context_.run_one_for(100ms);
    }
    if (!done()) return fail(Code::timed_out, "the test waited 30 s");
    return **result_;
  }

 private:
  using Slot = std::optional<Result<T>>;
  asio::io_context& context_;
  std::shared_ptr<Slot> result_;
  std::shared_ptr<asio::cancellation_signal> cancel_ = std::make_shared<asio::cancellation_signal>();
};

// One run's spool and instances, with clients and keepers to be killed.
struct World {
  Scratch scratch;
  asio::io_context context;
  Secrets secrets;
  KeeperOptions options;
  std::unique_ptr<KeeperClient> client;

  World() {
    options.spool = scratch / "spool";
    options.instances = scratch / "instances";
    options.linger = 60s;  // ends when the test says so
    connect();
  }
  ~World() { end_keeper(); }

  void connect() {
    client.reset();
    client =
        std::make_unique<KeeperClient>(context.get_executor(),
                                       KeeperClientOptions{options.spool, options.instances, options.boot,
                                                           [this] { return start_keeper("/proc/self/exe", options); }},
                                       secrets);
  }
  template <class T>
  Going<T> going(ports::Task<T> task) {
    return Going<T>(context, std::move(task));
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return going(std::move(task)).get();
  }
  Result<ports::CommandEnd> shell(std::string key, std::string text, Duration timeout = 60s) {
    return run(client->launch(std::move(key), sh(std::move(text), timeout)));
  }
  static ports::CommandSpec sh(std::string text, Duration timeout = 60s) {
    ports::CommandSpec spec{.argv = {"/bin/sh", "-c", std::move(text)}};
    spec.timeout = timeout;
    spec.grace = 200ms;
    return spec;
  }

  std::string spool(std::string_view name) const { return options.spool + "/" + std::string(name); }
  pid_t keeper() const {
    auto holder = LockFile::holder(spool("keeper.lock"));
    return holder && *holder ? static_cast<pid_t>(std::atoi((*holder)->c_str())) : 0;
  }
  bool keeper_gone() const {
    return eventually([this] { return keeper() == 0; });
  }
  void end_keeper(int signal = SIGKILL) {
    if (auto pid = keeper()) ::kill(pid, signal);
    EXPECT_TRUE(keeper_gone());
  }
  pid_t begun(std::string_view name) const {
    return static_cast<pid_t>(std::atoi(slurp(spool(name) + "/begun").c_str()));
  }
  bool has_begun(std::string_view name) const {
    return eventually([&] { return begun(name) > 0; });
  }
};

inline bool process_lives(pid_t pid) {
  auto stat = process_stat(pid);
  return stat && !stat->zombie;
}

}  // namespace davy::io
