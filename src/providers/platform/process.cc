#include "providers/platform/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "providers/platform/reach.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Endpoint;
using ports::InstanceState;
using ports::Task;

constexpr Duration kLook = 50ms;
constexpr int kPortTries = 5;

std::string ending(const InstanceState& s) {
  if (s.exit_code) return fmt::format("exit {}", *s.exit_code);
  if (s.signal) return fmt::format("ended by signal {}", *s.signal);
  return "gone, and nobody saw how";
}

// One release on this platform, with its own options. Made for a call, and lives as long.
class Processes {
 public:
  Processes(ports::Outside& out, const ports::Place& at, run::Release release, ProcessOptions o)
      : out_(out), at_(at), release_(std::move(release)), o_(std::move(o)) {}

  Task<std::vector<Endpoint>> listing() {
    auto all = co_await out_.instances.list(prefix());
    if (!all) co_return std::unexpected(all.error());
    std::vector<Endpoint> out;
    for (auto& s : *all) out.push_back(endpoint(s));
    co_return out;
  }

  // All are started before the first is waited for.
  Task<std::vector<Endpoint>> starting(int n, ports::Asking who) {
    std::vector<InstanceState> begun;
    for (int i = 0; i < n; ++i) {
      auto one = co_await ensure(i, who, {});
      if (!one) co_return std::unexpected(one.error());
      begun.push_back(*one);
    }
    auto until = out_.clock.now() + o_.up_within;
    std::vector<Endpoint> out;
    for (auto& s : begun) {
      auto one = co_await bring_up(s, who, until);
      if (!one) co_return std::unexpected(one.error());
      out.push_back(endpoint(*one));
      s = *one;
    }
    if (auto stay = co_await still_there(std::move(begun)); !stay) co_return std::unexpected(stay.error());
    co_return out;
  }

  Task<> stopping(int keep) {
    auto all = co_await out_.instances.list(prefix());
    if (!all) co_return std::unexpected(all.error());
    for (auto& s : *all) {
      if (note_of(s).index < keep) continue;
      if (auto ended = co_await out_.instances.stop(s.key, o_.stop_within); !ended) co_return ended;
      if (auto gone = co_await out_.instances.forget(s.key); !gone) co_return gone;
    }
    co_return Result<>();
  }

  Task<> all_healthy() {
    auto all = co_await out_.instances.list(prefix());
    if (!all) co_return std::unexpected(all.error());
    if (all->empty()) co_return fail(Code::unavailable, fmt::format("no instance of {} runs", release_.id));
    for (auto& s : *all) {
      auto note = note_of(s);
      if (!s.alive) co_return std::unexpected(co_await died(co_await seen_to_end(s)));
      if (o_.health.empty()) continue;
      auto why = co_await unhealthy(out_, health_at(o_.health, o_.host, note.port));
      if (!why.empty()) co_return fail(Code::unavailable, named(note) + " is not healthy: " + why);
    }
    co_return Result<>();
  }

 private:
  std::string prefix() const {
    auto key = instance_key(at_, release_.id, 0);
    return key.substr(0, key.rfind('/') + 1);
  }
  Endpoint endpoint(const InstanceState& s) const {
    auto note = note_of(s);
    return {note.release, note.index, fmt::format("{}:{}", o_.host, note.port), s.alive,
            s.alive ? fmt::format("pid {}", s.pid) : ending(s)};
  }
  std::string named(const ProcessNote& n) const {
    return fmt::format("instance {} of {} (port {})", n.index, n.release, n.port);
  }

