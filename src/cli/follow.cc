// Following a run. The screen is redrawn from the projection alone; the engine does not know that anybody looks.
#include "cli/follow.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "base/text.h"
#include "control/driving.h"
#include "control/steer.h"
#include "control/watching/watches.h"
#include "io/posix/bell.h"
#include "io/posix/machine.h"

namespace davy::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPace = 100ms;     // between two drawings, however much is written
constexpr Duration kClock = 1s;       // what is shown says how long it has taken
constexpr std::size_t kPoints = 100;  // a screen has no chart
constexpr int kMostRestarts = 3;

std::atomic<int> interrupts{0};

class CatchInterrupts {
 public:
  CatchInterrupts() {
    interrupts = 0;
    struct sigaction action{};
    action.sa_handler = [](int) { ++interrupts; };
    ::sigaction(SIGINT, &action, &before_);
    action.sa_handler = [](int) { interrupts += 2; };  // a CI job that is cancelled asks nobody: it detaches
    ::sigaction(SIGTERM, &action, &before_term_);
  }
  ~CatchInterrupts() {
    ::sigaction(SIGINT, &before_, nullptr);
    ::sigaction(SIGTERM, &before_term_, nullptr);
  }

 private:
  struct sigaction before_{}, before_term_{};
};

class Screen {
 public:
  void draw(const std::vector<std::string>& lines) {
    // Row by row: to clear all at once and write it anew is a new screen to a terminal that keeps what was cleared.
    std::string out = drawn_ > 0 ? fmt::format("\x1b[{}A\r", drawn_) : "";
    for (auto& line : lines) out += line + "\x1b[K\n";
    out += "\x1b[J";
    drawn_ = lines.size();
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
  }
  void leave() { drawn_ = 0; }  // what stands stays; the next frame goes below it

 private:
  std::size_t drawn_ = 0;
};

class Following {
 public:
  Following(Session& session, std::string run, std::int64_t after)
      : session_(session), run_(std::move(run)), after_(after), lines_(plain()), so_far_(run_) {}

  int go() {
    CatchInterrupts caught;
    if (auto driven = keep_driven(); !driven) return complain(driven.error());  // a held one, too: it is judged
    for (;;) {
      if (auto news = hear(); !news) return complain(news.error());
      show();
      if (auto code = over()) return *code;
      if (interrupts > 0)
        if (auto code = interrupted()) return *code;
      if (auto driven = keep_driven(); !driven) return complain(driven.error());
      bell_.wait(kClock);
      std::this_thread::sleep_for(kPace);  // what is written together is read together
    }
  }

 private:
  view::Look plain() const {
    auto look = session_.look();
    look.colour = look.colour && session_.live();
    return look;
  }

  Result<> hear() {
    auto news = session_.runs.events(run_, heard_);
    if (!news) return std::unexpected(news.error());
    bool asks = false;
    for (auto& event : *news) {
      auto line = lines_.next(event);
      asks |= asks_somebody(event.event);
      if (event.seq > after_) print(event, line);
      so_far_.take(event);
      heard_ = event.seq;
    }
    if (asks && !session_.live() && !session_.common().json && lines_.state().mode == run::Mode::forward)
      next_commands();
    return heard_by_somebody();
  }

  void print(const view::TimedEvent& event, const std::string& line) const {
    if (session_.common().json)
      fmt::print(
          "{}\n",
          spec::dump(
              {{"run", run_}, {"seq", event.seq}, {"at", timestamp(event.at)}, {"event", run::encode(event.event)}}));
    else if (!session_.live() && !line.empty())
      fmt::print("{}\n", line);
  }

  // Whose output is gone follows nothing: it is said at once, and not when the run is over.
  Result<> heard_by_somebody() const {
    if (session_.live()) return {};
    if (auto why = unwritten(); !why.empty())
      return fail(Code::unavailable, "writing the output: " + why,
                  fmt::format("the run goes on: `davy status {}` shows it", run_));
    return {};
  }

  bool asks_somebody(const run::Event& event) const {
    auto began = std::get_if<run::AttemptStarted>(&event);
    auto& state = lines_.state();
    return began && began->step < state.count() && state.step(began->step).call.port == "person";
  }

  void show() {
    if (!session_.live()) return;
    if (auto info = session_.runs.find(run_)) see(*info);
    auto now = session_.runs.now();
    auto look = session_.look();
    --look.height;  // the cursor stands below the last row: one more would scroll the first away at each drawing
    screen_.draw(view::frame(so_far_.view(windows_, now), look, now));
  }

