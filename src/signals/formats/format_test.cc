#include "signals/formats/format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>

#include "signals/formats/lines_testing.h"
#include "signals/traffic/figures.h"
#include "spec/json.h"

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

Format format(std::string_view text, const FormatOptions& options = {}) {
  auto made = Format::from(text, options);
  EXPECT_TRUE(made) << text << ": " << (made ? "" : made.error().message);
  return made ? *made : Format();
}
Request read(const Format& f, std::string_view text) {
  Request out;
  EXPECT_EQ(f.parse(text, out), Parsed::line) << text;
  return out;
}
Format guessed(std::string_view line, const FormatOptions& options = {}) {
  auto made = Format::guess(std::span(&line, 1), options);
  EXPECT_TRUE(made) << line;
  return made ? *made : Format();
}

TEST(Formats, NginxWithUpstreams) {
  auto l = read(format(kNginxPattern), kNginxLine);
  EXPECT_EQ(l.end, Time(1795255202s));
  EXPECT_EQ(l.client, "203.0.113.9");
  EXPECT_EQ(l.method, "POST");
  EXPECT_EQ(l.path, "/cart/add?id=7");
  EXPECT_EQ(l.status, 502);
  EXPECT_EQ(l.bytes, 157);
  EXPECT_EQ(l.latency, 1250ms);
  EXPECT_EQ(l.server, "10.1.0.2:8080");
  EXPECT_EQ(failed_of(l), "10.1.0.1:8080");
  EXPECT_TRUE(l.redispatched);
  EXPECT_EQ(l.outcome, Outcome::error);
}

TEST(Formats, NginxListsOfUpstreamsWithoutQuotes) {
  auto f = format("$remote_addr $upstream_addr $upstream_status $status $request_time");
  auto l = read(f, "10.0.0.1 10.1.0.1:80, 10.1.0.2:80 : unix:/run/x.sock 502, 200 : 200 200 0.005");
  EXPECT_EQ(l.server, "unix:/run/x.sock");
  EXPECT_EQ(failed_of(l), "10.1.0.1:80") << "a colon is a redirection inside, not a failure";
  EXPECT_EQ(l.status, 200);
  EXPECT_EQ(l.latency, 5ms);
  EXPECT_EQ(read(f, "10.0.0.1 - - 404 0.000").outcome, Outcome::unreached);
  EXPECT_EQ(read(f, "10.0.0.1 backend 502 502 0.000").outcome, Outcome::unserved) << "nobody of the group was up";
}

// nginx, ngx_http_upstream_module, $upstream_addr and $upstream_status; error_page with a named location.
TEST(Formats, WhoeverFailedIsChargedWhoeverAnsweredInItsPlace) {
  auto f = format("$remote_addr \"$upstream_addr\" \"$upstream_status\" $status $request_time");
  auto redirected = read(f, R"(10.0.0.1 "10.1.0.2:80 : 10.1.0.1:80" "502 : 200" 200 0.005)");
  EXPECT_EQ(failed_of(redirected), "10.1.0.2:80") << "error_page 502 = @stable";
  EXPECT_EQ(redirected.server, "10.1.0.1:80");
  EXPECT_EQ(failed_of(read(f, R"(10.0.0.1 "10.1.0.2:80 : 10.1.0.1:80" "200 : 200" 200 0.005)")), "") << "X-Accel";
  EXPECT_EQ(failed_of(read(f, R"(10.0.0.1 "a:80, b:80 : c:80, d:80" "502, 504 : 502, 200" 200 0.005)")),
            "a:80, b:80, c:80");
  auto down = read(f, R"(10.0.0.1 "10.1.0.2:80, green" "502, 502" 502 0.005)");
  EXPECT_EQ(failed_of(down), "10.1.0.2:80") << "nobody else of the group was up";
  EXPECT_EQ(down.server, "green");
  EXPECT_EQ(down.outcome, Outcome::unserved);
}

