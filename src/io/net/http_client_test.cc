// What the client does on its own account: connections, proxies, redirects, certificates, and giving up.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>
#include <sys/resource.h>

#include <mutex>

#include "io/net/hostile_testing.h"
#include "io/net/http.h"
#include "io/net/http_secrets.h"
#include "io/net/transfers.h"

// A name server that does not answer for one name until the test allows it to.
static std::atomic<bool> name_server_answers = false;
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!name || std::string_view(name) != "never.invalid") return real(name, service, hints, found);
  while (!name_server_answers) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return EAI_AGAIN;
}

namespace davy::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Net {
  asio::io_context context;
  Http http;
  Result<ports::HttpAnswer> send(ports::HttpRequest request) { return Going(context, http.send(request)).get(); }
  Result<ports::HttpAnswer> get(std::string url) { return send({.url = std::move(url), .timeout = 20s}); }
  std::size_t connections() { return Transfers::of(context.get_executor()).connections(); }
};

// Remembers the heads of requests, and says the same to each; on as many requests as one connection brings.
class Listener {
 public:
  explicit Listener(std::string answer)
      : server_([this, answer](Server::tcp::socket& socket) {
          ++connections;
          std::string in;
          for (;;) {
            auto size = asio::read_until(socket, asio::dynamic_buffer(in), "\r\n\r\n");
            std::lock_guard hold(mutex_);
            heads_.push_back(in.substr(0, size));
            in.erase(0, size);
            asio::write(socket, asio::buffer(answer));
            if (heads_.back().contains("Connection: close") || heads_.back().contains("Proxy-")) return;
          }
        }) {}
  std::string port() const { return server_.port(); }
  std::string url(std::string path = "/") const { return server_.url(std::move(path)); }
  std::vector<std::string> first_lines() {
    std::lock_guard hold(mutex_);
    std::vector<std::string> out;
    for (auto& head : heads_) out.push_back(head.substr(0, head.find('\r')));
    return out;
  }
  std::string last_head() {
    std::lock_guard hold(mutex_);
    return heads_.empty() ? "" : heads_.back();
  }
  std::atomic<int> connections = 0;

 private:
  std::mutex mutex_;
  std::vector<std::string> heads_;
  Server server_;
};

constexpr const char* kFine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

struct Environment {  // set for as long as this lives
  Environment(const char* n, const std::string& value) : name(n) { ::setenv(name, value.c_str(), 1); }
  ~Environment() { ::unsetenv(name); }
  const char* name;
};

TEST(HttpConnections, ServeOneRequestUnlessTheyAreToBeKept) {
  Listener server(kFine);
  Net net;  // ends first: the server waits for the end of a connection that is kept
  for (int i = 0; i < 3; ++i) EXPECT_EQ(net.get(server.url())->body, "fine");
  EXPECT_EQ(server.connections, 3);
  EXPECT_EQ(net.connections(), 0u);
  for (int i = 0; i < 3; ++i) {
    auto answer = net.send({.url = server.url(), .timeout = 20s, .keep = true});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->version, "1.1");
    EXPECT_EQ(answer->times.connect > 0ns, i == 0) << "the connection was there";
    EXPECT_LE(answer->times.first_byte, answer->took);
  }
  EXPECT_EQ(server.connections, 4);
  EXPECT_EQ(net.connections(), 1u);
}

TEST(HttpConnections, ThatAreKeptAreFew) {
  std::vector<std::unique_ptr<HostileServer>> servers;
  Net net;
  for (int i = 0; i < 20; ++i) {
    servers.push_back(std::make_unique<HostileServer>(answers_and_waits(kFine)));
    EXPECT_TRUE(net.send({.url = servers.back()->url(), .timeout = 20s, .keep = true}));
  }
  EXPECT_LE(net.connections(), 16u);
  EXPECT_GT(net.connections(), 0u);
}

std::size_t open_descriptors() {
  std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(HttpConnections, AreClosedWithTheirLoop) {
  HostileServer kept(answers_and_waits(kFine)), silent(answers_and_waits(""));
  auto before = open_descriptors();
  {
    Net net;
    EXPECT_TRUE(net.send({.url = kept.url(), .timeout = 20s, .keep = true}));
    asio::co_spawn(net.context, net.http.send({.url = silent.url(), .timeout = 1h}), [](auto, auto) {});
    net.context.restart(), net.context.run_for(50ms);
    EXPECT_EQ(net.connections(), 2u);
  }
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before; }));  // the servers close theirs, too
}

TEST(HttpGivingUp, DoesNotWaitForANameServer) {
  name_server_answers = false;
  Net net;
  auto answer = net.send({.url = "http://never.invalid/", .timeout = 200ms});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::timed_out);
  EXPECT_THAT(answer.error().message, HasSubstr("(not connected yet)"));
  EXPECT_FALSE(name_server_answers.exchange(true)) << "what was given up may end";
}

