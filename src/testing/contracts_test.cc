// The simulated Process and Guard keep what the real ones do.
#include "ports/testing/guard_contract.h"
#include "ports/testing/process_contract.h"
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
};

struct GuardWorld : SimWorld {
  SimGuard sim{life};
  GuardWorld() {
    reality.services = {"app"};
    reality.away = "web";
    reality.servers["1"] = {"app@1", 0, false};
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
  bool moved() const { return reality.servers.at("1").weight > 0; }
  void pass_a_quarter_of_patience() {
    reality.now += std::chrono::seconds(4);
    reality.keeper_watches();
  }
  void pass_patience() {
    reality.now += std::chrono::seconds(16);
    reality.keeper_watches();
  }
};

}  // namespace
}  // namespace davy::testing

namespace davy::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, ProcessContract, davy::testing::ProcessWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, GuardContract, davy::testing::GuardWorld);

}  // namespace davy::ports::testing
