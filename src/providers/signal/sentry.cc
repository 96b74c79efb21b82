#include "providers/signal/sentry.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
namespace {

ports::HttpRequest request(const SentrySignal& o, std::string_view path, std::string more, Duration timeout) {
  auto base = o.url;
  while (base.ends_with('/')) base.pop_back();
  ports::HttpRequest out{.timeout = timeout};
  out.url =
      fmt::format("{}/api/0/organizations/{}/{}/?project={}&statsPeriod={}s{}", base, percent_encoded(o.organization),
                  path, percent_encoded(o.project), std::chrono::ceil<std::chrono::seconds>(o.last).count(), more);
  if (!o.environment.empty()) out.url += "&environment=" + percent_encoded(o.environment);
  out.auth = http_auth(o.token, "", "").value_or(std::nullopt);
  return out;
}

class Sentry final : public SteadySource {
 public:
  Sentry(SentrySignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    judge::Window out;
    auto sessions = co_await ask(sessions_request(o_, timeout_), signals::parse_sentry_sessions);
    if (!sessions) co_return std::unexpected(sessions.error());
    auto events = co_await ask(events_request(o_, timeout_), signals::parse_sentry_events);
    if (!events) co_return std::unexpected(events.error());
    for (auto& [series, by_release] : *events) out.numbers[series] = by_release;
    for (auto& [series, by_release] : *sessions) {
      out.numbers[series] = by_release;
      for (auto& [release, _] : by_release)  // no event is a number, too: Sentry lists only those that have one
        out.numbers["events"].try_emplace(release, 0);
    }
    co_return out;
  }

  using Parse = Result<signals::SentryNumbers> (*)(std::string_view);
  ports::Task<signals::SentryNumbers> ask(ports::HttpRequest r, Parse parse) {
    auto answer = co_await out_.http.send(std::move(r));
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->status / 100 == 2) co_return parse(answer->body);
    auto code = answer->status == 401 || answer->status == 403 ? Code::refused
                : answer->status == 400                        ? Code::invalid
                                                               : Code::unavailable;
    auto detail = signals::sentry_detail(answer->body);
    co_return fail(code, fmt::format("Sentry at {} answered {}{}{}", address_of(o_.url), answer->status,
                                     detail.empty() ? "" : ": ", detail));
  }

  SentrySignal o_;
  Duration timeout_;
};

}  // namespace

ports::HttpRequest sessions_request(const SentrySignal& o, Duration timeout) {
  auto fields = "&groupBy=release&field=" + percent_encoded("sum(session)") +
                "&field=" + percent_encoded("crash_free_rate(session)") +
                "&field=" + percent_encoded("crash_free_rate(user)");
  return request(o, "sessions", "&interval=1h" + fields, timeout);
}

ports::HttpRequest events_request(const SentrySignal& o, Duration timeout) {
  return request(
      o, "events",
      "&per_page=100&field=release&field=" + percent_encoded("count()") + "&query=" + percent_encoded(o.query),
      timeout);
}

Result<std::unique_ptr<ports::Source>> sentry_source(SentrySignal o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, "", ""); !auth) return std::unexpected(auth.error());
  return std::make_unique<Sentry>(std::move(o), out, who.timeout);
}

void add_sentry_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<SentrySignal>("sentry", "Sentry: events and crash-free sessions of each release.",
                         "{ sentry: \"https://sentry.io\", organization: acme, project: 42, token: $SENTRY_TOKEN }",
                         sentry_source,
                         {{"events", Unit::none, "error events"},
                          {"sessions", Unit::none, "sessions"},
                          {"crash_free_sessions", Unit::ratio, "sessions that did not crash"},
                          {"crash_free_users", Unit::ratio, "users whose sessions did not crash"}});
}

}  // namespace davy::providers
