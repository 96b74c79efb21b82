// What many lines together tell of their format, and what a guess says of itself.
#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

std::string combined(std::string_view tail, int i = 0, int status = 200, int bytes = 157) {
  return fmt::format(R"(192.0.2.{} - - [21/Nov/2026:10:00:{:02} +0000] "GET /a HTTP/1.1" {} {} "-" "curl/8"{})",
                     i % 200, i % 60, status, bytes, tail);
}
std::vector<std::string> lines(int n, auto tail) {
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i) out.push_back(combined(tail(i), i, i % 2 ? 500 : 200));
  return out;
}
Format guessed(const std::vector<std::string>& lines, std::string_view only = "") {
  std::vector<std::string_view> views(lines.begin(), lines.end());
  auto out = Format::guess(views, {}, only);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out.value_or(Format());
}
std::vector<Duration> latencies(const Format& format, const std::vector<std::string>& lines) {
  std::vector<Duration> out;
  for (auto& line : lines) {
    Request r;
    EXPECT_EQ(format.parse(line, r), Parsed::line) << line;
    out.push_back(r.latency);
  }
  return out;
}
bool none_has_a_latency(const std::vector<std::string>& all, std::string_view only = "") {
  return std::ranges::all_of(latencies(guessed(all, only), all), [](auto l) { return l == Duration{}; });
}
// How many are charged to somebody.
std::size_t errors(const std::vector<std::string>& all, std::string_view only = "") {
  auto format = guessed(all, only);
  std::size_t out = 0;
  for (auto& line : all) {
    Request r;
    out += format.parse(line, r) == Parsed::line && r.outcome == Outcome::error;
  }
  return out;
}