  // All that was there once, then what came: the newest may have grown since.
  void see(const ports::RunInfo& info) {
    if (windows_.empty())
      windows_ = session_.runs.outlines(info, kPoints);
    else
      view::take_newest(session_.runs.windows(info, windows_.back().from), windows_);
    if (windows_.size() > 2 * kPoints) windows_ = session_.runs.outlines(info, kPoints);
  }

  std::optional<int> over() const {
    auto& state = lines_.state();
    if (state.ended) return says_who_looks_on(), exit_of(*state.ended);
    if (state.mode != run::Mode::held) return {};
    if (!session_.live() && !session_.common().json) next_commands();
    return kHeld;
  }

  // What comes after the rollout nobody looks at unless somebody serves.
  void says_who_looks_on() const {
    if (session_.common().json) return;
    if (auto watch = control::watch_of(session_.runs, run_); watch && *watch)
      fmt::print("{}\n", printable(view::below_a_run(**watch, session_.runs.now())));
  }

  // In a pipe nobody sees the screen on which they stand.
  void next_commands() const {
    auto view = so_far_.view({}, session_.runs.now());
    for (auto& command : view.next) fmt::print("  {}\n", command);
  }

  // On a terminal Ctrl-C asks; twice, or without a terminal, it detaches. The run goes on whatever happens here.
  std::optional<int> interrupted() {
    if (!session_.live() || !::isatty(STDIN_FILENO) || interrupts > 1) return detached();
    fmt::print(
        "\n  h  hold: start no new step\n  r  roll back\n  l  leave it running (or Ctrl-C again)\n  one of these, and "
        "Enter > ");
    std::fflush(stdout);
    auto word = answer();
    screen_.leave();
    interrupts = 0;
    if (word == 'h' || word == 'r') {
      auto said = control::ask(session_.runs, run_,
                               {.what = word == 'h' ? "hold" : "rollback", .note = "Ctrl-C", .who = speaker("")});
      fmt::print("  {}\n", said ? *said : to_string(said.error()));
      return {};
    }
    return word == 0 ? std::optional<int>() : detached();
  }

  // h, r or l; 0 for anything else; `l` when Ctrl-C comes again.
  static char answer() {
    for (;;) {
      if (interrupts > 1) return 'l';
      pollfd in{STDIN_FILENO, POLLIN, 0};
      if (::poll(&in, 1, 100) <= 0) continue;
      char line[64]{};
      if (::read(STDIN_FILENO, line, sizeof line - 1) <= 0) return 'l';
      return std::string_view("hrl").contains(line[0]) ? line[0] : '\0';
    }
  }

  int detached() const {
    if (session_.common().json)
      fmt::print("{}\n", spec::dump({{"run", run_}, {"says", "detached: the run goes on"}}));
    else
      fmt::print("detached: the run goes on; `davy status {}` shows it\n", run_);
    return kDetached;
  }

  Result<> keep_driven() {
    if (session_.runs.now() < look_again_) return {};
    look_again_ = session_.runs.now() + 2s;
    if (restarts_ > kMostRestarts)
      return fail(Code::internal, "the engine ends again and again",
                  "its log: " + session_.runs.dir().spool(run_) + "/engine.log");
    auto started = control::see_that_it_is_driven(session_.runs, run_);
    if (started && *started && restarts_++ == 0 && !session_.live() && !session_.common().json)
      fmt::print("nobody drove this run: an engine was started\n");
    return started ? Result<>() : std::unexpected(started.error());
  }

  Session& session_;
  std::string run_;
  std::int64_t after_;
  view::EventLines lines_;
  Screen screen_;
  view::Projection so_far_;
  io::Bell bell_{session_.runs.dir().root};
  std::int64_t heard_ = 0;  // the newest record
  std::vector<judge::Window> windows_;
  Time look_again_{};
  int restarts_ = 0;
};

}  // namespace

run::Speaker speaker(const std::string& as) {
  run::Speaker out{.who = io::this_machine().user, .uid = ::getuid(), .via = "terminal"};
  if (!as.empty()) out.roles.push_back(as);
  return out;
}

int follow(Session& session, const std::string& run, std::int64_t after) { return Following(session, run, after).go(); }

}  // namespace davy::cli
