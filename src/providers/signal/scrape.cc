#include "providers/signal/scrape.h"

#include <fmt/format.h>

#include "providers/signal/traffic_series.h"
#include "signals/metrics/exposition_histogram.h"
#include "signals/traffic/no_users.h"

namespace davy::providers {
namespace {

class Scrape final : public SteadySource {
 public:
  Scrape(ScrapeSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout), account_(rules(o_)) {}

  std::string taken_for() const override { return account_.said(); }

 private:
  // All targets or none: numbers of half the instances would look like half the traffic.
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    std::vector<signals::ScrapedPage> pages;
    for (auto& url : o_.urls.all) {
      auto answer = co_await out_.http.send(request(o_, url, timeout_));
      if (!answer) co_return std::unexpected(answer.error());
      if (answer->status / 100 != 2)
        co_return fail(Code::unavailable,
                       fmt::format("{}{} answered {}", address_of(url), path_of(url), answer->status));
      if (answer->body.empty())
        co_return fail(Code::unavailable,
                       fmt::format("{}{} answered with an empty page", address_of(url), path_of(url)));
      pages.push_back(
          {address_of(url), std::move(answer->body), signals::exposition_of(answer->headers["content-type"])});
    }
    auto now = out_.clock.now();
    co_return account_.look(pages, last.value_or(now), now);
  }

  ScrapeSignal o_;
  Duration timeout_;
  signals::ScrapeAccount account_;
};

}  // namespace

ports::HttpRequest request(const ScrapeSignal& o, const std::string& url, Duration timeout) {
  ports::HttpRequest out{.url = url, .timeout = timeout};
  out.headers["Accept"] = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  out.auth = http_auth(o.token, o.user, o.password).value_or(std::nullopt);
  return out;
}

signals::ScrapeRules rules(const ScrapeSignal& o) {
  signals::ScrapeRules out{.requests = o.requests,
                           .errors = o.errors,
                           .client_errors = o.client_errors,
                           .latency = o.latency,
                           .latency_unit = o.unit,
                           .ignore = signals::no_users(o.ignore),
                           .release_by = o.release_by};
  for (auto& url : o.urls.all) out.ignore.push_back(path_of(url));  // Davy's own looks
  for (auto& [name, one] : o.series) out.series[name] = {*one.metric, one.among, one.as, one.unit};
  return out;
}

Result<std::unique_ptr<ports::Source>> scrape_source(ScrapeSignal o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, o.user, o.password); !auth) return std::unexpected(auth.error());
  return std::make_unique<Scrape>(std::move(o), out, who.timeout);
}

// What is a counter the page tells; beforehand its name may, and `as: rate` does. Seconds per second are a bare number.
static spec::As as_of(const ScrapeSeries& one) {
  using spec::Unit;
  if (one.among) return Unit::ratio;
  if (!signals::is_rate(one.as, one.metric->name.ends_with("_total"))) return spec::kOwn;
  return one.unit.unit == Unit::none ? Unit::rate : one.unit.unit == Unit::bytes ? Unit::bytes_rate : Unit::none;
}

static void fit(const ScrapeSignal& o, spec::Findings& finds) {
  finds.units = {};
  for (auto& [name, one] : o.series) {
    finds.all.push_back({name, as_of(one), "your own"});
    finds.units.by_name[name] = one.unit;
  }
  bool said = !o.latency || o.unit.unit == spec::Unit::seconds || signals::unit_of(o.latency->name);
  for (auto* name : {"latency", "latency.*"})
    finds.all.push_back({name, said ? spec::As(spec::Unit::seconds) : spec::kOwn, "of a histogram"});
}

void add_scrape_signal(ports::Registry& r) {
  r.source<ScrapeSignal>(
      "scrape", "Pages of metrics, Prometheus text or OpenMetrics: requests, errors, latency, your own.",
      "{ scrape: \"http://localhost:8080/metrics\", release-by: version }", scrape_source,
      {{"*", spec::kAny, "what your `series` name"},
       {"latency_*", spec::Unit::seconds, "`latency_p95` …, `latency_mean`: of a summary, the worst of its series"}},
      fit, traffic_series());
}

}  // namespace davy::providers
