#include "signals/traffic/wrapping.h"

#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {

constexpr std::string_view kInner =
    R"(203.0.113.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 503 12 "-" "curl/8" 0.012)";
constexpr std::string_view kSaid = "503 error 12ms client 203.0.113.9 GET /x @1795255202.000";

std::string bare(Wrapping wrapping, std::string_view line) {
  return std::string(Unwrapper(wrapping).line(line).value_or("(goes on)"));
}
Wrapping of(std::initializer_list<Wrap> all) {
  Wrapping out;
  for (auto one : all) out.add(one);
  return out;
}

// Kubernetes, "CRI logging format"; Docker, "JSON File logging driver"; `docker logs --timestamps`, `docker compose
// logs`, `kubectl logs --prefix --timestamps`; RFC 3164, RFC 5424; rsyslog's RSYSLOG_FileFormat and
// TraditionalFileFormat; uWSGI, "log-date".
TEST(Wrapping, NothingOfItBecomesPartOfAClient) {
  std::string inner(kInner), json = inner;
  for (auto at = json.find('"'); at != json.npos; at = json.find('"', at + 2)) json.insert(at, "\\");
  for (auto& line : {inner,
                     "2026-11-21T10:00:02.123456789Z stdout F " + inner,
                     "2026-11-21T10:00:02.1+01:00 stderr F " + inner,
                     "2026-11-21T10:00:02.123456789Z " + inner,
                     "2026-11-21T10:00:02+00:00 " + inner,
                     "Sat Nov 21 10:00:02 2026 - " + inner,
                     "web-1  | " + inner,
                     "web-1  | 2026-11-21T10:00:02.123456789Z " + inner,
                     "[pod/shop-7d/web] " + inner,
                     "[pod/shop-7d/web] 2026-11-21T10:00:02.123456789Z " + inner,
                     R"({"log":")" + json + R"(\n","stream":"stdout","time":"2026-11-21T10:00:02.1Z"})",
                     R"({"message":")" + json + R"(","host":{"name":"a"}})",
                     R"({"PRIORITY":"6","MESSAGE":")" + json + R"("})",
                     "Nov 21 10:00:02 web1 nginx: " + inner,
                     "Nov  1 10:00:02 web1 nginx[7]: " + inner,
                     "2026-11-21T10:00:02.123456+00:00 web1 nginx[7]: " + inner,
                     "<190>Nov 21 10:00:02 web1 nginx: " + inner,
                     "<190>Nov 21 10:00:02 nginx: " + inner,
                     "<190>1 2026-11-21T10:00:02.1Z web1 nginx 7 - - " + inner,
                     R"(<190>1 2026-11-21T10:00:02.1Z web1 nginx 7 id [x@1 a="b\]c"] )" + inner,
                     " " + inner})
    EXPECT_EQ(said_of("", line), kSaid) << line;
}

TEST(Wrapping, IsTakenOffForAFormatOfOnesOwnToo) {
  std::string line = R"(2026-11-21T10:00:02.1Z stdout F {"status":503,"took":12})";
  EXPECT_EQ(said_of("json:status=status,latency=took:ms", line), "503 error 12ms");
  std::string own = "2026-11-21T10:00:02.1Z stdout F 503 0.012";
  EXPECT_EQ(said_of("$status $request_time", own), "503 error 12ms");
  EXPECT_EQ(said_of("$time stdout F $status $request_time", own), "503 error 12ms @1795255202.100")
      << "a pattern that knows what stands there is left alone";
}

TEST(Wrapping, ALineInPartsIsPutTogether) {
  Unwrapper cri(of({Wrap::cri}));
  EXPECT_FALSE(cri.line("2026-11-21T10:00:02.1Z stdout P one "));
  EXPECT_FALSE(cri.line("2026-11-21T10:00:02.1Z stdout P two "));
  EXPECT_EQ(cri.line("2026-11-21T10:00:02.1Z stdout F three"), "one two three");
  EXPECT_EQ(cri.line("2026-11-21T10:00:02.1Z stdout F four"), "four");
  Unwrapper docker(of({Wrap::docker}));
  EXPECT_FALSE(docker.line(R"({"log":"one ","stream":"stdout","time":"t"})"));
  EXPECT_EQ(docker.line(R"({"log":"two\n","stream":"stdout","time":"t"})"), "one two");
}

TEST(Wrapping, ALineInPartsThatNeverEndsIsCutNotKept) {
  Unwrapper cri(of({Wrap::cri}));
  std::string part = "2026-11-21T10:00:02.1Z stdout P " + std::string(100'000, 'x');
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(cri.line(part));
  EXPECT_LE(cri.line("2026-11-21T10:00:02.1Z stdout F x")->size(), Unwrapper::kLongest);
}

TEST(Wrapping, TheEndOfAMessageIsNoLineOfItsOwn) {
  EXPECT_EQ(bare(of({Wrap::message}), R"({"log": "GET / 200\r\n", "stream": "stdout"})"), "GET / 200");
}

TEST(Wrapping, EscapesOfJsonAreUndone) {
  EXPECT_EQ(bare(of({Wrap::docker}), R"({"log":"a\"b\\c\/d\tA\u00e9\u20ac\ud83d\ude00\n","stream":"stdout"})"),
            "a\"b\\c/d\tAé€😀");
  EXPECT_EQ(bare(of({Wrap::docker}), R"({"log":"\ud83dx\uzzzz\n","stream":"stdout"})"), "\xed\xa0\xbdxuzzzz");
}

TEST(Wrapping, ColoursAreTakenOff) {
  EXPECT_EQ(said_of("", "\x1b[0mGET /x \x1b[32m200\x1b[0m 5.123 ms - 13\x1b[0m"), "200 answered 5.123ms GET /x");
  EXPECT_EQ(
      said_of("", "\x1b[32mINFO\x1b[0m:     127.0.0.1:5 - \"\x1b[1mGET /x HTTP/1.1\x1b[0m\" \x1b[32m200 OK\x1b[0m"),
      "200 answered client 127.0.0.1 GET /x");
  EXPECT_EQ(bare(of({Wrap::colours}), "a\x1b[1;31"), "a");
}

TEST(Wrapping, WhatIsNotWrappedIsLeftAsItIs) {
  auto all = of({Wrap::docker, Wrap::message, Wrap::cri, Wrap::colours, Wrap::compose, Wrap::syslog, Wrap::stamp});
  for (auto line : {"", "hello world", R"({"status":200})", "{", R"({"log":)", "2026-11-21", "Nov 21 10:00:02", "<134>",
                    "[pod/a", R"(192.0.2.9 - - [21/Nov/2026:10:00:02 +0000] "GET / HTTP/1.1" 200 12)"})
    EXPECT_EQ(bare(all, line), line);
}

// A format that has a time of its own before all else keeps it.
TEST(Wrapping, ATimeIsTheFormatsOwnWhereItMakesMoreOfIt) {
  EXPECT_EQ(said_of("", kHerokuLine), "200 answered 18ms server web.1 client 203.0.113.9 GET /x @1795255202.123");
  EXPECT_EQ(said_of("", "ts=2026-11-21T10:00:02Z status=200 path=/x"), "200 answered /x @1795255202.000");
}

}  // namespace
}  // namespace davy::signals
