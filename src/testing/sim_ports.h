// The ports, made of the simulated world. Each effect is a point where Davy may die: before it, and after it but before
// anybody hears of it.
#pragma once
#include "ports/journal.h"
#include "ports/platform.h"
#include "ports/router.h"
#include "ports/signals.h"
#include "testing/life.h"

namespace davy::testing {

// An effect on the world: it may not happen, it may happen and not be heard of, and Davy may die on either side of it.
// sent_before: what is on its way when the way back begins arrives all the same.
ports::Task<> effect(Life&, std::string what, bool sent_before, std::function<void()> body);

struct SimJournal : ports::Journal {
  explicit SimJournal(Life& l) : life(l) {}
  Life& life;
  ports::Task<> create(ports::RunInfo, std::vector<ports::Record>) override;
  ports::Task<> open(ports::Opening) override;
  ports::Task<> append(std::string, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record>,
                       ports::After) override;
  ports::Task<> claim(std::string, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record>) override;
  ports::Task<std::vector<ports::Record>> read(std::string, std::int64_t after) override;
  ports::Task<ports::RunInfo> info(std::string) override;
  ports::Task<ports::StreamInfo> stream(std::string) override;
  ports::Task<std::vector<ports::RunInfo>> runs(Filter) override;
  ports::Task<std::vector<ports::StreamInfo>> open_streams(ports::StreamKind) override;
  ports::Task<std::optional<std::string>> holder(std::string) override;
};

struct SimSamples : ports::Samples {
  explicit SimSamples(Life& l) : life(l) {}
  Life& life;
  ports::Task<> add(ports::SampleKey, std::vector<ports::Sample>) override;
  ports::Task<std::vector<ports::Sample>> since(ports::SampleKey, Time from, Time to, std::int64_t most) override;
  ports::Task<std::vector<ports::Sample>> between(ports::SampleKey, Time from, Time to, std::size_t points) override;
  ports::Task<std::int64_t> prune(Before) override;
};

struct SimGuard : ports::Guard {
  explicit SimGuard(Life& l) : life(l) {}
  Life& life;
  ports::Task<> arm(ports::WayBack) override;
  ports::Task<> judged() override;
  ports::Task<> disarm() override;
  ports::Task<std::optional<Taken>> taken() override;
};

struct SimProcess : ports::Process {
  explicit SimProcess(Life& l) : life(l) {}
  Life& life;
  ports::Task<ports::CommandEnd> ask(ports::CommandSpec) override;
  ports::Task<ports::CommandEnd> launch(std::string key, ports::CommandSpec) override;
  ports::Task<std::optional<ports::CommandEnd>> find(std::string key) override;
  ports::Task<> end(std::string key, Duration grace) override;

 private:
  ports::Task<ports::CommandEnd> await_end(std::string key);
};

// Windows of requests as the present weights and the candidate's quality make them. Their length grows with the time
// that nothing happens, so that a bake of two days costs hundreds of windows, not millions.
struct SimSignals : ports::Signals {
  explicit SimSignals(Life& l) : life(l) {}
  Life& life;
  ports::Task<judge::Window> next() override;

 private:
  ports::Task<judge::Window> nothing();
  Duration length_ = std::chrono::milliseconds(100);
  double share_ = -1;
};

struct SimRoller : ports::Roller {
  explicit SimRoller(Life& l) : life(l) {}
  Life& life;
  ports::Task<spec::Value> found(const ports::Asking&) override;
  ports::Task<> begin(const run::Release&, const ports::Asking&) override;
  ports::Task<std::optional<ports::Replacing>> find(const run::Release&, const ports::Asking&) override;
  ports::Task<> back(const run::Release&, const spec::Value&, const ports::Asking&) override;