TEST(HttpGivingUp, OfOneLeavesTheOthersAlone) {
  Net net;
  HostileServer silent(answers_and_waits(""));
  Going lost(net.context, net.http.send({.url = silent.url(), .timeout = 1h}));
  HostileServer slow(drips(kFine, "", 0ms));
  Going other(net.context, net.http.send({.url = slow.url(), .timeout = 20s}));
  lost.cancel();
  EXPECT_EQ(lost.get().error().code, Code::cancelled);
  EXPECT_EQ(other.get()->body, "fine");
}

TEST(HttpMemory, ThatIsNotThereEndsOneRequestOnly) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the sanitizer's own memory counts";
#endif
  HostileServer large(never_ends("HTTP/1.1 200 OK\r\n\r\n", "x"));
  Listener good(kFine);
  auto in_little_memory = [&] {
    Net net;
    if (!net.get(good.url())) return 1;
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    auto most = static_cast<rlim_t>(pages) * static_cast<rlim_t>(::getpagesize()) + 64 * 1024 * 1024;
    rlimit limit{most, most};
    ::setrlimit(RLIMIT_AS, &limit);
    auto lost = net.send({.url = large.url(), .timeout = 60s, .most = Bytes{4'000'000'000}});
    if (lost || lost.error().code != Code::unavailable || !lost.error().message.contains("no memory")) return 2;
    return net.get(good.url()) ? 0 : 3;
  };
  EXPECT_EXIT(::_exit(in_little_memory()), testing::ExitedWithCode(0), "");
}

TEST(HttpProxy, OfTheEnvironmentIsUsedButNotForLoopback) {
  Net net;
  Listener proxy(kFine), server(kFine);
  Environment set("http_proxy", "http://user:hunter2@127.0.0.1:" + proxy.port());
  EXPECT_EQ(net.get("http://shop.invalid/a?b")->body, "fine");
  EXPECT_THAT(proxy.first_lines(), ElementsAre("GET http://shop.invalid/a?b HTTP/1.1"));
  EXPECT_EQ(net.get(server.url("/mine"))->body, "fine");
  EXPECT_THAT(server.first_lines(), ElementsAre("GET /mine HTTP/1.1"));
  EXPECT_EQ(proxy.connections, 1);
  Environment none("no_proxy", "other.invalid,shop.invalid");
  auto straight = net.get("http://shop.invalid/");
  ASSERT_FALSE(straight);
  EXPECT_THAT(to_string(straight.error()), Not(HasSubstr("hunter2")));
  EXPECT_EQ(proxy.connections, 1);
}

TEST(HttpProxy, OfARequestGoesBeforeThatOfTheEnvironment) {
  Net net;
  Listener proxy(kFine);
  EXPECT_EQ(net.send({.url = "http://127.0.0.1:1/x", .timeout = 20s, .proxy = proxy.url()})->body, "fine");
  EXPECT_THAT(proxy.first_lines(), ElementsAre("GET http://127.0.0.1:1/x HTTP/1.1"));
  Environment set("http_proxy", proxy.url());
  EXPECT_EQ(net.send({.url = "http://shop.invalid/", .timeout = 20s, .proxy = ""}).error().code, Code::unavailable);
  EXPECT_EQ(proxy.connections, 1);
  for (auto gone :
       {"http://user:hunter2@127.0.0.1:1", "nonsense://user:hunter2@127.0.0.1:1", "http://user:hunter2@[x"}) {
    auto answer = net.send({.url = "http://shop.invalid/", .timeout = 20s, .proxy = gone});
    ASSERT_FALSE(answer) << gone;
    EXPECT_EQ(answer.error().code, Code::unavailable) << answer.error().message;
    EXPECT_THAT(to_string(answer.error()), Not(HasSubstr("hunter2")));
  }
}

TEST(HttpProxy, IsAskedToConnectForHttps) {
  Net net;
  Listener proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  auto answer = net.send({.url = "https://shop.invalid/", .timeout = 20s, .proxy = proxy.url()});
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("403"));
  EXPECT_THAT(proxy.first_lines(), ElementsAre("CONNECT shop.invalid:443 HTTP/1.1"));
}

TEST(HttpSecrets, StandInHeadersAndInJsonWhereTheyAreMeantAndNowhereElse) {
  Net net;
  Secrets secrets;
  secrets.add("KEY", "hunter\"2");
  secrets.add("OTHER", "never");
  net.http.know(secrets);
  Listener server(kFine);
  ports::HttpRequest asked{
      .method = "POST",
      .url = server.url(),
      .body = R"({"a":{"key":"$KEY","text":"my $KEY"},"list":["$KEY",1],"other":"$OTHER","$KEY":true})",
      .headers = {{"X-Key", "$KEY"}, {"X-Text", "a $KEY"}, {"X-Other", "$OTHER"}},
      .timeout = 20s,
      .secrets = {"KEY"},
      .secrets_in_body = true};
  auto answer = net.send(asked);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(server.last_head(), HasSubstr("X-Key: hunter\"2\r\n"));
  EXPECT_THAT(server.last_head(), HasSubstr("X-Text: a $KEY\r\n"));
  EXPECT_THAT(server.last_head(), HasSubstr("X-Other: $OTHER\r\n"));
  auto filled = FilledRequest::from(asked, &secrets);
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->request().body,
            R"({"a":{"key":"hunter\"2","text":"my $KEY"},"list":["hunter\"2",1],"other":"$OTHER","$KEY":true})");
  asked.secrets_in_body = false;
  EXPECT_EQ(FilledRequest::from(asked, &secrets)->request().body, asked.body) << "a text that is posted as it is";
  asked.secrets = {"GONE"}, asked.headers = {{"X-Key", "$GONE"}};
  EXPECT_THAT(net.send(asked).error().message, HasSubstr("GONE has no value"));
  secrets.add("TWO_LINES", "a\r\nEvil: 1");
  asked.secrets = {"TWO_LINES"}, asked.headers = {{"X-Key", "$TWO_LINES"}};
  EXPECT_THAT(net.send(asked).error().message, HasSubstr("cannot be sent in a header"));
}

