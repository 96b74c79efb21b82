// Lines of every format for tests, and ways to spoil them.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "signals/formats/format.h"
#include "signals/traffic/tried.h"

namespace davy::signals {

// The servers that failed before: "10.1.0.1:80, 10.1.0.2:80".
inline std::string failed_of(const Request& line) {
  std::string out;
  each_failed(line, [&](std::string_view server) { out += (out.empty() ? "" : ", ") + std::string(server); });
  return out;
}

// What is read of a line, as one text: "200 answered 12ms server 10.1.0.1:80 client 192.0.2.9 GET /x @1795255202.345";
// what it does not say is left out. `format` empty: guessed from the line itself.
inline std::string said_of(std::string_view format, std::string_view line) {
  std::string_view lines[] = {line};
  auto is = Format::is_guessed(format) ? Format::guess(lines, {}, format) : Format::from(format);
  // What tells of no request cannot tell a format either.
  if (!is) is = format.empty() ? std::move(is) : Format::from(format);
  if (!is) return "refused";
  if (!Format::is_guessed(format)) is->find_wrapping(lines);
  Unwrapper unwrapper(is->wrapping());
  Request r;
  auto parsed = is->parse(unwrapper.line(line).value_or(""), r);
  if (parsed != Parsed::line) return parsed == Parsed::other ? "other" : "broken";
  constexpr std::string_view kOutcomes[] = {"answered", "error", "aborted", "unreached", "unserved", "untold"};
  auto out = fmt::format("{} {}", r.status, kOutcomes[static_cast<std::size_t>(r.outcome)]);
  auto add = [&](std::string_view name, std::string_view what) {
    if (!what.empty()) out += fmt::format("{}{}", name, what);
  };
  if (r.latency > Duration{}) out += fmt::format(" {}ms", static_cast<double>(r.latency.count()) / 1e6);
  add(" backend ", r.backend), add(" server ", r.server), add(" failed ", failed_of(r)), add(" client ", r.client);
  add(" ", r.method), add(" ", r.path);
  if (r.end) out += fmt::format(" @{:.3f}", static_cast<double>(r.end->time_since_epoch().count()) / 1e9);
  return out;
}

inline constexpr std::string_view kDavyLine =
    R"(davy1 1795225844763 127.0.0.1 10.1.2.3 shop storefront davy2 0/0/0/2/2 200 126 -- 0 12/12/3/1/0/0 GET "/api/orders?x=1")";
inline constexpr std::string_view kHttpLine =
    R"(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu|v7} {nginx} "GET /index.html?a=b HTTP/1.1")";
// Without what would send them the long way round.
inline constexpr std::string_view kPlainHttpLine =
    R"(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 0/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /index.html?a=b HTTP/1.1")";
inline constexpr std::string_view kPlainNginxLine =
    R"(203.0.113.9 - ann [21/Nov/2026:11:00:02 +0100] "POST /cart/add?id=7 HTTP/1.1" 502 157 "https://shop.example/" "Mozilla/5.0 X11" rt=1.250 uct="0.001" uht="0.010" urt="0.240" ups="10.1.0.1:8080")";
inline constexpr std::string_view kNginxLine =
    R"(203.0.113.9 - ann [21/Nov/2026:11:00:02 +0100] "POST /cart/add?id=7 HTTP/1.1" 502 157 "https://shop.example/" "Mozilla/5.0 X11; \x22quoted\x22" rt=1.250 uct="0.001, 0.000" uht="-, 0.010" urt="0.240, 0.010" ups="10.1.0.1:8080, 10.1.0.2:8080")";
inline constexpr std::string_view kNginxPattern =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time" ups="$upstream_addr")";
inline constexpr std::string_view kApacheLine =
    R"(198.51.100.4 - - [21/Nov/2026:10:00:02 +0000] "GET /a\"b HTTP/1.1" 200 - "-" "a \"b\" c" 12345)";
inline constexpr std::string_view kApachePattern = R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i" %D)";
inline constexpr std::string_view kJsonLine =
    R"({"time":"2026-11-21T10:00:02+00:00","remote_addr":"203.0.113.9","request_method":"GET","request_uri":"/a?\"q\"","status":200,"body_bytes_sent":12,"request_time":0.012,"upstream_addr":"10.1.0.1:80","http_user_agent":"{\"x\":[1]}"})";
inline constexpr std::string_view kCaddyLine =
    R"({"level":"info","ts":1795225844.25,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","proto":"HTTP/2.0","method":"GET","host":"example.com","uri":"/x","headers":{"User-Agent":["curl/7"],"status":["900"]}},"bytes_read":0,"duration":0.0012,"size":12,"status":503,"resp_headers":{"Server":["Caddy"]}})";
inline constexpr std::string_view kTraefikLine =
    R"({"ClientAddr":"203.0.113.9:5000","ClientHost":"203.0.113.9","DownstreamContentSize":12,"DownstreamStatus":499,"Duration":2500000000,"RequestHost":"example.com","RequestMethod":"GET","RequestPath":"/slow","ServiceAddr":"10.1.0.3:80","ServiceName":"shop@docker","StartUTC":"2026-11-21T10:00:00.5Z","time":"2026-11-21T10:00:03Z"})";
inline constexpr std::string_view kEnvoyLine =
    R"({"start_time":"2026-11-21T10:00:00.500Z","method":"GET","path":"/x","response_code":503,"response_flags":"UF","duration":25,"bytes_sent":91,"upstream_host":"10.1.0.3:80","upstream_cluster":"shop","x_forwarded_for":"203.0.113.9, 10.0.0.1","authority":"example.com"})";

inline constexpr std::string_view kTraefikText =
    R"(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 12 "-" "-" 5 "shop@docker" "http://10.1.0.3:80" 22ms)";
inline constexpr std::string_view kHerokuLine =
    R"(2026-11-21T10:00:02.123456+00:00 heroku[router]: at=info method=GET path="/x" host=shop.example request_id=8601 fwd="203.0.113.9" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=https)";
inline constexpr std::string_view kAlbLine =
    R"(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://shop.example:443/x HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x "Root=1-5" "shop.example" "arn:aws:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")";

struct SaidCase {
  std::string format, line, said;
};
inline void expect_said(std::initializer_list<SaidCase> cases) {
  for (auto& one : cases) EXPECT_EQ(said_of(one.format, one.line), one.said) << one.format << " | " << one.line;
}

// Some bytes changed, cut, doubled or taken out.
inline std::string spoilt(std::string_view line, std::mt19937_64& random) {
  std::string out(line);
  constexpr std::string_view kLikely = "\"\\ {}[]:,/-0123456789=$.\n";
  for (auto n = random() % 4; n > 0 && !out.empty(); --n) {
    auto at = random() % out.size();
    switch (random() % 5) {
      case 0:
        out[at] = static_cast<char>(random());
        break;
      case 1:
        out[at] = kLikely[random() % kLikely.size()];
        break;
      case 2:
        out.erase(at, random() % 8);
        break;
      case 3:
        out.insert(at, out.substr(random() % out.size(), random() % 12));
        break;
      default:
        out.resize(at);
    }
  }
  return out;
}

}  // namespace davy::signals