TEST(Guess, MicrosecondsAreToldFromAllLinesWhicheverComesFirst) {
  for (int fast : {0, 1, 20, 39}) {
    auto all = lines(40, [&](int i) { return i == fast ? " 812" : fmt::format(" {}", 64'000 + 371 * i); });
    EXPECT_EQ(latencies(guessed(all, "apache"), all)[static_cast<std::size_t>(fast)], 812us);
    EXPECT_TRUE(none_has_a_latency(all)) << "nobody said that this is Apache: a slow Tomcat may say the same";
  }
  for (auto only : {"", "apache"}) {
    EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" {}", 32'768 + 611 * i); }), only))
        << "ports";
    EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" {}", 1'736 + 37 * i); }), only))
        << "%{ms}T of a slow service";
  }
}

// nginx writes three decimals of seconds, and whoever imitates its names may mean milliseconds
TEST(Guess, FiguresOfWhichHalfAreOneAndMoreMayBeMilliseconds) {
  auto tails = lines(40, [](int i) { return fmt::format(" {}.{:03}", 30 + i % 9, i); });
  EXPECT_TRUE(none_has_a_latency(tails));
  EXPECT_EQ(latencies(guessed(tails, "nginx"), tails)[0], 30s) << "nginx means seconds";
  auto json = [](std::string_view line, auto latency) {
    std::vector<std::string> out;
    for (int i = 0; i < 40; ++i) out.push_back(fmt::format(fmt::runtime(line), latency(i)));
    return out;
  };
  constexpr auto kPlain = R"({{"status":200,"request_time":{}}})";
  constexpr auto kCaddy =
      R"({{"level":"info","request":{{"uri":"/"}},"resp_headers":{{}},"status":200,"duration":{}}})";
  for (auto line : {kPlain, kCaddy}) {
    auto whole = json(line, [](int i) { return 30 + i; }), ms = json(line, [](int i) { return 30 + i + 0.25; });
    EXPECT_TRUE(none_has_a_latency(whole)) << "nobody writes seconds so";
    EXPECT_TRUE(none_has_a_latency(ms));
    EXPECT_TRUE(guessed(ms).taken_for().contains("so it may be seconds or milliseconds")) << guessed(ms).taken_for();
    auto quick = json(line, [](int i) { return 0.001 * (1 + i); });
    EXPECT_EQ(latencies(guessed(quick), quick)[11], 12ms);
  }
  Request r;
  ASSERT_EQ(Format::from("json:caddy,latency=duration:ms")->parse(json(kCaddy, [](int) { return 39.5; })[0], r),
            Parsed::line);
  EXPECT_EQ(r.latency, 39'500us);
}

TEST(Guess, AWholeNumberThatMayBeSeveralThingsIsNoLatency) {
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" {}", 300 + i); }), "apache"));
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int) { return " 8443"; }), "apache")) << "a port";
  EXPECT_TRUE(
      none_has_a_latency(lines(40, [](int i) { return fmt::format(" {} {}", 431 + i, 80'000 + i); }), "apache"));
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" {}", 400'000 + i); }), "nginx"))
      << "nginx writes no whole numbers of time";
  std::vector<std::string> sizes;
  for (int i = 0; i < 40; ++i)
    sizes.push_back(combined(fmt::format(" {}", 50'000 + 900 * i + 312), i, 200, 50'000 + 900 * i));
  EXPECT_TRUE(none_has_a_latency(sizes, "apache")) << "%O: the body and its headers";
}

TEST(Guess, SecondsHaveThreeDecimalsInEveryLine) {
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return i % 9 ? " \"0.120\"" : " \"3.2\""; })));
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" \"{:.2f}\"", 1 + i / 10.0); })))
      << "ratios";
  EXPECT_TRUE(none_has_a_latency(lines(40, [](int i) { return fmt::format(" {}.345", 1'795'255'202 + i); })))
      << "moments";
}

TEST(Guess, OfTwoTimesTheOneThatIsNeverShorterIsTheRequests) {
  for (bool turned : {false, true}) {
    auto all = lines(40, [&](int i) {
      auto whole = fmt::format("0.{:03}", 100 + i), part = fmt::format("0.{:03}", 90 + i / 2);
      return " " + (turned ? part + " " + whole : whole + " " + part);
    });
    EXPECT_EQ(latencies(guessed(all), all)[3], 103ms);
  }
  auto all = lines(40, [](int i) { return i % 2 ? " 0.100 0.200" : " 0.200 0.100"; });
  EXPECT_TRUE(none_has_a_latency(all));
  std::vector<std::string_view> views(all.begin(), all.end());
  EXPECT_TRUE(Format::guess(views)->taken_for().contains("none is always the longest"));
}

TEST(Guess, AnUpstreamThatSometimesIsNotThereStillTellsWhoWasUnreached) {
  auto all = lines(40, [](int i) { return i % 4 == 1 ? " 0.001 -" : fmt::format(" 0.020 10.1.0.{}:80", 1 + i % 2); });
  EXPECT_EQ(errors(all), 10u) << "of twenty that failed ten had no server";
}

TEST(Guess, ForwardedAddressesOfAnyKindAreNoServers) {
  for (auto one : {"2001:db8::7", "198.51.100.7:51234", "[2001:db8::7]:40000", "198.51.100.7, 10.0.0.1:443"})
    for (int where : {0, 7, 39})
      for (auto only : {"", "nginx"}) {
        auto all = lines(40, [&](int i) { return i == where ? fmt::format(" \"{}\"", one) : std::string(" \"-\""); });
        EXPECT_EQ(errors(all, only), 20u) << one << " in line " << where;
      }
}

TEST(Guess, ServersAreToldFromForwardedAddressesWithPorts) {
  for (bool before : {true, false}) {
    auto all = lines(40, [&](int i) {
      auto client = fmt::format("\"198.51.100.{}:{}\"", i, 20'000 + 311 * i),
           server = fmt::format("10.1.0.{}:8080", 1 + i % 2);
      return " " + (before ? client + " " + server : server + " " + client);
    });
    Request r;
    ASSERT_EQ(guessed(all).parse(all[0], r), Parsed::line);
    EXPECT_EQ(r.server, "10.1.0.1:8080");
  }
}

TEST(Guess, ATimeOfConnectingThatIsAListIsNoServerWhicheverLineHasIt) {
  for (int where : {0, 5, 39}) {
    auto all = lines(40, [&](int i) {
      return i == where ? R"( rt=0.024 uct="0.001 : 0.001" uht="0.005 : 0.019" urt="0.005 : 0.019")"
                        : R"( rt=0.024 uct="0.000" uht="0.020" urt="0.024")";
    });
    EXPECT_EQ(errors(all), 20u);
    EXPECT_EQ(latencies(guessed(all), all)[7], 24ms);
  }
}

TEST(Guess, CarriageReturnsCostNothing) {
  auto all = lines(20, [](int) { return " 0.010\r"; });
  EXPECT_EQ(latencies(guessed(all), all)[0], 10ms);
}

TEST(Guess, SaysWhatWasTakenForWhatAndWhatIsMissing) {
  EXPECT_EQ(
      guessed({combined(" 0.012 10.1.0.1:80")}).taken_for(),
      "the time is `$time_local`, the status is `$status`, the latency is `$request_time` in seconds, the server is "
      "`$upstream_addr`, the client is `$remote_addr`");
  EXPECT_TRUE(
      guessed({combined(" 40")}).taken_for().contains("it says no latency (the whole number at the end may be"));
  auto pino = guessed(
      {R"({"time":1795255202345,"req":{"method":"GET","url":"/x"},"res":{"statusCode":200},"responseTime":9})"});
  EXPECT_EQ(pino.taken_for(),
            "json:pino: the time is `time`, the status is `res.statusCode`, the latency is `responseTime` in "
            "milliseconds; it "
            "says no server, no client");
  EXPECT_TRUE(guessed({"2026-11-21T10:00:02.1Z stdout F " + combined("")}).taken_for().contains("(CRI)"));
  EXPECT_EQ(Format::from("$status $request_time")->taken_for(), "$status $request_time") << "nobody guessed";
}

// HAProxy 2.8, 8.2.3: "cR" of a client that sent nothing, often the first lines of a log.
TEST(Guess, RequestsThatNobodyCouldReadAreStillLines) {
  std::vector<std::string> one = {
      R"(192.0.2.9:1 [06/Feb/2009:12:14:14.655] a b/<NOSRV> -1/-1/-1/-1/6001 408 212 - - cR-- 1/1/0/0/0 0/0 "<BADREQ>")"};
  EXPECT_EQ(guessed(one).name(), "haproxy");
  EXPECT_EQ(guessed(one, "haproxy").name(), "haproxy");
}

TEST(Guess, ALatencyWithoutAUnitIsSaidToBeNone) {
  auto said = [](std::string_view line) { return guessed({std::string(line)}).taken_for(); };
  EXPECT_TRUE(said(R"({"status":200,"duration":39})")
                  .contains("no latency (`duration` says no unit that is known; write json:latency=duration:ms"))
      << said(R"({"status":200,"duration":39})");
  EXPECT_TRUE(said(R"({"status":200,"duration":"39ms"})").contains("the latency is `duration` with its unit"));
  EXPECT_TRUE(said("status=200 method=GET duration=39").contains("write logfmt:latency=duration:ms"));
  EXPECT_TRUE(said(R"({"status":200,"time":"noon"})").contains("no time"));
}

TEST(Guess, OfAFormatThatWasGivenItIsSaidWhatItDoesNotFind) {
  auto found = [](std::string_view format, std::string_view line, const FormatOptions& options = {}) {
    auto given = Format::from(format, options);
    return given ? given->found_in(std::span(&line, 1)) : given.error().message;
  };
  EXPECT_TRUE(found("$remote_addr $status $reqeust_time", "a 200 1")
                  .ends_with("`$reqeust_time` is no field that is known: is `$request_time` meant?"));
  EXPECT_TRUE(found("$status $request_id $request_length", "200 a 7")
                  .ends_with("it says no latency, no time, no server, no client"));
  EXPECT_TRUE(found("json:latency=tok:ms", R"({"status":200,"took":3})").contains("it says no latency"));
  EXPECT_TRUE(found("json", R"({"status":200,"version":"v2"})", {.release = "release"})
                  .ends_with("no line has `release`, which is to name the release"));
  EXPECT_FALSE(found("json", R"({"status":200,"version":"v2"})", {.release = "version"}).contains("no line has"));
  EXPECT_TRUE(found("json:latency=took:millis", "").contains("has no unit that is known"));
  EXPECT_TRUE(found("$status $path", "200 /v2/a", {.server = "path:1"}).contains("the server is `path:1`"));
  EXPECT_EQ(found("haproxy", ""), "haproxy");
}

TEST(Guess, W3cLogsAreReadByTheirFields) {
  std::vector<std::string> iis = {"#Software: Microsoft Internet Information Services 10.0",
                                  "#Fields: date time cs-method cs-uri-stem c-ip sc-status time-taken X-Forwarded-For",
                                  "2026-11-21 10:00:02 GET /x 10.0.0.9 500 312 203.0.113.9"};
  Request r;
  ASSERT_EQ(guessed(iis).parse(iis[2], r), Parsed::line);
  EXPECT_EQ(r.latency, 312ms);
  EXPECT_EQ(r.end, Time(1795255202s));
  EXPECT_EQ(r.client, "203.0.113.9");
  iis[0] = "#Version: 1.0";
  iis[2] = "2026-11-21 10:00:02 GET /x 10.0.0.9 500 0.312 -";
  ASSERT_EQ(guessed(iis).parse(iis[2], r), Parsed::line);
  EXPECT_EQ(r.latency, 312ms) << "others than IIS write seconds";
}

TEST(Guess, WhatCannotBeToldIsRefusedWithTheLineAndTheReason) {
  auto why = [](std::string_view line) {
    auto out = Format::guess(std::span(&line, 1));
    return out ? "read as " + out->name() : out.error().message;
  };
  EXPECT_TRUE(why("hello world").contains("the first is `hello world`: say how its lines are built"));
  EXPECT_TRUE(why(R"({"a":{"b":1}})").contains("known to say a status; name it: json:status=NAME"));
  EXPECT_TRUE(
      why(R"({"n":7,"response":{"status":200}})").contains("it may be `response.status`; name it: json:status=r"));
  EXPECT_TRUE(why("192.0.2.9:3 [06/Feb/2009:12:12:51.443] f b/s 0/0/5 212 -- 0/0/0/0/3 0/0").contains("tcplog"));
  EXPECT_TRUE(why("#Fields: date time").contains("sc-status"));
  EXPECT_TRUE(why(std::string_view("a\0b", 3)).contains("no text"));
}

}  // namespace
}  // namespace davy::signals
