#include "made.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace davy::bench {
namespace {

constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "curl/7.88.1",
    "okhttp/4.12.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
};
constexpr std::string_view kReferers[] = {"-", "https://shop.example.com/", "https://shop.example.com/cart?step=2",
                                          "https://www.google.com/"};
constexpr std::string_view kRoutes[] = {"/",
                                        "/api/orders",
                                        "/api/orders?page=2&size=50",
                                        "/products/",
                                        "/api/cart",
                                        "/assets/app.3f9c2e1b.js",
                                        "/api/search?q=lamp",
                                        "/login",
                                        "/api/users/",
                                        "/checkout/confirm"};

}  // namespace

struct MadeLog::Request {
  std::string client, path;
  std::string_view method, agent, referer;
  int status, server, ms;
  std::uint64_t bytes;
};

MadeLog::MadeLog(std::string_view kind, std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 1) {
  constexpr std::string_view kNames[] = {"davy1", "httplog", "nginx", "nginx-json", "caddy", "paths"};
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kind == kNames[i]) kind_ = static_cast<Kind>(i);
}

std::uint64_t MadeLog::random() {  // splitmix64
  auto z = state_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

MadeLog::Request MadeLog::next() {
  now_ms_ += static_cast<std::int64_t>(random() % 10);
  auto r = random(), luck = random() % 1000;
  auto route = kRoutes[r % std::size(kRoutes)];
  auto path = std::string(route);
  if (route.ends_with('/') && route.size() > 1) path += std::to_string((r >> 8) % 20);
  if (kind_ == Kind::paths) path = fmt::format("/item/{}", random() % 1'000'000);
  auto status = luck < 10   ? 500 + static_cast<int>(luck % 5)
                : luck < 30 ? 404
                : luck < 33 ? 499
                : luck < 80 ? 304
                            : 200;
  auto ms = static_cast<int>(std::exp(static_cast<double>((r >> 20) % 1000) / 150.0));
  return {fmt::format("10.{}.{}.{}", (r >> 32) % 4, (r >> 36) % 256, (r >> 44) % 256),
          std::move(path),
          r % 9 == 0 ? "POST" : "GET",
          kAgents[(r >> 12) % std::size(kAgents)],
          kReferers[(r >> 16) % std::size(kReferers)],
          status,
          static_cast<int>((r >> 52) % 8),
          ms,
          200 + (r >> 24) % 20'000};
}

void MadeLog::line(std::string& out) {
  auto r = next();
  auto into = std::back_inserter(out);
  auto gone = r.status == 499;
  auto second = std::chrono::sys_seconds(std::chrono::seconds(now_ms_ / 1000));
  auto clf = [&] { return fmt::format("{:%d/%b/%Y:%H:%M:%S}", fmt::gmtime(second.time_since_epoch().count())); };
  switch (kind_) {
    case Kind::davy1:
    case Kind::paths:
      fmt::format_to(into,
                     "davy1 {} 127.0.0.1 {} shop storefront davy{} 0/0/0/{}/{} {} {} {} 0 12/12/3/1/0/0 {} \"{}\"\n",
                     now_ms_, r.client, r.server, gone ? -1 : r.ms, r.ms, gone ? -1 : r.status, r.bytes,
                     gone ? "CH" : "--", r.method, r.path);
      break;
    case Kind::httplog:
      fmt::format_to(into,
                     "{}:33317 [{}.{:03}] shop storefront/davy{} 0/0/0/{}/{} {} {} - - {} 12/12/3/1/0 0/0 \"{} {} "
                     "HTTP/1.1\"\n",
                     r.client, clf(), now_ms_ % 1000, r.server, gone ? -1 : r.ms, r.ms, gone ? -1 : r.status, r.bytes,
                     gone ? "CH--" : "----", r.method, r.path);
      break;
    case Kind::nginx:
      fmt::format_to(into,
                     "{} - - [{} +0000] \"{} {} HTTP/1.1\" {} {} \"{}\" \"{}\" rt={}.{:03} uct=\"0.000\" "
                     "uht=\"{}.{:03}\" urt=\"{}.{:03}\" ups=\"10.1.0.{}:8080\"\n",
                     r.client, clf(), r.method, r.path, r.status, r.bytes, r.referer, r.agent, r.ms / 1000, r.ms % 1000,
                     r.ms / 1000, r.ms % 1000, r.ms / 1000, r.ms % 1000, r.server);
      break;
    case Kind::nginx_json:
      fmt::format_to(into,
                     "{{\"time\":\"{:%Y-%m-%dT%H:%M:%S}+00:00\",\"remote_addr\":\"{}\",\"remote_user\":\"\","
                     "\"request_method\":\"{}\",\"request_uri\":\"{}\",\"server_protocol\":\"HTTP/1.1\",\"status\":{},"
                     "\"body_bytes_sent\":{},\"request_time\":{}.{:03},\"upstream_addr\":\"10.1.0.{}:8080\","
                     "\"upstream_response_time\":\"{}.{:03}\",\"http_referer\":\"{}\",\"http_user_agent\":\"{}\"}}\n",
                     fmt::gmtime(second.time_since_epoch().count()), r.client, r.method, r.path, r.status, r.bytes,
                     r.ms / 1000, r.ms % 1000, r.server, r.ms / 1000, r.ms % 1000, r.referer, r.agent);
      break;
    case Kind::caddy:
      fmt::format_to(
          into,
          "{{\"level\":\"info\",\"ts\":{}.{:03}1234,\"logger\":\"http.log.access.log0\",\"msg\":\"handled "
          "request\",\"request\":{{\"remote_ip\":\"{}\",\"remote_port\":\"41342\",\"client_ip\":\"{}\","
          "\"proto\":\"HTTP/2.0\",\"method\":\"{}\",\"host\":\"shop.example.com\",\"uri\":\"{}\",\"headers\":{{"
          "\"User-Agent\":[\"{}\"],\"Accept\":[\"*/*\"],\"Referer\":[\"{}\"]}}}},\"bytes_read\":0,"
          "\"user_id\":\"\",\"duration\":{}.{:03}521,\"size\":{},\"status\":{},\"resp_headers\":{{\"Server\":["
          "\"Caddy\"],\"X-Release\":[\"v{}\"]}}}}\n",
          now_ms_ / 1000, now_ms_ % 1000, r.client, r.client, r.method, r.path, r.agent, r.referer, r.ms / 1000,
          r.ms % 1000, r.bytes, r.status, r.server % 2 + 1);
      break;
    case Kind::unknown:
      break;
  }
}

}  // namespace davy::bench
