// A systemd that holds state: its units start, run and end by a clock, and load what they were given with a reload.
#pragma once
#include <map>

#include "providers/platform/systemd.h"
#include "providers/testing/world.h"

namespace davy::providers::testing {

struct FakeSystemd : ports::Units {
  // crashes: it ends with 7 a moment after each start, and is started again, three times at most. ends: it ends so
  // once, later, and is started again. fails: it is not started again. hangs: it is never ready. stays: it has ended,
  // and is active all the same.
  enum class Fate { runs, crashes, ends, fails, hangs, stays };
  struct One {
    Fate fate = Fate::runs;
    bool notifies = false;  // Type=notify: its job lasts until it is ready
    bool stubborn = false;  // does not hear TERM
    bool loads = true;      // what it is given
    ports::UnitState state = {.load = "loaded", .active = "inactive", .sub = "dead", .result = "success"};
    Time since{};
    std::optional<ports::Gift> given = {}, loaded = {};
  };

  explicit FakeSystemd(ports::Clock& clock) : clock(clock) {}

  void go(One& one, const char* active, const char* sub) {
    one.state.active = active, one.state.sub = sub, one.since = clock.now();
    if (one.state.active == "active") one.state.since = clock.now();
  }
  void live(One& one) {  // one life more
    one.state.pid = next_pid++, one.state.invocation = "life-" + std::to_string(next_pid);
    one.state.ended = 0, one.state.result = "success", ++lives;
    bool ready = !one.notifies && one.fate != Fate::hangs;
    go(one, ready ? "active" : "activating", ready ? "running" : "start");
  }
  void end(One& one, bool again) {
    one.state.pid = 0, one.state.ended = 1, one.state.status = 7, one.state.result = "exit-code";
    again ? go(one, "activating", "auto-restart") : go(one, "failed", "failed");
  }
  // What time has made of it.
  void pass(One& one) {
    auto passed = clock.now() - one.since;
    bool up = one.state.pid > 0;
    if (one.state.sub == "auto-restart" && passed >= 100ms) return ++one.state.restarts, live(one);
    if (one.state.sub == "start" && one.fate == Fate::runs && passed >= 1s) go(one, "active", "running");
    if (up && one.fate == Fate::stays && passed >= 200ms) one.state.pid = 0, go(one, "active", "exited");
    if (up && one.fate == Fate::crashes && passed >= 50ms) end(one, one.state.restarts < 3);
    if (up && one.fate == Fate::fails && passed >= 50ms) end(one, false);
    if (up && one.fate == Fate::ends && passed >= 3s) one.fate = Fate::runs, end(one, true);
    if (one.state.sub == "stop-sigterm" && !one.stubborn && passed >= 300ms) down(one);
  }
  void down(One& one) { one.state.pid = 0, go(one, "inactive", "dead"); }

  One* find(const std::string& unit) {
    auto found = all.find(unit);
    if (found == all.end() && unit.starts_with("shop@") && unit != "shop@.service")
      found = all.emplace(unit, of_template).first;
    if (found == all.end()) return nullptr;
    pass(found->second);
    found->second.state.name = unit;
    return &found->second;
  }

  ports::Task<ports::UnitState> look(ports::Manager, std::string unit) override {
    if (gone) co_return std::unexpected(*gone);
    auto one = find(unit);
    if (!one) co_return ports::UnitState{.name = unit, .load = "not-found", .active = "inactive", .sub = "dead"};
    auto out = one->state;
    if (one->loaded) out.drop_ins = {path(unit) + ".conf"};
    if (one->loaded && one->loads && !one->loaded->directory.empty()) out.directory = one->loaded->directory;
    if (one->loaded && one->loads) out.environment_files = {path(unit) + ".env"};
    co_return out;
  }

  ports::Task<std::vector<ports::JobEnd>> act(ports::Manager, ports::UnitAct act, std::vector<std::string> units,
                                              Duration within) override {
    if (gone) co_return std::unexpected(*gone);
    for (auto& unit : units) {
      acts.push_back((act == ports::UnitAct::start  ? "start "
                      : act == ports::UnitAct::stop ? "stop "
                                                    : "restart ") +
                     unit);
      auto one = find(unit);
      if (!one && act != ports::UnitAct::stop)
        co_return fail(Code::invalid, "systemd says Unit " + unit + " not found.");
      if (one) begin(*one, act);
    }
    std::vector<ports::JobEnd> out;
    for (auto until = clock.now() + within;;) {
      out.clear();
      for (auto& unit : units) out.push_back({unit, how_far(find(unit), act)});
      bool over = std::ranges::none_of(out, [](auto& end) { return end.result == "running"; });
      if (over || clock.now() >= until) co_return out;
      if (auto slept = co_await clock.sleep_until(clock.now() + 10ms); !slept) co_return std::unexpected(slept.error());
    }
  }
  void begin(One& one, ports::UnitAct act) {
    bool up = one.state.active == "active" || one.state.active == "activating";
    if (act == ports::UnitAct::stop && up) one.state.pid > 0 ? go(one, "deactivating", "stop-sigterm") : down(one);
    if (act == ports::UnitAct::stop || (act == ports::UnitAct::start && up)) return;
    one.state.restarts = 0, live(one);
  }
  static std::string how_far(const One* one, ports::UnitAct act) {
    if (!one) return "done";
    auto& s = one->state;
    if (act == ports::UnitAct::stop) return s.active == "inactive" || s.active == "failed" ? "done" : "running";
    return s.active == "active"      ? "done"
           : s.active == "failed"    ? "failed"
           : s.sub == "auto-restart" ? "again"
                                     : "running";
  }

  ports::Task<> kill(ports::Manager, std::string unit) override {
    if (auto one = find(unit); one && one->state.pid > 0) acts.push_back("kill " + unit), down(*one);
    co_return Result<>();
  }
  ports::Task<> reset_failed(ports::Manager, std::string unit) override {
    if (auto one = find(unit); one && one->state.active == "failed") down(*one);
    co_return Result<>();
  }
  ports::Task<> enable(ports::Manager, std::string unit, bool on) override {
    if (auto one = find(unit); one && unit.contains('@')) one->state.file_state = on ? "enabled" : "disabled";
    co_return Result<>();
  }
  ports::Task<> reload(ports::Manager) override {
    if (gone) co_return std::unexpected(*gone);
    ++reloads;
    for (auto& [unit, one] : all) one.loaded = one.given;
    co_return Result<>();
  }
  ports::Task<> give(ports::Manager, std::string unit, ports::Gift gift) override {
    all[unit].given = std::move(gift);
    co_return Result<>();
  }
  ports::Task<> take_back(ports::Manager, std::string unit) override {
    if (auto one = find(unit)) one->given.reset();
    co_return Result<>();
  }
  ports::Task<std::vector<ports::Given>> given(ports::Manager, std::string unit) override {
    std::vector<ports::Given> out;
    auto at = unit.find("@.");
    for (auto& [name, one] : all)
      if (one.given && (name == unit || (at != unit.npos && name.starts_with(unit.substr(0, at + 1)))))
        out.push_back({name, one.given->note, path(name) + ".conf", path(name) + ".env"});
    co_return out;
  }
  static std::string path(const std::string& unit) { return "/etc/systemd/system/" + unit + ".d/90-davy"; }

  ports::Clock& clock;
  std::map<std::string, One> all;
  One of_template;  // what each instance of shop@ is like
  std::vector<std::string> acts;
  std::int64_t next_pid = 4711;
  int lives = 0, reloads = 0;
  std::optional<Error> gone;  // what the bus answers instead
};

}  // namespace davy::providers::testing