 private:
  ports::Task<> say(std::string key, std::string what, std::function<void()>);
};

struct SimPlatform : ports::Platform {
  explicit SimPlatform(Life& l) : life(l) {}
  Life& life;
  SimRoller by_itself{life};
  ports::Roller* roller() override { return life.reality.by_itself ? &by_itself : nullptr; }
  ports::Task<std::vector<ports::Move>> way_back(const run::Release&, const ports::Asking&) override;
  ports::Task<std::vector<ports::Endpoint>> instances(const run::Release&, const ports::Asking&) override;
  ports::Task<std::vector<ports::Endpoint>> start(const run::Release&, int count, const ports::Asking&) override;
  ports::Task<> stop(const run::Release&, int keep, const ports::Asking&) override;
  ports::Task<> healthy(const run::Release&, const ports::Asking&) override;
  ports::Task<std::vector<ports::Share>> serves(const run::Release&, const ports::Asking&) override;

 private:
  void told(const run::Release&, const ports::Asking&);
  std::vector<ports::Endpoint> listed(const std::string& release) const;
};

struct SimRouter : ports::Router {
  SimRouter(Life& l, std::string s) : life(l), service(std::move(s)) {}
  Life& life;
  std::string service;
  ports::Task<std::vector<ports::Served>> read(const std::vector<ports::Endpoint>&, const ports::Asking&) override;
  ports::Task<> attach(const std::vector<ports::Endpoint>&, const ports::Asking&) override;
  ports::Task<> shift(const std::string&, Ratio, const std::string&, const std::vector<ports::Endpoint>&,
                      const ports::Asking&) override;
  ports::Task<> restore(const std::vector<ports::Served>&, const std::vector<ports::Endpoint>&, Duration,
                        const ports::Asking&) override;
  ports::Task<> drain(const std::vector<ports::Endpoint>&, Duration, const ports::Asking&) override;
  ports::Task<> detach(const std::vector<ports::Endpoint>&, const ports::Asking&) override;
  ports::Task<int> sessions(const std::vector<ports::Endpoint>&, const ports::Asking&) override;
  ports::Task<> maintenance(bool, const std::string&, const ports::Asking&) override;
  Duration forgets() const override;
  ports::Task<std::vector<ports::Move>> way_back(const run::Release&, const std::vector<ports::Endpoint>&,
                                                 const ports::Asking&) override;

 private:
  void told(const ports::Asking&);
  bool is_mine(const Server& s) const { return s.release.starts_with(service + "@"); }
  bool up(const std::string& release) const;
  void place(const std::vector<ports::Endpoint>&);
  void spread(const std::string& release, int weight);
};

// Only the maintenance flag; the sim has no other file.
struct SimFiles : ports::Files {
  explicit SimFiles(Reality& r) : reality(r) {}
  Reality& reality;
  Result<std::string> read(std::string) override { return fail(Code::unavailable, "no files here"); }
  Result<> write(std::string, std::string, unsigned) override { return reality.maintenance = true, Result<>{}; }
  Result<> remove(std::string) override { return reality.maintenance = false, Result<>{}; }
  Result<std::optional<Stat>> stat(std::string) override {
    return reality.maintenance ? std::optional(Stat{}) : std::nullopt;
  }
  Result<Space> space(std::string) override { return Space{}; }
};

// Nobody calls these in the simulated world.
struct NoInstances : ports::Instances {
  ports::Task<ports::InstanceState> start(std::string, ports::InstanceSpec) override { co_return gone(); }
  ports::Task<std::vector<ports::InstanceState>> list(std::string) override { co_return gone(); }
  ports::Task<> stop(std::string, Duration) override { co_return gone(); }
  ports::Task<> forget(std::string) override { co_return gone(); }
  static std::unexpected<Error> gone() { return fail(Code::internal, "not simulated"); }
};
struct NoHttp : ports::Http {
  ports::Task<ports::HttpAnswer> send(ports::HttpRequest) override { co_return NoInstances::gone(); }
};
struct NoDialer : ports::Dialer {
  ports::Task<std::string> ask(std::string, std::string, Duration) override { co_return NoInstances::gone(); }
  ports::Task<> connect(std::string, Duration) override { co_return NoInstances::gone(); }
};

}  // namespace davy::testing
