// The platforms that there are keep what a platform keeps. Their outside is a machine of fakes with a state.
#include "ports/testing/platform_contract.h"

#include <fmt/format.h>

#include "ports/testing/roller_contract.h"
#include "providers/platform/command.h"
#include "providers/platform/process.h"
#include "providers/platform/replace.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

struct OfProcesses : World {
  static constexpr int kInstances = 2;
  static constexpr bool kSideBySide = true;
  OfProcesses() {
    instances.born = [this](auto& s, auto&) { s.started = clock.now(); };
    made = process_platform(outside, {"shop", "production", "/nowhere"});
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  run::Release of(std::string version, std::string id) const {
    ProcessOptions options{.command = "./shop --port $port", .health = "/health", .instances = kInstances};
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  run::Release one() const { return of("1", "shop@1"); }
  run::Release two() const { return of("2", "shop@2"); }
  ports::Platform& platform() { return *made; }
  static ports::Asking who(const run::Release&) { return {}; }
  int begun() const { return instances.starts; }
  int alive(const run::Release& r) const {
    int n = 0;
    for (auto& [key, one] : instances.all) n += one.alive && one.note.contains('"' + r.id + '"');
    return n;
  }
  std::unique_ptr<ports::Platform> made;
};

// Somebody's own scripts, which keep what a platform must: said twice they do nothing more.
struct OfCommands : World {
  static constexpr int kInstances = 2;
  static constexpr bool kSideBySide = true;
  OfCommands() {
    process.answer = [this](const ports::CommandSpec& spec) { return answer(spec); };
    made = command_platform(outside, {"shop", "production", ""});
  }
  ports::CommandEnd answer(const ports::CommandSpec& spec) {
    auto& text = spec.argv.at(2);
    auto& n = running[spec.env.at("release")];
    if (text == "up")
      for (auto wanted = std::stoi(spec.env.at("instances")); n < wanted; ++n) ++started;
    if (text == "down") n = std::min(n, std::stoi(spec.env.at("keep")));
    std::string out;
    for (int i = 0; text == "where" && i < n; ++i) out += "10.0.0.1:" + std::to_string(80 + i) + "\n";
    return {.exit_code = text == "is-up" && n == 0 ? 3 : 0, .output = out};
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  static run::Release of(std::string version, std::string id) {
    CommandPlatformOptions options{.start = "up", .stop = "down", .status = "is-up", .endpoints = "where"};
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  static run::Release one() { return of("1", "shop@1"); }
  static run::Release two() { return of("2", "shop@2"); }
  ports::Platform& platform() { return *made; }
  ports::Asking who(const run::Release&) { return {.key = "a" + std::to_string(++steps)}; }
  int begun() const { return started; }
  int alive(const run::Release& r) { return running[r.id]; }
  std::map<std::string, int> running;
  int started = 0, steps = 0;
  std::unique_ptr<ports::Platform> made;
};

// Somebody's own pipeline behind two scripts.
struct OfReplacing : World {
  OfReplacing() {
    process.answer = [this](const ports::CommandSpec& spec) { return answer(spec); };
  }
  ports::CommandEnd answer(const ports::CommandSpec& spec) {
    if (spec.argv.at(2) == "deploy") {
      auto& to = spec.env.at("version");
      if (to != wanted) wanted = to, moved = to == serves ? 1 : 0, ++count;
      return {.exit_code = 0};
    }
    if (serves == wanted) return {.exit_code = 0, .output = serves + " 100%\n"};
    auto word = moved == 1 ? "done" : broken ? "failed no such image" : "running";
    return {.exit_code = 0,
            .output = fmt::format("{} {}%\n {}  {} {}\n", serves, 100 * (1 - moved), wanted, 100 * moved, word)};
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  static run::Release of(std::string version, std::string id) {
    ReplaceOptions options{.replace = "deploy", .progress = "how far", .status = "is-up"};
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  static run::Release one() { return of("1", "shop@1"); }
  static run::Release two() { return of("2", "shop@2"); }
  ports::Platform& platform() { return *(made = replace_platform(outside, {"shop", "production", ""})); }
  ports::Asking who(const run::Release&) { return {.key = "a" + std::to_string(++steps)}; }
  int begun() const { return count; }
  double share(const run::Release& r) const {
    return wanted == r.version ? (serves == wanted ? 1 : moved) : serves == r.version ? 1 - moved : 0;
  }
  void half() { moved = 0.5; }
  void end() {
    if (!broken) moved = 0, serves = wanted;
  }
  void fail() { broken = true; }
  std::string serves = "1", wanted = "1";
  double moved = 0;
  bool broken = false;
  int count = 0, steps = 0;
  std::unique_ptr<ports::Platform> made;
};

using All = ::testing::Types<OfProcesses, OfCommands>;

}  // namespace
}  // namespace davy::providers

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(Providers, PlatformContract, davy::providers::All);
INSTANTIATE_TYPED_TEST_SUITE_P(Providers, RollerContract, davy::providers::OfReplacing);
}  // namespace davy::ports::testing
