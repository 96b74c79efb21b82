// The runs of one state directory, read: what every verb of this folder begins with.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "engine/run/records.h"
#include "host/state_dir.h"
#include "ports/journal.h"
#include "view/view.h"

namespace davy::control {

namespace asio = boost::asio;

// Several of them may be in one process, of one directory or of many; each is one thread's at a time.
class Runs {
 public:
  explicit Runs(host::StateDir);                        // its store is opened by the first call that needs it
  Runs(host::StateDir, std::unique_ptr<ports::Store>);  // it is there already

  const host::StateDir& dir() const { return dir_; }
  Time now() const;

  Result<ports::Store*> store();

  // Waits for one call of the store, or of anything else that answers on this thread.
  template <class T>
  Result<T> wait(ports::Task<T> task) {
    std::optional<Result<T>> out;
    asio::co_spawn(context_, std::move(task), [&](std::exception_ptr e, Result<T> value) {
      if (e) std::rethrow_exception(e);
      out.emplace(std::move(value));
    });
    context_.restart();
    context_.run();
    return std::move(*out);
  }

  // Newest first; none where no run began yet, for looking leaves no store behind.
  Result<std::vector<ports::RunInfo>> list(const ports::Journal::Filter&);
  // The run that was named; when none was, the only open one, else the newest.
  Result<ports::RunInfo> find(const std::string& given);
  Result<view::RunView> view(const std::string& run);
  // The run that this one takes back; empty: it takes none.
  std::string takes_back(const ports::RunInfo&);
  // The samples of a run, from then on; none when they cannot be read.
  std::vector<judge::Window> windows(const ports::RunInfo&, Time from);
  // All of the run in about so many outlines, for charts; none when they cannot be read.
  static constexpr std::size_t kPoints = 1000;
  std::vector<judge::Window> outlines(const ports::RunInfo&, std::size_t points = kPoints);
  Result<std::vector<view::TimedEvent>> events(const std::string& run, std::int64_t after = 0);

 private:
  std::string since(const ports::RunInfo&);  // what became of what it shipped or went back to; empty: it serves
  std::string since(const ports::RunInfo&, const std::string& service);

  host::StateDir dir_;
  asio::io_context context_;
  std::unique_ptr<ports::Store> store_;
};

}  // namespace davy::control
