// What servers answer that mean harm, or are broken: for each the code, the sentence, how much they could send, and
// that the client goes on working.
#include <gmock/gmock.h>

#include "io/net/hostile_testing.h"
#include "io/net/http.h"

namespace davy::io {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

constexpr Bytes kMost{1024 * 1024};
// What a server gets rid of beyond that: the buffers of both kernels, and what curl reads before we may look.
constexpr std::int64_t kBuffers = 4 * 1024 * 1024;

const std::string kOk = "HTTP/1.1 200 OK\r\n", kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n",
                  kZipped = kOk + "Content-Encoding: gzip\r\n";

struct Row {
  const char* name;
  Script script;
  std::optional<Code> code;  // none: it is an answer
  std::string says;          // in the error, or the body of the answer
  std::function<void(ports::HttpRequest&)> change = [](auto&) {};
  int status = 200;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class HostileHttp : public testing::TestWithParam<Row> {
 protected:
  static inline asio::io_context context;
  static inline Http http;  // one for all, as in Davy
  static Result<ports::HttpAnswer> send(ports::HttpRequest request) {
    return Going(context, http.send(std::move(request))).get();
  }
};

void expect(const Row& row, const Result<ports::HttpAnswer>& answer) {
  if (!row.code) {
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, row.status);
    EXPECT_EQ(answer->body, row.says);
    return;
  }
  ASSERT_FALSE(answer) << answer->status << " " << answer->body.substr(0, 100);
  EXPECT_EQ(name(answer.error().code), name(*row.code)) << answer.error().message;
  EXPECT_THAT(answer.error().message, HasSubstr(row.says));
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1:"));
}

TEST_P(HostileHttp, IsSurvived) {
  auto& row = GetParam();
  HostileServer server(row.script);
  ports::HttpRequest request{.url = server.url(), .timeout = 20s, .most = kMost};
  row.change(request);
  expect(row, send(request));
  EXPECT_LE(server.sent(), kMost.value + kBuffers);
  Server good(says("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"));
  auto after = send({.url = good.url(), .timeout = 20s});
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->body, "fine");
}

const auto kPacked = [](ports::HttpRequest& r) { r.packed = true; };
const auto kImpatient = [](ports::HttpRequest& r) { r.timeout = 300ms; };
constexpr auto kInvalid = Code::invalid, kAway = Code::unavailable;
constexpr const char *kTooLarge = "answered with more than 1 MiB", *kHeaders = "more than 64 KiB of headers",
                     *kNotHttp = "answered with something that is not HTTP",
                     *kClosed = "closed the connection before its answer was complete";
const std::string kFar = "127.0.0.1:";