std::string redirect(const std::string& to, const char* status = "302 Found") {
  return fmt::format("HTTP/1.1 {}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", status, to);
}

TEST(HttpRedirects, TakeNothingAlongToAnotherServer) {
  Net net;
  ::setenv("TOKEN", "hunter2", 1);
  Secrets secrets;
  secrets.add_environment({"TOKEN"});
  ::unsetenv("TOKEN");
  net.http.know(secrets);
  Listener other(kFine), first(redirect(other.url("/there")));
  auto answer = net.send({.url = first.url(),
                          .headers = {{"X-Key", "mine"}},
                          .timeout = 20s,
                          .auth = ports::HttpAuth{"", {"TOKEN"}},
                          .redirects = 1});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "fine");
  EXPECT_THAT(first.last_head(), HasSubstr("Authorization: Bearer hunter2"));
  EXPECT_THAT(first.last_head(), HasSubstr("X-Key: mine"));
  EXPECT_THAT(other.first_lines(), ElementsAre("GET /there HTTP/1.1"));
  EXPECT_THAT(other.last_head(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(other.last_head(), Not(HasSubstr("X-Key")));
}

// Else a server could have Davy, which may be root, ask Docker's socket for it.
TEST(HttpRedirects, LeadIntoNoSocketOfThisMachine) {
  Net net;
  Listener first(redirect("http+unix://%2Fvar%2Frun%2Fdocker.sock/containers/json"));
  auto answer = net.send({.url = first.url(), .timeout = 20s, .redirects = 3});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("redirects"));
}

TEST(HttpRedirects, AskAsTheirStatusSays) {
  Net net;
  auto post = [&](const char* status, bool elsewhere) {
    Listener other(kFine);
    Listener first(redirect(elsewhere ? other.url() : "/next", status));
    auto answer = net.send({.method = "POST", .url = first.url(), .body = "sent", .timeout = 20s, .redirects = 1});
    return std::pair(first.first_lines().back() + " " + other.last_head().substr(0, 5),
                     answer ? "" : answer.error().message);
  };
  EXPECT_EQ(post("303 See Other", true).first, "POST / HTTP/1.1 GET /");
  EXPECT_EQ(post("302 Found", true).first, "POST / HTTP/1.1 GET /");
  EXPECT_THAT(post("307 Temporary", true).second, HasSubstr("redirects what was sent to another server"));
  EXPECT_EQ(post("307 Temporary", false).first, "POST /next HTTP/1.1 ");
}

TEST(Https, ShowsWhoDavyIs) {
  Certificate ca("Davy's tests"), server("localhost", &ca), client("deployer", &ca);
  Scratch scratch;
  std::ofstream(scratch / "ca.pem") << ca.pem();
  std::ofstream(scratch / "client.pem") << client.pem();
  std::ofstream(scratch / "client.key") << client.key_pem();
  std::ofstream(scratch / "locked.key") << client.key_pem("passphrase");
  auto tls = tls_of(server);
  tls->load_verify_file(scratch / "ca.pem");
  tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  HostileServer strict(answers(kFine), tls);
  Net net;
  auto ask = [&](const std::string& certificate, const std::string& key) {
    return net.send({.url = strict.url("localhost"),
                     .timeout = 20s,
                     .ca = scratch / "ca.pem",
                     .certificate = certificate,
                     .key = key});
  };
  auto known = ask(scratch / "client.pem", scratch / "client.key");
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->body, "fine");
  EXPECT_GT(known->times.tls, 0ns);
  EXPECT_EQ(ask("", "").error().code, Code::unavailable);
  EXPECT_EQ(ask(scratch / "none.pem", scratch / "client.key").error().code, Code::invalid);
  EXPECT_EQ(ask(scratch / "client.pem", scratch / "locked.key").error().code, Code::invalid)
      << "and nobody is asked for the passphrase";
  auto nowhere = net.send({.url = strict.url("localhost"), .timeout = 20s, .ca = scratch / "none"});
  EXPECT_EQ(nowhere.error().code, Code::invalid);
  EXPECT_THAT(nowhere.error().message, HasSubstr("none"));
}

}  // namespace
}  // namespace davy::io