  // A daemon's first process may end just after its child answered: one more look before it counts as started.
  Task<> still_there(std::vector<InstanceState> begun) {
    if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + 2 * kLook); !slept) co_return slept;
    for (auto& s : begun) {
      auto now = co_await find(s.key);
      if (!now) co_return std::unexpected(now.error());
      if (*now && !(*now)->alive) co_return std::unexpected(co_await died(co_await seen_to_end(**now)));
    }
    co_return Result<>();
  }

  Task<std::optional<InstanceState>> find(std::string key) {
    auto all = co_await out_.instances.list(key);
    if (!all) co_return std::unexpected(all.error());
    auto it = std::ranges::find(*all, key, &InstanceState::key);  // a prefix: …/1 is also …/10
    co_return it == all->end() ? std::nullopt : std::optional(*it);
  }

  // Alive: kept as it is. Missing or dead: started on a free port that was not tried before.
  Task<InstanceState> ensure(int index, ports::Asking who, std::set<int> tried) {
    auto key = instance_key(at_, release_.id, index);
    auto found = co_await find(key);
    if (!found) co_return std::unexpected(found.error());
    if (*found && (*found)->alive) co_return **found;
    if (*found)  // what a dead one left running would keep its port, and nobody would ever end it
      if (auto ended = co_await out_.instances.stop(key, o_.stop_within); !ended)
        co_return std::unexpected(ended.error());
    auto port = co_await free_port(std::move(tried), key, who.taken);
    if (!port) co_return std::unexpected(port.error());
    ProcessNote note{release_.id, release_.version, index, *port};
    co_return co_await out_.instances.start(key, request(o_, at_, note, who, release_.folder));
  }

  // Ports of dead instances count as used: the router may still send users to that address.
  Task<int> free_port(std::set<int> used, std::string but_key, std::set<std::string> taken) {
    auto others = co_await ports_of_instances(out_, but_key);
    if (!others) co_return std::unexpected(others.error());
    used.merge(*others);
    co_return co_await providers::free_port(out_, o_.host, o_.ports, std::move(used), std::move(taken));
  }

  Task<InstanceState> bring_up(InstanceState begun, ports::Asking who, Time until) {
    std::set<int> tried;
    for (int tries = 1;; ++tries) {
      auto end = co_await wait_healthy(begun, until);
      if (!end || end->alive) co_return end;
      auto dead = co_await seen_to_end(*end);
      auto note = note_of(dead);
      bool failed = dead.exit_code && *dead.exit_code != 0;
      if (!failed || tries == kPortTries || !co_await answers(note.port))
        co_return std::unexpected(co_await died(dead));
      tried.insert(note.port);  // somebody was faster
      auto again = co_await ensure(note.index, who, tried);
      if (!again) co_return again;
      begun = *again;
    }
  }

  ports::asio::awaitable<bool> answers(int port) {
    co_return (co_await out_.dialer.connect(fmt::format("{}:{}", o_.host, port), 500ms)).has_value();
  }

  // That it is dead shows a moment before how it died.
  ports::asio::awaitable<InstanceState> seen_to_end(InstanceState s) {
    for (int looks = 0; looks < 10 && !s.exit_code && !s.signal; ++looks) {
      if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + kLook); !slept) break;
      auto now = co_await find(s.key);
      if (now && *now) s = **now;
    }
    co_return s;
  }

  // A command that ends well at once may have left a daemon that is still on its way to its port.
  ports::asio::awaitable<bool> in_background(InstanceState s) {
    if (s.exit_code != 0) co_return false;
    for (auto until = out_.clock.now() + 1s;;) {
      if (co_await answers(note_of(s).port)) co_return true;
      if (out_.clock.now() >= until) co_return false;
      if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + kLook); !slept) co_return false;
    }
  }

  Duration healthy_for() const { return o_.healthy_for.value_or(o_.health.empty() ? 1s : Duration::zero()); }

  // The state in which it is healthy, or dead.
  Task<InstanceState> wait_healthy(InstanceState begun, Time until) {
    auto note = note_of(begun);
    std::string last = "has not answered";
    for (auto well_since = out_.clock.now();;) {
      auto s = co_await find(begun.key);
      if (!s) co_return std::unexpected(s.error());
      if (!*s) co_return fail(Code::unavailable, named(note) + " was forgotten while it was being started");
      if (!(*s)->alive) co_return **s;
      if (!o_.health.empty()) last = co_await unhealthy(out_, health_at(o_.health, o_.host, note.port));
      if (!o_.health.empty() && !last.empty()) well_since = out_.clock.now();
      bool well = o_.health.empty() || last.empty();
      if (well && out_.clock.now() - well_since >= healthy_for()) co_return **s;
      if (!well && out_.clock.now() >= until)
        co_return fail(Code::timed_out,
                       fmt::format("{}, pid {}, is not healthy after {}: {}{}", named(note), (*s)->pid,
                                   human(o_.up_within), last, log_tail(**s)),
                       what_it_said());
      if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + kLook); !slept)
        co_return std::unexpected(slept.error());
    }
  }

  std::string log_tail(const InstanceState& s) {
    constexpr std::size_t kEnd = 64 * 1024;
    auto line = last_line(out_.files.end(s.log_path, kEnd).value_or(""));
    if (line.empty()) line = last_line(out_.files.end(s.log_path + ".1", kEnd).value_or(""));  // turned just now
    return line.empty() ? "" : ": " + line;
  }

  ports::asio::awaitable<Error> died(InstanceState s) {
    auto after = human(std::max(Duration(0), out_.clock.now() - s.started));
    auto what = named(note_of(s));
    if (co_await in_background(s))
      co_return Error{Code::invalid, what + ": the command went into the background: it ended, and its port answers",
                      "run it in the foreground (no daemon mode, no `&`): Davy must see its end"};
    co_return Error{Code::invalid, fmt::format("{}: {} after {}{}", what, ending(s), after, log_tail(s)),
                    what_it_said()};
  }

  // Where its log lies now is no place to look at later: who goes back moves it.
  std::string what_it_said() const { return fmt::format("`davy logs {}` has what it said", at_.service); }

  ports::Outside& out_;
  const ports::Place& at_;
  run::Release release_;
  ProcessOptions o_;
};

class ProcessPlatform final : public ports::Platform {
 public:
  ProcessPlatform(ports::Outside& out, ports::Place at) : out_(out), at_(std::move(at)) {}

  Task<std::vector<Endpoint>> instances(const run::Release& r, const ports::Asking&) override {
    return with(r, [](Processes& p) { return p.listing(); });
  }
  Task<std::vector<Endpoint>> start(const run::Release& r, int n, const ports::Asking& who) override {
    return with(r, [n, who](Processes& p) { return p.starting(n, who); });
  }
  Task<> stop(const run::Release& r, int keep, const ports::Asking&) override {
    return with(r, [keep](Processes& p) { return p.stopping(keep); });
  }
  Task<> healthy(const run::Release& r, const ports::Asking&) override {
    return with(r, [](Processes& p) { return p.all_healthy(); });
  }

 private:
  template <class F>
  auto with(run::Release release, F act) -> std::invoke_result_t<F, Processes&> {
    auto options = spec::decoded<ProcessOptions>(release.as, "options of " + release.id);
    if (!options) co_return std::unexpected(options.error());
    Processes processes(out_, at_, std::move(release), std::move(*options));
    co_return co_await act(processes);
  }

  ports::Outside& out_;
  ports::Place at_;
};

}  // namespace

std::unique_ptr<ports::Platform> process_platform(ports::Outside& out, ports::Place at) {
  return std::make_unique<ProcessPlatform>(out, std::move(at));
}

void add_process_platform(ports::Registry& r) {
  r.platform<ProcessOptions>(
      "process", "Instances that Davy starts on ports that it assigns. Nothing starts them again after a reboot.",
      "{ process: ./shop --port $port, instances: 2, health: /health }", process_platform, {"side-by-side", "folders"});
}

}  // namespace davy::providers
