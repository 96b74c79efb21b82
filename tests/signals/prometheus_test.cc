// A real Prometheus, over TLS and with a password, that scrapes a small exporter; and the exporter scraped by Davy.
#include "providers/signal/prometheus.h"

#include <gmock/gmock.h>

#include <atomic>

#include "real.h"

namespace davy::real {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Tcp = asio::ip::tcp;

// Shows one page of metrics to everybody; each page counts 10 requests more, of which one failed.
class Exporter {
 public:
  Exporter() : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}), thread_([this] { serve(); }) {}
  ~Exporter() {
    stopping_ = true;
    boost::system::error_code ignored;
    Tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  void serve() {
    for (boost::system::error_code error; !stopping_;) {
      Tcp::socket s(io_);
      acceptor_.accept(s, error);
      std::string in;
      asio::read_until(s, asio::dynamic_buffer(in, 64 * 1024), "\r\n\r\n", error);
      if (error) continue;
      auto n = ++pages_ * 10;
      auto body = "# TYPE http_requests_total counter\nhttp_requests_total{version=\"3\",status=\"200\"} " +
                  std::to_string(n - n / 10) + "\nhttp_requests_total{version=\"3\",status=\"500\"} " +
                  std::to_string(n / 10) + "\n# TYPE queue gauge\nqueue{version=\"2\"} 4\nqueue{version=\"3\"} 7\n";
      auto answer =
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
      asio::write(s, asio::buffer(answer), error);
    }
  }
  std::atomic<bool> stopping_ = false;
  std::atomic<int> pages_ = 0;
  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::thread thread_;
};

struct Prometheus {
  TempDir dir;
  Exporter exporter;
  unsigned short port = free_port();
  std::unique_ptr<Server> server;

  Prometheus() {
    auto at = dir.path + "/";
    EXPECT_EQ(carry_out({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                         "-keyout", at + "key.pem", "-out", at + "cert.pem"},
                        at + "log"),
              0);
    std::ofstream(at + "web.yml") << "tls_server_config: { cert_file: cert.pem, key_file: key.pem }\n"
                                     "basic_auth_users:\n"
                                     "  davy: $2b$04$vKGg1UmjRM6qzlqFiuJElOtVaPWeeLpnzHW0YCVxEoGd5bomcvg/6\n";
    std::ofstream(at + "prometheus.yml")
        << "global: { scrape_interval: 200ms, scrape_timeout: 200ms }\n"
           "scrape_configs:\n  - job_name: shop\n    static_configs:\n      - targets: ['" +
               exporter.address() + "']\n";
    server = std::make_unique<Server>(
        std::vector<std::string>{"prometheus", "--config.file=" + at + "prometheus.yml",
                                 "--web.config.file=" + at + "web.yml", "--storage.tsdb.path=" + at + "data",
                                 "--web.listen-address=127.0.0.1:" + std::to_string(port)},
        at + "log");
  }
  std::string url() const { return "https://localhost:" + std::to_string(port); }
};

TEST(RealPrometheus, AnswersInstantsRangesAndMistakesOverTlsWithAPassword) {
  Prometheus prometheus;
  World world;
  world.secret("PROM_PASSWORD", "open sesame");
  world.secret("WRONG", "hunter2");
  world.http = std::make_unique<io::Http>(prometheus.dir.path + "/cert.pem");
  auto& out = world.outside();
  providers::PrometheusProbe probe{.url = prometheus.url(),
                                   .query = "count_over_time(queue{version=\"3\"}[1m]) > 5",
                                   .user = "davy",
                                   .password = "$PROM_PASSWORD"};
  Result<ports::Observation> seen = fail(Code::internal, "");
  ASSERT_TRUE(eventually([&] { return (seen = run(perform(probe, out, {}))) && seen->ok; })) << because(seen);

  // What stands between the URL and the login in the options.
  auto watched = [&](std::string more) {
    return Watched(out, "prometheus",
                   "{\"prometheus\": \"" + prometheus.url() + "\", " + more +
                       ", \"user\": \"davy\", \"password\": \"$PROM_PASSWORD\"}");
  };
  auto signal = watched(
      "\"query\": \"queue\", \"release-by\": \"version\", "
      "\"queries\": {\"requests\": \"sum by (version) (increase(http_requests_total[1m]))\"}");
  auto w = signal.look();
  EXPECT_EQ(number(w, "", "2"), 4);
  EXPECT_EQ(number(w, "", "3"), 7);
  EXPECT_GT(*number(w, "requests", "3"), 0);
  auto range = watched(R"x("query": "queue", "release-by": "version", "range": "1m", "step": "1s")x");
  EXPECT_EQ(number(range.look(), "", "3"), 7);
  auto several = watched(R"x("query": "queue")x");
  EXPECT_THAT(several.try_look().error().message, HasSubstr("several series"));
  auto scalar = watched(R"x("query": "scalar(sum(queue)) / 2")x");
  EXPECT_EQ(number(scalar.look(), ""), 5.5);

  probe.query = "queue[";
  EXPECT_EQ(run(perform(probe, out, {})).error().code, Code::invalid);
  probe.query = "queue", probe.password = "$WRONG";
  auto wrong = run(perform(probe, out, {}));
  EXPECT_EQ(wrong.error().code, Code::refused);
  EXPECT_THAT(to_string(wrong.error()), Not(HasSubstr("hunter2")));
  io::Http strangers;
  EXPECT_FALSE(run(strangers.send({.url = prometheus.url()}))) << "its certificate is not the system's";

  prometheus.server->stop(SIGTERM);
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("away since"));
}

TEST(RealExporter, IsScrapedLikeAnyOther) {
  Exporter exporter;
  World world;
  Watched signal(world.outside(), "scrape",
                 "{\"scrape\": \"http://" + exporter.address() +
                     R"(/metrics", "release-by": "version", "series": {"queue": "queue"}})");
  auto first = signal.look();
  EXPECT_EQ(number(first, "queue", "3"), 7);
  auto w = signal.look();
  EXPECT_EQ(w.releases["3"], (judge::Tally{.requests = 10, .errors = 1}));
}

}  // namespace
}  // namespace davy::real
