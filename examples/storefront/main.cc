// storefront: a small shop, made to be deployed well or badly. See README.md.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <random>

#include "server.h"

namespace {

struct Options {
  storefront::Listening at;
  std::string version = "1";
  std::string database = "storefront.db";
  std::string behaviour;
  std::string versions;
  std::optional<std::uint64_t> seed;
  double settle = 0.5;
  double grace = 10;
};

void declare(CLI::App& app, Options& o) {
  app.footer(
      "Example: storefront --port 18101 --version 3 --db shop.db --behaviour \"fail=20% latency=2ms\"\n\nBehaviours:\n"
      "  good  fail=20%  fail-path=/api/orders[@50%]  base-errors=0.1%  latency=2ms  slow=+50%  hang=10%\n"
      "  crash-after=2s  leak=20MB/s  ready-after=500ms  never-healthy  fork");
  app.add_option("--port", o.at.port, "Port to listen on (default $port)")->envname("port")->required();
  app.add_option("--host", o.at.host, "Address to listen on")->capture_default_str();
  app.add_option("--version", o.version, "Version it calls itself (default $version, else 1)")->envname("version");
  app.add_option("--db", o.database, "SQLite file")->capture_default_str();
  auto* words = app.add_option("--behaviour", o.behaviour, "What is wrong with it");
  app.add_option("--versions", o.versions, "File that says what is wrong with which version")->excludes(words);
  app.add_option("--seed", o.seed, "Makes its faults repeatable");
  app.add_option("--settle", o.settle, "After SIGTERM: seconds without users before it ends")->capture_default_str();
  app.add_option("--grace", o.grace, "After SIGTERM: seconds after which it ends anyway")->capture_default_str();
}

davy::Result<storefront::Behaviour> behaviour_of(const Options& o) {
  // The version stands in a header of every answer.
  constexpr auto kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
  if (o.version.empty() || o.version.size() > 64 || o.version.find_first_not_of(kPlain) != std::string::npos)
    return davy::fail(davy::Code::invalid, "--version: letters, digits and ._+- only, 64 at most");
  if (o.versions.empty()) return storefront::parse_behaviour(o.behaviour);
  const auto words = storefront::words_for_version(o.versions, o.version);
  if (!words) return std::unexpected(words.error());
  return storefront::parse_behaviour(*words);
}

// As old-fashioned daemons do it: the parent is gone at once, and whoever started it has nothing to hold.
void daemonise() {
  if (fork() != 0) _exit(0);
  setsid();
}

int stop_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

int complain(const davy::Error& error, int status) {
  fmt::print(stderr, "storefront: {}\n", davy::to_string(error));
  return status;
}

std::chrono::nanoseconds nanos(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

int serve(const Options& o, const storefront::Behaviour& behaviour) {
  const auto listener = storefront::listen_on(o.at);
  if (!listener) return complain(listener.error(), 1);
  if (behaviour.forks) daemonise();  // before the database is open: SQLite does not survive a fork
  auto orders = storefront::Orders::open(o.database);
  if (!orders) return complain(orders.error(), 1);
  storefront::Shop shop(o.version, behaviour, o.seed.value_or(std::random_device{}()), std::move(*orders));
  storefront::Server server(*listener, shop, {o.version, nanos(o.settle), nanos(o.grace)});
  return server.run(stop_signal());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A small shop with SQLite inside, made to be deployed, well or badly.");
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  const auto behaviour = behaviour_of(options);
  return behaviour ? serve(options, *behaviour) : complain(behaviour.error(), 2);
}
