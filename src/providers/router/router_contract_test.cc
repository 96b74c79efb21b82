// The routers that there are keep what a router keeps: a real HAProxy, and somebody's own commands with a state.
#include "ports/testing/router_contract.h"

#include "providers/router/command.h"
#include "providers/router/haproxy.h"
#include "providers/testing/shop.h"

namespace davy::providers {
namespace {

using namespace testing;

struct BehindHaproxy {
  static constexpr bool kLooksAfterHealth = true;
  BehindHaproxy() {
    HaproxyOptions options;
    options.socket = haproxy.socket(), options.backend = "shop";
    options.up_within = options.patience = 2s;
    made = haproxy_router(options, outside, {});
    EXPECT_TRUE(run(made->attach(both(), {})));
    EXPECT_TRUE(run(made->shift(one, Ratio{1}, "", both(), {})));
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  ports::Router& router() { return *made; }
  std::vector<ports::Endpoint> both() const {
    return {{one, 0, first.address(), true, ""}, {two, 0, second.address(), true, ""}};
  }
  static ports::Asking who() { return {}; }
  // By 400 requests in turn: HAProxy's roundrobin keeps to its weights within one of them.
  std::map<std::string, double> shares() {
    std::map<std::string, double> out;
    for (int i = 0; i < 400; ++i) out[get(haproxy.port()).body == first.address() ? one : two] += 1. / 400;
    return out;
  }
  void down(const std::string& release) {
    (release == one ? first : second).sick = true;
    auto up = [&] {
      for (auto& s : run(made->read(both(), {})).value_or(std::vector<ports::Served>{}))
        if (s.release == release) return s.up;
      return false;
    };
    for (int i = 0; i < 200 && up(); ++i) std::this_thread::sleep_for(10ms);
  }

  std::string one = "one@1", two = "two@2";
  Release first, second;
  Haproxy haproxy{Haproxy::With{}};
  RealClock clock;
  RealDialer dialer;
  RealFiles files;
  FakeProcess process;
  FakeInstances instances;
  FakeHttp http;
  ports::Outside outside{clock, process, instances, http, dialer, files};
  std::unique_ptr<ports::Router> made;
};

struct BehindCommands : World {
  static constexpr bool kLooksAfterHealth = false;
  BehindCommands() {
    process.answer = [this](const ports::CommandSpec& spec) {
      auto& env = spec.env;
      if (spec.argv.at(2) == "move") {
        percent = {{env.at("release"), std::stod(env.at("share"))}};
        if (!env.at("rest").empty()) percent[env.at("rest")] = 100 - std::stod(env.at("share"));
      }
      std::string out;
      for (auto& [release, share] : percent) out += release + " " + std::to_string(share) + "%\n";
      return ports::CommandEnd{.exit_code = 0, .output = out};
    };
    made = command_router({.shift = "move", .read = "look"}, outside, {"shop", "production", ""});
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  ports::Router& router() { return *made; }
  std::vector<ports::Endpoint> both() const { return {{one, 0, ""}, {two, 0, ""}}; }
  ports::Asking who() { return {.key = "a" + std::to_string(++steps)}; }
  std::map<std::string, double> shares() const {
    auto out = percent;
    for (auto& [release, share] : out) share /= 100;
    return out;
  }
  void down(const std::string&) {}

  std::string one = "shop@1", two = "shop@2";
  std::map<std::string, double> percent{{one, 100}};
  int steps = 0;
  std::unique_ptr<ports::Router> made;
};

using All = ::testing::Types<BehindHaproxy, BehindCommands>;

}  // namespace
}  // namespace davy::providers

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(Providers, RouterContract, davy::providers::All);
}  // namespace davy::ports::testing