INSTANTIATE_TEST_SUITE_P(
    Endless, HostileHttp,
    testing::Values(
        Row{"status line", never_ends("HTTP/1.1 200 ", "x"), kInvalid, kHeaders},
        Row{"header line", never_ends(kOk + "X: ", "x"), kInvalid, kHeaders},
        Row{"headers", never_ends(kOk, "X: y\r\n"), kInvalid, kHeaders},
        Row{"headers of different names",
            answers(kOk +
                    [] {
                      std::string all;
                      for (int i = 0; i < 20'000; ++i) all += "x" + std::to_string(i) + ":\r\n";
                      return all;
                    }() +
                    "\r\n"),
            kInvalid, kHeaders},
        Row{"folded header", never_ends(kOk + "X: y\r\n", " y\r\n"), kInvalid, kHeaders},
        Row{"rows of 100", never_ends("", "HTTP/1.1 100 Continue\r\n\r\n"), kInvalid, kHeaders},
        Row{"rows of 103", never_ends("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), kInvalid, kHeaders},
        Row{"chunk size line", never_ends(kChunked, "0"), kInvalid, kNotHttp},
        Row{"chunk extension", never_ends(kChunked + "1;", "x"), kInvalid, kTooLarge},
        Row{"chunks of one byte with extensions", never_ends(kChunked, "1;" + std::string(1000, 'x') + "\r\ny\r\n"),
            kInvalid, kTooLarge},
        Row{"trailers", never_ends(kChunked + "0\r\n", "X: y\r\n"), kInvalid, kHeaders},
        Row{"trailer line", never_ends(kChunked + "0\r\nX: ", "y"), kInvalid, ""},
        Row{"body", never_ends(kOk + "\r\n", "x"), kInvalid, kTooLarge},
        Row{"body of a promised length", never_ends(kOk + "Content-Length: 1000000000000\r\n\r\n", "x"), kInvalid,
            kTooLarge},
        Row{"chunks", never_ends(kChunked, "4\r\nabcd\r\n"), kInvalid, kTooLarge},
        Row{"one chunk", never_ends(kChunked + "7fffffffffffffff\r\n", "x"), kInvalid, kTooLarge},
        Row{"zip bomb", answers(kZipped + "\r\n" + gzipped(std::string(100'000'000, 'x'))), kInvalid, kTooLarge,
            kPacked},
        Row{"zip bomb that nobody asked for",
            answers(kOk + "Transfer-Encoding: gzip\r\n\r\n" + gzipped(std::string(100'000'000, 'x'))), kInvalid,
            "an encoding that was not asked for: gzip"},
        Row{"answer of a proxy to CONNECT", never_ends("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x"),
            kAway, "403", [](ports::HttpRequest& r) { r.proxy = r.url, r.url.replace(0, 4, "https"); }},
        Row{"redirect to itself",
            [](Peer& peer) {
              peer.read_head(), peer.send("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
            },
            kInvalid, "redirects more than 5 times", [](ports::HttpRequest& r) { r.redirects = 5; }}));

INSTANTIATE_TEST_SUITE_P(
    Wrong, HostileHttp,
    testing::Values(
        Row{"100 before 200", answers("HTTP/1.1 100 Continue\r\n\r\n" + kOk + "\r\nx"), {}, "x"},
        Row{"103 before 200", answers("HTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n" + kOk + "\r\nx"), {}, "x"},
        Row{"100 and nothing", answers("HTTP/1.1 100 Continue\r\n\r\n"), kAway, kClosed},
        Row{"101 that nobody asked for", answers("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n\1\2\3"), kInvalid,
            "a switch to another protocol"},
        Row{"more than its length", answers_and_waits(kOk + "Content-Length: 3\r\n\r\nabcdef"), {}, "abc"},
        Row{"less than its length", answers(kOk + "Content-Length: 3\r\n\r\nab"), kAway, kClosed},
        Row{"two lengths", answers(kOk + "Content-Length: 3\r\nContent-Length: 2\r\n\r\nabc"), kInvalid,
            "two different lengths"},
        Row{"the same length twice", answers(kOk + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), {}, "abc"},
        Row{"a list of lengths", answers(kOk + "Content-Length: 3, 2\r\n\r\nabc"), kInvalid, kNotHttp},
        Row{"negative length", answers(kOk + "Content-Length: -3\r\n\r\nabc"), kInvalid, kNotHttp},
        Row{"length of 30 digits", answers(kOk + "Content-Length: " + std::string(30, '9') + "\r\n\r\nabc"), kInvalid,
            kNotHttp},
        Row{"length and chunks",
            answers(kOk + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            {},
            "abc"},
        Row{"negative chunk", answers(kChunked + "-1\r\nabc\r\n"), kInvalid, kNotHttp},
        Row{"chunk without size", answers(kChunked + "xyz\r\nabc\r\n"), kInvalid, kNotHttp},
        Row{"chunk of 17 digits", answers(kChunked + std::string(17, 'f') + "\r\nabc\r\n"), kInvalid, kNotHttp},
        Row{"chunk without its end", answers(kChunked + "3\r\nabcdef\r\n0\r\n\r\n"), kInvalid, kNotHttp},
        Row{"chunks broken off", answers(kChunked + "3\r\nab"), kAway, kClosed},
        Row{"chunks without the last", answers(kChunked + "3\r\nabc\r\n"), kAway, kClosed},
        Row{"greeting of a mail server", answers("220 mail.example ESMTP\r\n\r\n"), kInvalid, kNotHttp},
        Row{"HTTP/0.9", answers("<html>hello</html>"), kInvalid, kNotHttp},
        Row{"HTTP/3.7", answers("HTTP/3.7 200 OK\r\n\r\n"), kInvalid, kNotHttp},
        Row{"status of two digits", answers("HTTP/1.1 20 OK\r\n\r\n"), kInvalid, kNotHttp},
        Row{"frames of HTTP/2", answers(std::string("\0\0\0\4\0\0\0\0\0", 9)), kInvalid, kNotHttp},
        Row{"noughts", answers(std::string(100'000, '\0')), kInvalid, kNotHttp},
        Row{"nought in a header", answers(kOk + std::string("X: a\0b\r\n\r\n", 10)), kInvalid, kNotHttp},
        Row{"header without colon", answers(kOk + "nonsense\r\n\r\nx"), kInvalid, kNotHttp},
        Row{"header without name", answers(kOk + ": nonsense\r\n\r\nx"), kInvalid, kNotHttp},
        Row{"gzip that is none", answers(kZipped + "\r\nnot gzip at all"), kInvalid, kNotHttp, kPacked},
        Row{"gzip broken off",
            answers(kZipped + "Content-Length: 30\r\n\r\n" + gzipped(std::string(5000, 'x')).substr(0, 15)), kAway,
            kClosed, kPacked},
        Row{"zstd instead of gzip", answers(kOk + "Content-Encoding: zstd\r\n\r\nx"), kInvalid,
            "an encoding that was not asked for: zstd", kPacked},
        Row{"gzip", answers(kZipped + "\r\n" + gzipped("unpacked")), {}, "unpacked", kPacked},
        Row{"gzip that nobody asked for", answers(kZipped + "\r\n" + gzipped("as it is")), {}, gzipped("as it is")},
        Row{"redirect that is not followed",
            answers("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"),
            {},
            "",
            [](auto&) {},
            302},
        Row{"redirect to a file", answers("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"), kInvalid,
            "redirects to what is not a URL", [](ports::HttpRequest& r) { r.redirects = 3; }},
        Row{"colours in an encoding", answers(kOk + "Transfer-Encoding: \x1b[31mred\r\n\r\n"), kInvalid,
            "not asked for: \\x1b[31mred"}));

INSTANTIATE_TEST_SUITE_P(
    Slow, HostileHttp,
    testing::Values(
        Row{"drip within the time", drips(kOk, "Content-Length: 10\r\n\r\n0123456789", 5ms), {}, "0123456789"},
        Row{"drip of the body", drips(kOk + "\r\n", std::string(5000, 'x'), 10ms), Code::timed_out,
            "no answer within 300ms", kImpatient},
        Row{"drip of headers", drips("", kOk + std::string(5000, 'x'), 10ms), Code::timed_out, "no answer within 300ms",
            kImpatient},
        Row{"silence", answers_and_waits(""), Code::timed_out, "no answer within 300ms", kImpatient},
        Row{"silence in chunks", answers_and_waits(kChunked + "3\r\nab"), Code::timed_out, "no answer within 300ms",
            kImpatient}));

INSTANTIATE_TEST_SUITE_P(
    Closing, HostileHttp,
    testing::Values(Row{"at once", [](Peer&) {}, kAway, kFar}, Row{"after the request", answers(""), kAway, kClosed},
                    Row{"in the status line", answers("HTTP/1.1 2"), kAway, kClosed},
                    Row{"in headers", answers(kOk + "X: y"), kAway, kClosed},
                    Row{"after headers", answers(kOk + "Content-Length: 5\r\n\r\n"), kAway, kClosed},
                    Row{"reset", [](Peer& peer) { peer.read_head(), peer.reset(); }, kAway, kFar},
                    Row{"reset in the body",
                        [](Peer& peer) {
                          peer.read_head(), peer.send(kOk + "Content-Length: 5\r\n\r\nab");
                          std::this_thread::sleep_for(20ms);
                          peer.reset();
                        },
                        kAway, kFar}));

std::string frame(char type, char flags, std::string_view payload = "") {  // RFC 9113, 4.1; of stream 0
  std::string out{0, static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size()), type, flags, 0, 0, 0,
                  0};
  return out += payload;
}

struct TlsRow {
  const char* name;
  Certificate certificate;
  std::string host;
  Script script;
  Code code;
  std::string says;
  bool http2 = false;
};

TEST(HostileHttps, IsSurvived) {
  Certificate ca("Davy's tests"), stranger("Nobody's");
  Certificate good("localhost", &ca);
  auto never_read = [](Peer& peer) { peer.wait_until_left(); };
  const std::string settings = frame(4, 0);
  std::vector<TlsRow> rows;
  rows.push_back({"wrong name", Certificate("elsewhere", &ca), "localhost", never_read, kInvalid, "not accepted"});
  rows.push_back({"name instead of number", Certificate("localhost", &ca), "127.0.0.1", never_read, kInvalid,
                  "the certificate of 127.0.0.1:"});
  rows.push_back({"expired", Certificate("localhost", &ca, -1h), "localhost", never_read, kInvalid, "expired"});
  rows.push_back({"signed by itself", Certificate("localhost"), "localhost", never_read, kInvalid, "self-signed"});
  rows.push_back({"unknown issuer", Certificate("localhost", &stranger), "localhost", never_read, kInvalid,
                  "unable to get local issuer"});
  rows.push_back({"endless extension", good, "localhost", never_ends(kChunked + "1;", "x"), kInvalid, kTooLarge});
  rows.push_back({"endless body", good, "localhost", never_ends(kOk + "\r\n", "x"), kInvalid, kTooLarge});
  rows.push_back({"closing in the answer", good, "localhost", answers(kOk + "Content-Length: 3\r\n\r\na"), kAway, ""});
  for (auto& [name, piece] : std::vector<std::pair<const char*, std::string>>{
           {"pings", frame(6, 0, "12345678")}, {"settings", settings}, {"unknown frames", frame(0x77, 0, "abc")}})
    rows.push_back({name, good, "localhost",
                    [settings, piece](Peer& peer) {
                      peer.send(settings);
                      std::string block;
                      while (block.size() < 16 * 1024) block += piece;
                      for (;;) peer.send(block);
                    },
                    kInvalid, "", true});
  Scratch scratch;
  std::ofstream(scratch / "ca.pem") << ca.pem();
  asio::io_context context;
  Http http;
  for (auto& row : rows) {
    SCOPED_TRACE(row.name);
    HostileServer server(row.script, tls_of(row.certificate, row.http2));
    auto answer =
        Going(context,
              http.send({.url = server.url(row.host), .timeout = 20s, .ca = scratch / "ca.pem", .most = kMost}))
            .get();
    ASSERT_FALSE(answer);
    EXPECT_EQ(name(answer.error().code), name(row.code)) << answer.error().message;
    EXPECT_THAT(answer.error().message, HasSubstr(row.says));
    EXPECT_LE(server.sent(), kMost.value + kBuffers);
    HostileServer fine(answers(kOk + "Content-Length: 4\r\n\r\nfine"), tls_of(good));
    auto after =
        Going(context, http.send({.url = fine.url("localhost"), .timeout = 20s, .ca = scratch / "ca.pem"})).get();
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->body, "fine");
  }
}

TEST(HostileHttps, DoesNotSpeakTls) {
  Http http;
  asio::io_context context;
  for (auto& [text, code] : std::vector<std::pair<std::string, Code>>{
           {"HTTP/1.1 400 Bad\r\n\r\n", kAway}, {std::string(100, '\0'), kAway}, {"", kAway}}) {
    HostileServer server([&text](Peer& peer) { peer.send(text); });
    auto url = server.url();
    auto answer = Going(context, http.send({.url = url.replace(0, 4, "https"), .timeout = 20s})).get();
    ASSERT_FALSE(answer);
    EXPECT_EQ(name(answer.error().code), name(code)) << answer.error().message;
  }
}

}  // namespace
}  // namespace davy::io
