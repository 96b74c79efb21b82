// A supervisord that holds state: its programs start, run and end by a clock, and it answers as the real one does.
#pragma once
#include <map>

#include "providers/platform/supervisor.h"
#include "providers/testing/world.h"

namespace davy::providers::testing {

struct FakeSupervisord {
  enum class Fate { runs, ends_quickly, ends_later };
  struct One {
    ProgramState state = ProgramState::stopped;
    Fate fate = Fate::runs;
    int priority = 999;
    std::string err = {};
    std::int64_t pid = 0;
    Time since{};
    std::string group = {};  // empty: its own
    int lives = 1;           // how often it comes back, where it ends later
    std::string log = {};    // its logs: LOG.out and LOG.err
    std::string directory = "none", command = "./run";
  };

  explicit FakeSupervisord(World& world) : clock(world.clock) {
    world.http.answer = [this](const ports::HttpRequest& r) { return answer(r); };
  }

  Result<ports::HttpAnswer> answer(const ports::HttpRequest& r) {
    if (gone) return fail(Code::unavailable, "asking /var/run/supervisor.sock: connection refused");
    if (!r.url.ends_with("/RPC2")) return ports::HttpAnswer{.status = well ? 200 : 503};
    if (status != 200) return ports::HttpAnswer{.status = status};
    if (!says.empty()) return ports::HttpAnswer{.status = 200, .body = says};
    for (auto& [name, one] : all) pass(one);
    auto method = between(r.body, "<methodName>supervisor.", "</methodName>");
    auto name = between(r.body, "<string>", "</string>");
    called.push_back(name.empty() ? method : method + " " + name);
    return ports::HttpAnswer{
        .status = 200, .body = "<?xml version='1.0'?><methodResponse>" + carry_out(method, name) + "</methodResponse>"};
  }

  // What time has made of it.
  void pass(One& one) {
    using enum ProgramState;
    auto passed = clock.now() - one.since;
    if (one.state == starting && one.fate == Fate::ends_quickly && passed >= 300ms) go(one, backoff, 0);
    if (one.state == starting && passed >= 1s) one.state = running;
    if (one.state == running && one.fate == Fate::ends_later && passed >= 3s) {
      one.lives-- > 0 ? go(one, starting, next_pid++) : go(one, exited, 0);
    }
    if (one.state == stopping && passed >= 500ms) go(one, stopped, 0);
  }
  void go(One& one, ProgramState state, std::int64_t pid) { one.state = state, one.pid = pid, one.since = clock.now(); }

  std::string carry_out(const std::string& method, const std::string& name) {
    using enum ProgramState;
    if (method == "getAllProcessInfo") return value(list([&](auto& n, auto& o) { return info(n, o); }));
    if (method == "getAllConfigInfo") return value(list([&](auto& n, auto& o) { return config(n, o); }));
    if (!all.contains(name)) return fault(10, "BAD_NAME: " + name);
    auto& one = all[name];
    bool runs = one.state == starting || one.state == running || one.state == backoff;
    if (method == "startProcess") {
      if (runs) return fault(60, "ALREADY_STARTED: " + name);
      ++begun, go(one, starting, next_pid++);
    }
    if (method == "stopProcess") {
      if (!runs) return fault(70, "NOT_RUNNING: " + name);
      one.state == backoff ? go(one, stopped, 0) : go(one, stopping, one.pid);
    }
    if (method == "tailProcessStderrLog")
      return value("<array><data>" + text(one.err) + "<value><int>0</int></value></data></array>");
    if (method == "tailProcessStdoutLog") return value("<array><data>" + text("") + "</data></array>");
    return value("<boolean>1</boolean>");
  }

  static std::string value(const std::string& v) { return "<params><param><value>" + v + "</value></param></params>"; }
  static std::string text(const std::string& t) { return "<value><string>" + html_escaped(t) + "</string></value>"; }
  static std::string member(const std::string& name, const std::string& v) {
    return "<member><name>" + name + "</name>" + v + "</member>";
  }
  static std::string member(const std::string& name, std::int64_t n) {
    return member(name, "<value><int>" + std::to_string(n) + "</int></value>");
  }
  static std::string fault(int code, const std::string& why) {
    return "<fault><value><struct>" + member("faultCode", code) + member("faultString", text(why)) +
           "</struct></value></fault>";
  }
  static std::string between(const std::string& in, const std::string& from, const std::string& to) {
    auto at = in.find(from);
    return at == in.npos ? "" : in.substr(at + from.size(), in.find(to, at) - at - from.size());
  }
  std::string list(auto each) {
    std::string out = "<array><data>";
    for (auto& [name, one] : all) out += "<value><struct>" + each(name, one) + "</struct></value>";
    return out + "</data></array>";
  }
  static std::int64_t in_seconds(Time t) {
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
  }
  static std::string names(const std::string& name, const One& one) {
    auto own = name.substr(name.find(':') + 1);
    return member("name", text(own)) + member("group", text(one.group.empty() ? own : one.group));
  }
  std::string info(const std::string& name, const One& one) {
    auto file = [&](const char* end) { return text(one.log.empty() ? "" : one.log + end); };
    return names(name, one) + member("state", static_cast<std::int64_t>(one.state)) + member("pid", one.pid) +
           member("stdout_logfile", file(".out")) + member("stderr_logfile", file(".err")) +
           member("start", in_seconds(one.since)) + member("stop", in_seconds(one.since)) +
           member("now", in_seconds(clock.now())) + member("exitstatus", one.state == ProgramState::exited ? 3 : 0) +
           member("spawnerr", text(one.state == ProgramState::backoff ? "Exited too quickly" : ""));
  }
  std::string config(const std::string& name, const One& one) {
    return names(name, one) + member("group_prio", 999) + member("process_prio", one.priority) +
           member("directory", text(one.directory)) + member("command", text(one.command));
  }
  std::vector<std::string> acts() const {  // what changed something
    std::vector<std::string> out;
    for (auto& one : called)
      if (one.starts_with("start") || one.starts_with("stop")) out.push_back(one);
    return out;
  }

  FakeClock& clock;
  std::map<std::string, One> all;
  std::vector<std::string> called;
  std::int64_t next_pid = 4711;
  int begun = 0, status = 200;
  bool gone = false, well = true;
  std::string says;  // instead of an answer
};

}  // namespace davy::providers::testing
