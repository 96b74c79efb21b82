#include "server.h"

#include <gmock/gmock.h>

#include "running_shop.h"

namespace storefront {
namespace {
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Storefront, ShowsItsVersionOnThePageAndInAHeader) {
  RunningShop shop("latency=0ms");
  const auto page = ask(shop.port(), "GET /");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("X-Version: 7\r\n"));
  EXPECT_THAT(page, HasSubstr("Version 7"));
}

TEST(Storefront, KeepsOrders) {
  RunningShop shop("latency=0ms");
  EXPECT_THAT(ask(shop.port(), "GET /api/orders"), HasSubstr(R"({"orders":[]})"));
  EXPECT_THAT(ask(shop.port(), "POST /api/orders", R"({"item":"lamp","quantity":2})"), StartsWith("HTTP/1.1 201"));
  EXPECT_THAT(ask(shop.port(), "GET /api/orders"), HasSubstr(R"({"id":1,"item":"lamp","quantity":2})"));
  EXPECT_THAT(ask(shop.port(), "POST /api/orders", "lamp, please"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(shop.port(), "POST /api/orders", R"({"item":7})"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(shop.port(), "DELETE /api/orders"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(ask(shop.port(), "GET /cellar"), StartsWith("HTTP/1.1 404"));
}

TEST(Storefront, TellsItsHealth) {
  RunningShop shop("latency=0ms");
  EXPECT_THAT(ask(shop.port(), "GET /health"),
              HasSubstr(R"({"active_connections":0,"status":"healthy","version":"7"})"));
  EXPECT_THAT(ask(shop.port(), "GET /health/db"), HasSubstr("latency_ms"));
  EXPECT_THAT(ask(shop.port(), "GET /health/advanced"), HasSubstr(R"("database":{)"));
}

TEST(Storefront, CountsUsersButNotProbes) {
  RunningShop shop("latency=0ms");
  for (int i = 0; i < 3; ++i) ask(shop.port(), "GET /");
  ask(shop.port(), "GET /health");
  ask(shop.port(), "GET /some/where");
  const auto metrics = ask(shop.port(), "GET /metrics");
  EXPECT_THAT(metrics, HasSubstr("http_requests_total{path=\"/\",status=\"200\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("http_requests_total{path=\"other\",status=\"404\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("http_request_duration_seconds_bucket{path=\"/\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("process_resident_memory_bytes"));
  EXPECT_THAT(metrics, Not(HasSubstr("/health")));
}

TEST(Storefront, StaysHealthyWhileItsUsersSeeErrors) {
  RunningShop shop("fail=100%");
  EXPECT_THAT(ask(shop.port(), "GET /"), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(ask(shop.port(), "GET /health"), StartsWith("HTTP/1.1 200"));
}

TEST(Storefront, ThatIsSickServesButSaysSo) {
  RunningShop shop("never-healthy");
  EXPECT_THAT(ask(shop.port(), "GET /health"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask(shop.port(), "GET /"), StartsWith("HTTP/1.1 200"));
}

TEST(Storefront, AnswersPipelinedRequestsInOrderAndRefusesRubbish) {
  RunningShop shop("latency=1ms");
  Visitor visitor(shop.port());
  visitor.say("GET / HTTP/1.1\r\n\r\nGET /cellar HTTP/1.1\r\n\r\nrubbish\r\n\r\n");
  const auto heard = visitor.hear();
  EXPECT_LT(heard.find("200 OK"), heard.find("404 Not Found"));
  EXPECT_LT(heard.find("404 Not Found"), heard.find("400 Bad Request"));
}

TEST(Drain, FinishesWhatIsInsideAndClosesAfterIt) {
  RunningShop shop("latency=300ms");
  Visitor early(shop.port());
  early.get("/");
  while (ask(shop.port(), "GET /health").find(R"("active_connections":1)") == std::string::npos) {
  }
  shop.stop();
  while (ask(shop.port(), "GET /health").find("draining") == std::string::npos) {
  }
  EXPECT_THAT(ask(shop.port(), "GET /health"), StartsWith("HTTP/1.1 503"));
  const auto heard = early.hear();
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(heard, HasSubstr("Connection: close"));
  EXPECT_EQ(shop.join(), 0);
  EXPECT_FALSE(Visitor(shop.port()).connected());
}

TEST(Drain, StillServesNewcomersUntilItIsQuiet) {
  RunningShop shop("latency=1ms", std::chrono::milliseconds(500));
  shop.stop();
  while (ask(shop.port(), "GET /health").find("draining") == std::string::npos) {
  }
  EXPECT_THAT(ask(shop.port(), "GET /"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(shop.join(), 0);
}

TEST(Listening, OnAPortInUseSaysSo) {
  RunningShop shop("good");
  const auto second = listen_on({.port = shop.port()});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(shop.port())));
}

}  // namespace
}  // namespace storefront
