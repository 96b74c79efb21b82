#include "signals/formats/haproxy_log.h"

#include <gtest/gtest.h>

#include <random>

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

constexpr std::string_view kDavy =
    "davy1 1795225844763 127.0.0.1 10.1.2.3 shop storefront davy2 0/0/0/2/2 200 126 -- 0 12/12/3/1/0/0 GET "
    "\"/api/orders?x=1\"\n";
constexpr std::string_view kHttplog =
    "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "
    "{1wt.eu} {} \"GET /index.html HTTP/1.1\"";

Request line(std::string_view text) {
  Request out;
  EXPECT_EQ(parse_haproxy(text, out), Parsed::line) << text;
  return out;
}

TEST(HaproxyLog, ReadsDavysFormat) {
  auto l = line(kDavy);
  EXPECT_EQ(l.end, Time(1795225844763ms));
  EXPECT_EQ(l.client, "10.1.2.3");
  EXPECT_EQ(l.backend, "storefront");
  EXPECT_EQ(l.server, "davy2");
  EXPECT_EQ(l.latency, 2ms);
  EXPECT_EQ(l.status, 200);
  EXPECT_EQ(l.termination, "--");
  EXPECT_EQ(l.method, "GET");
  EXPECT_EQ(l.path, "/api/orders?x=1");
  EXPECT_FALSE(l.redispatched);
  EXPECT_EQ(l.outcome, Outcome::answered);
}

TEST(HaproxyLog, WithoutAForwardedAddressThePeerIsTheClient) {
  auto l = line("davy1 1 ::1 - shop s d1 5/0/0/0/5 200 1 -- +1 1/1/1/1/0/0 GET \"/\"");
  EXPECT_EQ(l.client, "::1");
  EXPECT_TRUE(l.redispatched);
  EXPECT_EQ(l.latency, 500us) << "the client took all of it to send the request; the log cuts to milliseconds";
}

TEST(HaproxyLog, ReadsHttplog) {
  auto l = line(kHttplog);
  EXPECT_EQ(l.client, "10.0.1.2");
  EXPECT_EQ(l.backend, "static");
  EXPECT_EQ(l.server, "srv1");
  EXPECT_EQ(l.latency, 99ms);
  EXPECT_EQ(l.path, "/index.html");
  EXPECT_EQ(l.method, "GET");
  EXPECT_EQ(l.termination, "--");
  EXPECT_EQ(l.end, Time(1233922454764ms)) << "the request came at .655 and took 109 ms";
}

TEST(HaproxyLog, ReadsBothBehindSyslogHeaders) {
  for (std::string header : {"<134>Nov 21 01:56:58 haproxy[123]: ", "<134>Nov 21 01:56:58 host haproxy[123]: ",
                             "<134>1 2026-11-21T01:56:58.1Z host haproxy 123 - - ", "Nov 21 01:56:58 h haproxy[9]: ",
                             "<134>1 2026-11-21T01:56:58.1Z host haproxy 123 - [x@1 a=\"b\"] "}) {
    EXPECT_EQ(line(header + std::string(kDavy)).server, "davy2") << header;
    EXPECT_EQ(line(header + std::string(kHttplog)).server, "srv1") << header;
  }
}

TEST(HaproxyLog, OtherMessagesAreNotBroken) {
  Request out;
  for (auto text : {"Server storefront/davy1 is UP/READY (leaving forced maintenance).",
                    "Proxy shop stopped (cumulated)", "", "\n", "backend storefront has no server available!",
                    "<134>Nov 21 01:56:58 haproxy[123]: Server a/b is DOWN, reason: Layer4 connection problem"})
    EXPECT_EQ(parse_haproxy(text, out), Parsed::other) << text;
}

TEST(HaproxyLog, ALineThatLostItsEndIsReadAsFarAsItCounts) {
  auto l = line(kDavy.substr(0, kDavy.size() - 6));
  EXPECT_EQ(l.path, "/api/orders");
}

