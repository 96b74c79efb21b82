#include "options.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>

namespace load {
namespace {

constexpr std::string_view kScheme = "http://";

void declare(CLI::App& app, Options& o, std::string& url) {
  app.footer(
      "Example: load --url http://127.0.0.1:8080 --rate 2000 --seconds 20 --paths /,/api/orders --post-share 0.1");
  app.add_option("--url", url, "Where to (this machine only)")->required();
  app.add_option("--rate", o.rate, "Requests per second, whatever the answers do")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", o.seconds, "How long; 0 until a signal")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--connections", o.connections, "At most so many at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 9000));
  app.add_option("--paths", o.paths, "Taken in turn")->delimiter(',')->capture_default_str();
  app.add_option("--clients", o.clients, "Distinct X-Forwarded-For addresses")
      ->capture_default_str()
      ->check(CLI::Range(1, 16'000'000));
  app.add_flag("--clients-zipf", o.zipf, "A few clients send most of it");
  app.add_flag("--sticky", o.sticky, "Each connection is one client that keeps its cookies");
  app.add_option("--post-share", o.post_share, "This part of the requests for /api/orders places an order")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--timeout", o.timeout, "Seconds after which an answer counts as lost")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--trace", o.trace, "File that gets a line per request");
  app.add_flag("--live", o.live, "A line on stderr each second");
  app.add_option("--seed", o.seed, "Of the choice of clients and orders")->capture_default_str();
}

}  // namespace

davy::Result<> aim(const std::string& url, Options& options) {
  const auto refuse = [&](std::string_view why) {
    return davy::fail(davy::Code::invalid, fmt::format("{}: {}", url, why),
                      "load sends only to this machine, for example http://127.0.0.1:8080");
  };
  if (!url.starts_with(kScheme)) return refuse("not an http:// address");
  std::string host = url.substr(kScheme.size());
  if (const auto slash = host.find('/'); slash != host.npos) host.resize(slash);
  options.host = host;
  unsigned port = 80;
  if (const auto colon = host.find(':'); colon != host.npos) {
    const auto* end = host.data() + host.size();
    const auto read = std::from_chars(host.data() + colon + 1, end, port);
    if (read.ec != std::errc{} || read.ptr != end || port < 1 || port > 65535) return refuse("not a port");
    host.resize(colon);
  }
  options.target.sin_family = AF_INET;
  options.target.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &options.target.sin_addr) != 1)
    return refuse("not a loopback address");
  if ((ntohl(options.target.sin_addr.s_addr) >> 24) != 127) return refuse("not a loopback address");
  return {};
}

Asked ask(int argc, char** argv) {
  CLI::App app("Sends HTTP requests at a fixed rate and accounts for every one of them.");
  Asked asked;
  std::string url, keep_alive = "on";
  declare(app, asked.options, url);
  app.add_option("--keep-alive", keep_alive, "on or off")->capture_default_str()->check(CLI::IsMember({"on", "off"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    asked.exit_status = app.exit(e) == 0 ? 0 : 2;
    return asked;
  }
  asked.options.keep_alive = keep_alive == "on";
  if (const auto aimed = aim(url, asked.options); !aimed) {
    fmt::print(stderr, "load: {}\n", davy::to_string(aimed.error()));
    asked.exit_status = 2;
  }
  return asked;
}

}  // namespace load
