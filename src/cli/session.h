// What every command shares: where the state is, how to print, the store, and which run is meant.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "engine/run/records.h"
#include "host/state_dir.h"
#include "plan/plan.h"
#include "store/sqlite/sqlite.h"
#include "view/view.h"

namespace davy::cli {

namespace asio = boost::asio;

// docs/operating.md; the same for every command.
enum Exit {
  kDone = 0,
  kFailed = 1,
  kWrong = 2,
  kRolledBack = 3,
  kHeld = 4,
  kNeedsPeople = 5,
  kRefused = 6,
  kDetached = 7,
};

struct Common {
  std::string state;
  bool json = false;
  std::string colour = "auto";  // auto, always, never
};

class Session {
 public:
  explicit Session(const Common&);

  const Common& common() const { return common_; }
  const host::StateDir& dir() const { return dir_; }
  view::Look look() const;  // of standard output
  bool live() const;        // standard output is a terminal that can be redrawn
  Time now() const;

  Result<store::SqliteStore*> store();  // opened at the first call

  // Waits for one call of the store.
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
  Result<std::vector<ports::RunInfo>> runs(const ports::Journal::Filter&);
  // The run that was named; when none was, the only open one, else the newest.
  Result<ports::RunInfo> run(const std::string& given);
  Result<view::RunView> view(const std::string& run);
  // The run that took this one back after it was done; empty: none did.
  std::string taken_back_by(const ports::RunInfo& done);
  // The seconds of a run that were watched, from then on; none when they cannot be read.
  std::vector<judge::Window> windows(const ports::RunInfo&, Time from);
  Result<std::vector<view::TimedEvent>> events(const std::string& run, std::int64_t after = 0);

 private:
  Common common_;
  host::StateDir dir_;
  asio::io_context context_;
  std::unique_ptr<store::SqliteStore> store_;
};

// Prints an Error to stderr as `davy: message` and its hint, and answers the exit code that its Code means. With --json
// it is a document on standard output as well: { "error": { "code", "message", "hint" } }.
int complain(const Error&);
void complain_in_json(bool);
int exit_of(run::Ending);

// A plan file that was read and parsed; its mistakes were printed, and the exit code says so, when there is none.
struct Loaded {
  std::string file, text;
  plan::Plan plan;
};
std::expected<Loaded, int> load(const std::string& file, const Session&);
std::string directory_of(const Loaded&);  // where it stands: what it names is named from there

// The environment that was named, or the only one.
Result<std::string> environment_of(const plan::Plan&, const std::string& given);

void print_json(const spec::Json&);

}  // namespace davy::cli
