// The simulated ports keep what the real ones do.
#include <boost/asio/detached.hpp>

#include "ports/testing/guard_contract.h"
#include "ports/testing/platform_contract.h"
#include "ports/testing/process_contract.h"
#include "ports/testing/roller_contract.h"
#include "ports/testing/router_contract.h"
#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

struct SimWorld {
  Reality reality{1};
  Life life{reality};
  template <class T>
  Result<T> run(ports::Task<T> task) {
    std::optional<Result<T>> out;
    asio::co_spawn(life.executor(), std::move(task), [&](std::exception_ptr, Result<T> r) { out = std::move(r); });
    life.run([&] { return out.has_value(); });
    return *out;
  }
};

struct ProcessWorld : SimWorld {
  SimProcess sim{life};
  ports::Process& process() { return sim; }
  static ports::CommandSpec act() { return {.argv = {"migrate"}}; }
  static ports::CommandSpec look() { return {.argv = {"which schema"}}; }
  bool done() const { return reality.schema == 2; }
  void undo() { reality.schema = 1; }
  int folders() const { return static_cast<int>(reality.commands.size()); }
  void begin(const std::string& key) {
    reality.undo_behind = "hangs";
    asio::co_spawn(life.executor(), sim.launch(key, {.argv = {"tell back"}}), asio::detached);
    life.run([&] { return reality.commands.contains(key); });
  }
  bool runs(const std::string& key) const { return reality.commands.at(key).ends > reality.now; }
};

struct GuardWorld : SimWorld {
  SimGuard sim{life};
  GuardWorld() {
    reality.services = {"app"};
    reality.away = "web";
    reality.instances["app@1"][0] = {};
    reality.servers["app@1:0"] = {"app@1", 0, false};
    reality.servers["2"] = {"app@2", 256, false};
  }
  ports::Guard& guard() { return sim; }
  static ports::Move move(const std::string& service) {
    return {.what = "traffic of " + service,
            .acts = {{.address = service, .text = service + "@1"}},
            .proof = {.address = service, .text = "who"},
            .expect = {service + "@1"}};
  }
  static ports::Move good() { return move("app"); }
  static ports::Move broken() { return move("web"); }
  bool moved() const { return reality.servers.at("app@1:0").weight > 0; }
  void pass_a_quarter_of_patience() {
    reality.now += std::chrono::seconds(4);
    reality.keeper_watches();
  }
  void pass_patience() {
    reality.now += std::chrono::seconds(16);
    reality.keeper_watches();
  }
};

ports::Asking knows_the_secret(const std::string& version) {
  return {.variables = {{"version", version}}, .secrets = {{"TOKEN", {"TOKEN"}}}};
}

struct PlatformWorld : SimWorld {
  static constexpr int kInstances = 4;
  static constexpr bool kSideBySide = true;
  SimPlatform sim{life};
  ports::Platform& platform() { return sim; }
  static run::Release one() { return {"1", "app@1~q"}; }
  static run::Release two() { return {"2", "app@2~r"}; }
  static ports::Asking who(const run::Release& r) { return knows_the_secret(r.version); }
  int alive(const run::Release& r) {
    int n = 0;
    for (auto& [index, one] : reality.instances[r.id]) n += one.alive;
    return n;
  }
  std::int64_t begun() const { return reality.started; }
};

struct RollerWorld : SimWorld {
  SimPlatform sim{life};
  RollerWorld() {
    reality.services = {"app"};
    reality.by_itself = true;
    reality.proven.insert(one().id);
    for (int i = 0; i < kInstances; ++i) {
      reality.instances[one().id][i] = {};
      reality.servers[one().id + ":" + std::to_string(i)] = {one().id, 256, false};
    }
  }
  ports::Platform& platform() { return sim; }
  static run::Release one() { return {"1", "app@1~q"}; }
  static run::Release two() { return {"2", "app@2~r"}; }
  static ports::Asking who(const run::Release& r) {
    auto out = knows_the_secret(r.version);
    out.variables["service"] = "app";
    return out;
  }
  double share(const run::Release& r) {
    auto candidates = reality.share_of_candidate("app");
    return reality.candidate(r.id) ? candidates : 1 - candidates;
  }
  std::int64_t begun() const { return reality.started; }
  void half() { pass(std::chrono::seconds(4)); }
  void end() { pass(std::chrono::minutes(1)); }
  void fail() { reality.quality = Quality::never_healthy; }
  void pass(Duration length) {
    reality.now += length;
    reality.time_passes();
  }
};

struct RouterWorld : SimWorld {
  static constexpr bool kLooksAfterHealth = true;
  std::string one = "app@1~q", two = "app@2~r";
  SimRouter sim{life, "app"};
  RouterWorld() {
    reality.services = {"app"};
    for (auto& release : {one, two}) {
      reality.instances[release][0] = {};
      reality.proven.insert(release);
      reality.servers[release + ":0"] = {release, release == one ? 256 : 0, false};
    }
  }
  ports::Router& router() { return sim; }
  std::vector<ports::Endpoint> both() const { return {{one, 0, one + ":0", true}, {two, 0, two + ":0", true}}; }
  static ports::Asking who() { return knows_the_secret("2"); }
  std::map<std::string, double> shares() {
    auto candidates = reality.share_of_candidate("app");
    return {{one, 1 - candidates}, {two, candidates}};
  }
  void down(const std::string& release) { reality.all_die(reality.candidate(release)); }
};

}  // namespace
}  // namespace davy::testing

namespace davy::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, ProcessContract, davy::testing::ProcessWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, GuardContract, davy::testing::GuardWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, PlatformContract, davy::testing::PlatformWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, RollerContract, davy::testing::RollerWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, RouterContract, davy::testing::RouterWorld);

}  // namespace davy::ports::testing