// Whatever stands for the upstream: the line itself says of which release it is.
TEST(Formats, ALineThatNamesItsReleaseIsOfThatReleaseThoughNoServerAnswered) {
  auto nginx = format("$upstream_addr $status $release");
  EXPECT_EQ(read(nginx, "- 502 v2").outcome, Outcome::error);
  EXPECT_EQ(read(nginx, "green 502 v2").outcome, Outcome::error);
  EXPECT_EQ(read(nginx, "- 502 -").outcome, Outcome::unreached) << "nginx's own answer, for nobody";
  FormatOptions by_cluster{.server = "upstream_cluster"};
  auto envoy = *Format::from("json:envoy", by_cluster);
  EXPECT_EQ(read(envoy, R"({"response_code":503,"upstream_host":null,"upstream_cluster":"v2"})").outcome,
            Outcome::error);
  FormatOptions by_path{.release = "path:1"};
  auto path = *Format::from("$upstream_addr $status $path", by_path);
  auto l = read(path, "- 502 /v2/cart");
  EXPECT_EQ(l.release, "/v2");
  EXPECT_EQ(l.outcome, Outcome::error);
}

TEST(Formats, AClientIsItsAddressWhateverStandsBeforeIt) {
  auto client = [](std::string_view text) {
    return std::string(read(format("$remote_addr - $status"), std::string(text) + " - 200").client);
  };
  for (auto before : {"", "2026-11-28T09:00:00Z\t", "access.log:17:", "17,", "17|", "[17]",
                      "/var/log/nginx/access.log:", "a b ", "web0\xc2\xa0"})
    for (auto address : {"192.0.2.9", "192.0.2.9:35606"})
      if (std::string_view(address).size() < 10 || !std::string_view(before).ends_with(":"))
        EXPECT_EQ(client(std::string(before) + address), "192.0.2.9") << before;
  EXPECT_EQ(client("::ffff:192.0.2.9"), "::ffff:192.0.2.9");
  EXPECT_EQ(client("::ffff:192.0.2.9:35606"), "::ffff:192.0.2.9");
  EXPECT_EQ(client("[2001:db8::1]:35606"), "2001:db8::1");
  EXPECT_EQ(client("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client("192.0.2.9,10.0.0.50"), "192.0.2.9") << "Traefik's ClientHost, of a list";
  EXPECT_EQ(client("proxy-7"), "proxy-7");
  EXPECT_EQ(client("unix:"), "unix:");
  EXPECT_EQ(client("Sat Nov 28 09:00:00 2026"), "") << "a date is nobody";
}

// nginx, $remote_user: whatever stands in a request's Authorization, and nobody asked for it
TEST(Formats, ABracketInAUsersNameBreaksNoLine) {
  auto f = format(R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)");
  auto l = read(f, R"(203.0.113.9 - a [b [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 157)");
  EXPECT_EQ(l.end, Time(1795255202s));
}

TEST(Formats, TheUpstreamsTimeStandsInWhereThereIsNoOther) {
  auto f = format(R"($status "$upstream_response_time")");
  EXPECT_EQ(read(f, R"(200 "0.100, 0.007")").latency, 7ms);
  EXPECT_EQ(read(f, R"(200 "-")").latency, Duration{});
}

TEST(Formats, AClientThatWentAwayIsNoErrorAndItsWaitIsTheLatency) {
  auto l = read(format("$status $request_time"), "499 30.001");
  EXPECT_EQ(l.outcome, Outcome::aborted);
  EXPECT_EQ(l.latency, 30001ms);
}

TEST(Formats, Apache) {
  auto l = read(format(kApachePattern), kApacheLine);
  EXPECT_EQ(l.end, Time(1795255202s) + 12345us) << "Apache's time is the request's beginning";
  EXPECT_EQ(l.path, R"(/a\"b)");
  EXPECT_EQ(l.bytes, -1);
  EXPECT_EQ(l.latency, 12345us);
  EXPECT_EQ(l.outcome, Outcome::answered);
}

TEST(Formats, ApachesLettersWithArguments) {
  auto f = format(R"(%v %{c}a %t "%r" %>s %O %{ms}T %{X-Pod}o %X)", {.server = "sent_http_x_pod"});
  auto l = read(f, R"(shop 10.0.0.1 [21/Nov/2026:10:00:02 +0000] "GET / HTTP/1.1" 200 5 17 pod-3 X)");
  EXPECT_EQ(l.host, "shop");
  EXPECT_EQ(l.server, "pod-3");
  EXPECT_EQ(l.latency, 17ms);
  EXPECT_EQ(l.outcome, Outcome::aborted);
}

TEST(Formats, JsonOfNginx) {
  auto l = read(format("json"), kJsonLine);
  EXPECT_EQ(l.end, Time(1795255202s));
  EXPECT_EQ(l.client, "203.0.113.9");
  EXPECT_EQ(l.path, R"(/a?\"q\")");
  EXPECT_EQ(l.status, 200);
  EXPECT_EQ(l.latency, 12ms);
  EXPECT_EQ(l.server, "10.1.0.1:80");
}

TEST(Formats, JsonOfCaddy) {
  auto l = read(format("json:caddy"), kCaddyLine);
  EXPECT_EQ(l.end, Time(1795225844250ms));
  EXPECT_EQ(l.client, "203.0.113.9");
  EXPECT_EQ(l.method, "GET");
  EXPECT_EQ(l.path, "/x");
  EXPECT_EQ(l.host, "example.com");
  EXPECT_EQ(l.status, 503) << "not the header that has its name";
  EXPECT_EQ(l.latency, 1200us);
  EXPECT_EQ(l.outcome, Outcome::error);
}

TEST(Formats, JsonOfTraefik) {
  auto l = read(format("json:traefik"), kTraefikLine);
  EXPECT_EQ(l.end, Time(1795255203s)) << "begun at .5, and 2.5 s later";
  EXPECT_EQ(l.latency, 2500ms);
  EXPECT_EQ(l.server, "10.1.0.3:80");
  EXPECT_EQ(l.backend, "shop@docker");
  EXPECT_EQ(l.outcome, Outcome::aborted);
}

TEST(Formats, JsonOfEnvoy) {
  auto f = format("json:envoy");
  auto l = read(f, kEnvoyLine);
  EXPECT_EQ(l.latency, 25ms);
  EXPECT_EQ(l.client, "203.0.113.9");
  EXPECT_EQ(l.server, "10.1.0.3:80");
  EXPECT_EQ(l.outcome, Outcome::error);
  EXPECT_EQ(read(f, R"({"response_code":0,"response_flags":"DC","duration":40,"upstream_host":"10.1.0.3:80"})").outcome,
            Outcome::aborted);
  EXPECT_EQ(read(f, R"({"response_code":503,"response_flags":"UH","duration":0,"upstream_host":"-"})").outcome,
            Outcome::unserved);
}

TEST(Formats, JsonWithNamesOfOnesOwn) {
  auto f = format("json:status=res.code,latency=took:us,server=pod,time=at");
  auto l = read(f, R"({"at":1795255202,"pod":"p1","res":{"code":500,"x":{"code":1}},"took":1500,"url":"/u"})");
  EXPECT_EQ(l.status, 500);
  EXPECT_EQ(l.latency, 1500us);
  EXPECT_EQ(l.server, "p1");
  EXPECT_EQ(l.path, "/u") << "usual names serve where none was given";
  EXPECT_EQ(read(f, R"({"res.code":404,"took":1})").status, 404) << "a name with dots may be one key";
}

TEST(Formats, JsonThatIsBroken) {
  auto f = format("json");
  Request out;
  for (auto text : {R"({"status":200)", R"({"status":"abc","method":"GET"})", R"({"status":200}x)",
                    R"({"url":"/","latency":"1s"})", "[1]", "nonsense", R"({"status":200,"x":"})", R"({"status":})",
                    R"({"status":200 "x":1})", R"({status:200})", R"({"status":200,"x":[1})"})
    EXPECT_EQ(f.parse(text, out), Parsed::broken) << text;
  EXPECT_EQ(f.parse(R"({"status":null})", out), Parsed::broken);
  EXPECT_EQ(f.parse("", out), Parsed::other);
  for (auto text : {R"({"msg":"listening"})", R"({"level":"info","status":"info","msg":"started","duration":"3s"})"})
    EXPECT_EQ(f.parse(text, out), Parsed::other) << text << " tells of no request";
  EXPECT_EQ(f.parse(std::string(100'000, '['), out), Parsed::broken);
  std::string deep = R"({"status":200,"request":)";
  for (int i = 0; i < 100'000; ++i) deep += R"({"request":)";
  EXPECT_EQ(f.parse(deep, out), Parsed::broken);
}

TEST(Formats, TheReleaseIsReadWhereOneSaysItStands) {
  auto of = [](std::string_view f, std::string_view where, std::string_view text) {
    FormatOptions options;
    options.release = where;
    auto made = format(f, options);
    Request out;
    EXPECT_EQ(made.parse(text, out, Want::counts), Parsed::line);
    return std::string(out.release);
  };
  EXPECT_EQ(of("haproxy", "capture:1", kHttpLine), "v7");
  EXPECT_EQ(of("haproxy", "capture:2", kHttpLine), "nginx");
  EXPECT_EQ(of("haproxy", "path:1", kDavyLine), "/api");
  EXPECT_EQ(of(R"("$request" $status "$http_x_release")", "http_x_release", R"("GET / HTTP/1.1" 200 "v2")"), "v2");
  EXPECT_EQ(of("json", "meta.version", R"({"status":200,"meta":{"version":"v3"}})"), "v3");
}

TEST(Formats, TheClientBehindAProxy) {
  FormatOptions options;
  options.client = "http_x_real_ip";
  auto f = format(R"($remote_addr $status "$http_x_real_ip")", options);
  EXPECT_EQ(read(f, R"(10.0.0.1 200 "203.0.113.9")").client, "203.0.113.9");
  EXPECT_EQ(read(f, R"(10.0.0.1 200 "-")").client, "10.0.0.1");
}

TEST(Formats, MistakesInThemAreTold) {
  for (auto text : {"", "nginks", "$remote_addr $request", "$status$request_time", "json:x=y", "json:status", "$"}) {
    auto made = Format::from(text);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, Code::invalid);
    EXPECT_FALSE(made.error().hint.empty()) << text;
  }
  EXPECT_FALSE(Format::from("haproxy", {.release = "http_x"}));
  EXPECT_FALSE(Format::from("json", {.release = "path:x"}));
}

TEST(Formats, AreGuessedFromTheirLines) {
  EXPECT_EQ(guessed(kDavyLine).name(), "haproxy");
  EXPECT_EQ(guessed(kHttpLine).name(), "haproxy");
  EXPECT_EQ(read(guessed(kApacheLine), kApacheLine).latency, Duration{}) << "12345 may be anything";
  auto nginx = read(guessed(kNginxLine), kNginxLine);
  EXPECT_EQ(nginx.latency, 1250ms);
  EXPECT_EQ(nginx.server, "10.1.0.2:8080");
  auto caddy = read(guessed(kCaddyLine), kCaddyLine);
  EXPECT_EQ(caddy.path, "/x");
  EXPECT_EQ(caddy.latency, 1200us);
  EXPECT_EQ(read(guessed(kTraefikLine), kTraefikLine).latency, 2500ms);
  EXPECT_EQ(read(guessed(kEnvoyLine), kEnvoyLine).latency, 25ms);
  EXPECT_EQ(read(guessed(kJsonLine), kJsonLine).latency, 12ms);
}

TEST(Formats, TrailingFieldsOfNginxInTheUsualSpellings) {
  auto combined = std::string(kNginxLine.substr(0, kNginxLine.find(" rt=")));
  struct Case {
    std::string tail;
    Duration latency;
    std::string_view server;
  };
  for (auto& [tail, latency, server] :
       {Case{"", {}, ""}, Case{" 0.012", 12ms, ""}, Case{" 0.012 0.010", 12ms, ""}, Case{R"( "0.012")", 12ms, ""},
        Case{" 0.012 10.1.0.1:80", 12ms, "10.1.0.1:80"},
        Case{R"( 0.012 "10.1.0.1:80" "0.010" "200")", 12ms, "10.1.0.1:80"},
        Case{" request_time=0.012 upstream_addr=10.1.0.1:80, 10.1.0.2:80 x=y", 12ms, "10.1.0.2:80"},
        Case{R"( "203.0.113.7" rt=0.012 ua="10.1.0.1:80")", 12ms, "10.1.0.1:80"}}) {
    auto text = combined + tail;
    auto l = read(guessed(text), text);
    EXPECT_EQ(l.latency, latency) << tail;
    EXPECT_EQ(l.server, server) << tail;
    EXPECT_EQ(l.status, 502) << tail;
  }
}

TEST(Formats, CommonLogWithoutRefererIsGuessedToo) {
  std::string_view text = R"(10.0.0.1 - - [21/Nov/2026:10:00:02 +0000] "GET / HTTP/1.1" 200 12)";
  EXPECT_EQ(read(guessed(text), text).status, 200);
}

TEST(Formats, GuessingGarbageIsAnError) {
  std::string_view lines[] = {"hello", "world 1 2 3"};
  EXPECT_FALSE(Format::guess(lines));
  EXPECT_FALSE(Format::guess(std::span(&kNginxLine, 1), {}, "json"));
}

// The same line must count the same, whoever asks.
TEST(Formats, WhoAsksForLessAgreesOnEveryLine) {
  struct Case {
    Format format;
    std::string_view line;
  };
  std::vector<Case> cases;
  for (auto line : {kDavyLine, kHttpLine, kNginxLine, kJsonLine, kCaddyLine, kTraefikLine, kEnvoyLine, kTraefikText,
                    kHerokuLine, kAlbLine})
    cases.push_back({guessed(line), line});
  cases.push_back({format(kApachePattern), kApacheLine});
  cases.push_back({format("$remote_addr $upstream_addr $status $request_time"), "1.1.1.1 10.1.0.1:80 200 0.1"});
  cases.push_back({format("haproxy", {.release = "capture:1"}), kHttpLine});
  std::mt19937_64 random(11);
  for (int i = 0; i < 150'000; ++i) {
    auto& [f, line] = cases[random() % cases.size()];
    auto text = spoilt(line, random);
    Request full, lean;
    auto parsed = f.parse(text, full);
    ASSERT_EQ(f.parse(text, lean, Want::counts), parsed) << text;
    if (parsed != Parsed::line) continue;
    EXPECT_EQ(lean.end, full.end) << text;
    EXPECT_EQ(lean.server, full.server) << text;
    EXPECT_EQ(lean.backend, full.backend) << text;
    EXPECT_EQ(lean.release, full.release) << text;
    EXPECT_EQ(lean.status, full.status) << text;
    EXPECT_EQ(lean.latency, full.latency) << text;
    EXPECT_EQ(lean.outcome, full.outcome) << text;
    EXPECT_EQ(lean.tried, full.tried) << text;
  }
}

// Textbook oracles: a regular expression, and a JSON library.
TEST(Formats, NginxIsReadAsARegularExpressionReadsIt) {
  static const std::regex kSlow(
      R"re(^(\S+) - ([^"]*) \[([^\]]*)\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\S+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)" rt=(\S+)$)re");
  auto f = format(
      R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time)");
  std::string_view line =
      R"(203.0.113.9 - ann [21/Nov/2026:11:00:02 +0100] "POST /cart HTTP/1.1" 200 157 "-" "Moz \x22illa" rt=1.250)";
  std::mt19937_64 random(2);
  int both = 0;
  for (int i = 0; i < 30'000; ++i) {
    auto text = spoilt(line, random);
    Request out;
    std::smatch slow;
    if (f.parse(text, out) != Parsed::line || !std::regex_match(text, slow, kSlow)) continue;
    ++both;
    if (slow[1].str().find_first_of(":[],|\xa0") == std::string::npos &&
        slow[1].str().find_first_not_of("0123456789") != std::string::npos)  // what stands around it is left out
      EXPECT_EQ(out.client, slow[1].str() == "-" ? "" : slow[1].str()) << text;
    EXPECT_EQ(fmt::format("{:03}", out.status), slow[5].str() == "-" ? "000" : slow[5].str()) << text;
    Time end;
    Duration latency{};
    EXPECT_TRUE(read_time(slow[3].str(), {}, end) && end == out.end) << text;
    EXPECT_TRUE(read_latency(slow[9].str(), 1s, latency)) << text;
    EXPECT_EQ(out.latency, latency < kLongestLatency ? latency : Duration{}) << text;
  }
  EXPECT_GT(both, 5'000);
}

TEST(Formats, JsonIsReadAsALibraryReadsIt) {
  auto f = format("json:nginx");
  std::mt19937_64 random(4);
  int both = 0;
  for (int i = 0; i < 30'000; ++i) {
    auto text = spoilt(kJsonLine, random);
    auto slow = spec::parse_json(text);
    Request out;
    auto parsed = f.parse(text, out);
    if (!slow) continue;  // the fast one is not strict
    if (!slow->is_object()) {
      EXPECT_NE(parsed, Parsed::line) << text;
      continue;
    }
    if (parsed != Parsed::line) continue;
    ++both;
    auto status = slow->find("status");
    ASSERT_NE(status, slow->end()) << text;
    auto said = status->is_string() ? status->get<std::string>() : status->dump();
    EXPECT_EQ(out.status, said == "-" ? 0 : std::stoi(said)) << text;
    if (auto uri = slow->find("request_uri"); uri != slow->end() && uri->is_string() && text.find('\\') == text.npos)
      EXPECT_EQ(out.path, uri->get<std::string>() == "-" ? "" : uri->get<std::string>()) << text;
  }
  EXPECT_GT(both, 5'000);
}

}  // namespace
}  // namespace davy::signals