TEST(HaproxyLog, EveryOtherCutIsBrokenNeverMore) {
  auto path = kDavy.find('"');
  for (std::size_t n = 6; n <= path; ++n) {
    Request out;
    EXPECT_EQ(parse_haproxy(kDavy.substr(0, n), out), Parsed::broken) << kDavy.substr(0, n);
  }
}

TEST(HaproxyLog, ATimeBeyondAllTimesIsBroken) {
  Request out;
  auto rest = kDavy.substr(kDavy.find(" 127"));
  for (std::string time : {"9795225844763", "99999999999999999999", "-1", "x", ""})
    EXPECT_EQ(parse_haproxy("davy1 " + time + std::string(rest), out), Parsed::broken) << time;
}

TEST(HaproxyLog, GarbageNeverCrashes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    std::string text(i % 2 ? kDavy : kHttplog);
    for (auto n = 1 + random() % 5; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
    Request out;
    parse_haproxy(std::string_view(text).substr(0, random() % (text.size() + 1)), out);
  }
}

TEST(HaproxyLog, TerminationsAreChargedToWhomTheyBelong) {
  struct Case {
    std::string_view termination;
    int status;
    Outcome outcome;
  };
  for (auto& c :
       {Case{"--", 200, Outcome::answered},  Case{"--", 404, Outcome::answered},  Case{"--", 500, Outcome::error},
        Case{"SC", 503, Outcome::error},     Case{"SH", 502, Outcome::error},     Case{"SD", 200, Outcome::error},
        Case{"sC", 503, Outcome::error},     Case{"sH", 504, Outcome::error},     Case{"sD", 200, Outcome::error},
        Case{"PH", 502, Outcome::error},     Case{"DH", 502, Outcome::error},     Case{"PR", 403, Outcome::unreached},
        Case{"CD", 200, Outcome::aborted},   Case{"cD", 200, Outcome::aborted},   Case{"CH", 0, Outcome::aborted},
        Case{"CC", 503, Outcome::aborted},   Case{"CD", 500, Outcome::error},     Case{"sQ", 503, Outcome::unreached},
        Case{"PT", 500, Outcome::unreached}, Case{"RC", 503, Outcome::unreached}, Case{"SD", 101, Outcome::answered}})
    EXPECT_EQ(outcome_of(c.termination, c.status, true), c.outcome) << c.termination << " " << c.status;
  EXPECT_EQ(outcome_of("SC", 503, false), Outcome::unserved) << "the backend has no server";
  EXPECT_EQ(outcome_of("sQ", 503, false), Outcome::unserved) << "none to spare";
  EXPECT_EQ(outcome_of("PR", 503, false), Outcome::unreached) << "HAProxy itself said so";
}

TEST(HaproxyLog, WhatReachedNoServerBelongsToNobody) {
  EXPECT_EQ(line("davy1 1 1.1.1.1 - shop storefront <NOSRV> 0/-1/-1/-1/0 503 217 SC 0 1/1/0/0/0/0 GET \"/\"").outcome,
            Outcome::unserved)
      << "or to its backend's release";
  EXPECT_EQ(
      line("davy1 1 1.1.1.1 - shop shop <NOSRV> -1/-1/-1/-1/3 -1 0 CR 0 1/1/0/0/0/0 <BADREQ> \"<BADREQ>\"").outcome,
      Outcome::unreached);
}

TEST(HaproxyLog, AnAbortIsALatencyOfAtLeastItsWait) {
  auto l = line("davy1 1 1.1.1.1 - shop storefront davy1 0/0/0/-1/2500 -1 0 CH 0 1/1/0/0/0/0 GET \"/\"");
  EXPECT_EQ(l.outcome, Outcome::aborted);
  EXPECT_EQ(l.latency, 2500ms);
}

}  // namespace
}  // namespace davy::signals
