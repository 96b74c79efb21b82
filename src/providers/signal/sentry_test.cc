// A stand-in that speaks Sentry's wire format, as its API documentation shows it: no Sentry can be started here.
#include "providers/signal/sentry.h"

#include <gmock/gmock.h>

#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::string_view kOptions =
    R"({"sentry": "https://sentry.io/", "organization": "acme", "project": "42", "token": "$SENTRY"})";

ports::HttpAnswer sessions() {
  return {.status = 200, .body = R"x({"groups":[{"by":{"release":"shop@2"},"totals":{"sum(session)":5000,
    "crash_free_rate(session)":0.999,"crash_free_rate(user)":0.998},"series":{"sum(session)":[5000]}},
    {"by":{"release":"shop@3"},"totals":{"sum(session)":0,"crash_free_rate(session)":null}}],"intervals":["x"]})x"};
}
ports::HttpAnswer events() {
  return {.status = 200,
          .body = R"x({"data":[{"release":"shop@2","count()":12},{"release":null,"count()":3}],"meta":{}})x"};
}

TEST(SentrySource, GivesEventsAndCrashFreeSessionsOfEachRelease) {
  World world;
  world.http.answer = [](auto& r) { return r.url.contains("/sessions/") ? sessions() : events(); };
  Watched sentry(world.outside, "sentry", kOptions);
  auto w = sentry.look();
  EXPECT_EQ(number(w, "events", "shop@2"), 12);
  EXPECT_EQ(number(w, "events", "shop@3"), 0) << "none is a number";
  EXPECT_EQ(number(w, "events", ""), 3);
  EXPECT_EQ(number(w, "crash_free_sessions", "shop@2"), .999);
  EXPECT_EQ(number(w, "crash_free_sessions", "shop@3"), std::nullopt) << "of no sessions nobody can tell";
  EXPECT_EQ(number(w, "sessions", "shop@2"), 5000);
}

TEST(SentrySource, AsksAsItsApiDemands) {
  SentrySignal o{.url = "https://s", .organization = "a b", .project = "42", .environment = "prod", .token = "$SENTRY"};
  EXPECT_EQ(events_request(o, 1s).url,
            "https://s/api/0/organizations/a%20b/events/?project=42&statsPeriod=3600s&per_page=100&field=release&field="
            "count%28%29&query=event.type%3Aerror&environment=prod");
  EXPECT_THAT(sessions_request(o, 1s).url,
              HasSubstr("/sessions/?project=42&statsPeriod=3600s&interval=1h&groupBy=release"));
  EXPECT_EQ(sessions_request(o, 1s).auth->secret.name, "SENTRY");
}

TEST(SentrySource, SaysWhatSentrySays) {
  World world;
  world.http.answer = [](auto&) { return ports::HttpAnswer{.status = 401, .body = R"({"detail":"Invalid token"})"}; };
  Watched sentry(world.outside, "sentry", kOptions);
  auto seen = sentry.try_look();
  EXPECT_EQ(seen.error().code, Code::refused);
  EXPECT_THAT(seen.error().message, HasSubstr("Sentry at sentry.io answered 401: Invalid token; away since"));
}

TEST(SentryApi, RefusesWhatIsNoneOfItsAnswers) {
  for (auto body : {"", "[]", "{}", R"({"groups": {}})", R"({"data": 5})", "<html>"}) {
    EXPECT_FALSE(signals::parse_sentry_sessions(body)) << body;
    EXPECT_FALSE(signals::parse_sentry_events(body)) << body;
  }
  EXPECT_TRUE(signals::parse_sentry_sessions(R"({"groups": [5, {}, {"by": 1, "totals": []}]})"));
  EXPECT_TRUE(signals::parse_sentry_events(R"x({"data": [null, {"count()": "many"}]})x"));
}

}  // namespace
}  // namespace davy::providers
