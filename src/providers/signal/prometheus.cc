#include "providers/signal/prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace davy::providers {
namespace {

ports::Task<signals::PromAnswer> ask(PrometheusProbe o, ports::Outside& out, Duration timeout) {
  auto answer = co_await out.http.send(request(o, out.clock.now(), timeout));
  if (!answer) co_return std::unexpected(answer.error());
  auto parsed = signals::parse_prometheus(answer->body, answer->status);
  if (!parsed) parsed.error().message = address_of(o.url) + ": " + parsed.error().message;
  co_return parsed;
}

class Prometheus final : public SteadySource {
 public:
  Prometheus(PrometheusOptions o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {
    if (!o_.query.empty()) o_.queries[""] = o_.query;
  }

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    judge::Window out;
    for (auto& [series, query] : o_.queries) {
      auto answer =
          co_await ask({o_.url, query, o_.range, o_.step, o_.token, o_.user, o_.password, {}}, out_, timeout_);
      if (!answer) co_return std::unexpected(answer.error());
      auto numbers = signals::newest_by(*answer, o_.release_by);
      if (!numbers) co_return std::unexpected(numbers.error());
      for (auto& [label, value] : *numbers)
        if (std::isfinite(value)) out.numbers[series][label] = *spec::in_base({value}, o_.unit.of(series));
      if (!answer->warnings.empty()) out.states["warning"][""] = answer->warnings.front();
    }
    co_return out;
  }

  PrometheusOptions o_;
  Duration timeout_;
};

}  // namespace

ports::HttpRequest request(const PrometheusProbe& o, Time now, Duration timeout) {
  auto base = o.url;
  while (base.ends_with('/')) base.pop_back();
  bool range = o.range > Duration{};
  ports::HttpRequest out{.method = "POST", .url = base + (range ? "/api/v1/query_range" : "/api/v1/query")};
  out.body = range ? signals::range_body(o.query, now - o.range, now, o.step) : signals::query_body(o.query, now);
  out.headers["Content-Type"] = "application/x-www-form-urlencoded";
  out.timeout = timeout;
  out.auth = http_auth(o.token, o.user, o.password).value_or(std::nullopt);
  return out;
}

ports::Observation observed(const PrometheusProbe& o, const signals::PromAnswer& answer) {
  ports::Observation out{.ok = !answer.series.empty() || !answer.text.empty(), .unwell = {"count"}};
  double sum = 0, n = 0;
  for (auto& series : answer.series)
    for (auto& point : series.points) {
      if (!std::isfinite(point.value)) continue;
      auto value = *spec::in_base({point.value}, o.unit);
      auto [least, fresh] = out.numbers.emplace("least", value);
      auto [most, _] = out.numbers.emplace("most", value);
      least->second = std::min(least->second, value), most->second = std::max(most->second, value);
      sum += value, ++n;
    }
  if (n > 0) out.numbers["mean"] = sum / n;
  out.numbers["count"] = static_cast<double>(answer.series.size());
  if (answer.series.size() == 1 && !answer.series[0].points.empty())
    if (auto value = answer.series[0].points.back().value; std::isfinite(value)) {
      out.numbers["value"] = *spec::in_base({value}, o.unit);
      out.words["value"] = fmt::format("{}", value);
    }
  if (!answer.text.empty()) out.words["value"] = answer.text;
  out.says = answer.series.size() == 1 && out.words.contains("value") ? out.words["value"]
                                                                      : fmt::format("{} series", answer.series.size());
  if (!answer.warnings.empty()) out.says += "; warning: " + answer.warnings.front();
  return out;
}

ports::Task<ports::Observation> perform(PrometheusProbe o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, o.user, o.password); !auth) co_return std::unexpected(auth.error());
  auto answer = co_await ask(o, out, who.timeout);
  if (!answer) co_return std::unexpected(answer.error());
  co_return observed(o, *answer);
}

Result<std::unique_ptr<ports::Source>> prometheus_source(PrometheusOptions o, ports::Outside& out, ports::Asking who) {
  if (auto auth = http_auth(o.token, o.user, o.password); !auth) return std::unexpected(auth.error());
  if (o.query.empty() && o.queries.empty())
    return fail(Code::invalid, "neither `query` nor `queries`", "PromQL to ask");
  if (o.range > Duration{} && o.step <= Duration{}) return fail(Code::invalid, "`range` without a `step`");
  return std::make_unique<Prometheus>(std::move(o), out, who.timeout);
}

static void fit(const PrometheusProbe& o, spec::Findings& finds) {
  for (auto* name : {"least", "most", "mean"}) finds.units.by_name[name] = o.unit;
}

void add_prometheus_probe(ports::Registry& r) {
  r.probe<PrometheusProbe>("prometheus", "Asks Prometheus; well is at least one series.",
                           "{ prometheus: \"http://localhost:9090\", query: up == 0, expect: count = 0 }", perform,
                           {{"value", spec::kOwn, "of the only series"},
                            {"count", spec::Unit::none, "how many series there are"},
                            {"least", spec::kOwn, "the smallest of them"},
                            {"most", spec::kOwn, "the largest of them"},
                            {"mean", spec::kOwn, "their mean"}},
                           fit);
}

void add_prometheus_signal(ports::Registry& r) {
  r.source<PrometheusOptions>(
      "prometheus", "PromQL, asked of Prometheus.",
      "{ prometheus: \"http://localhost:9090\", query: \"sum(rate(orders_total[1m]))\" }", prometheus_source,
      {{"", spec::kOwn, "what `query` answers"}, {"*", spec::kOwn, "what your `queries` answer, by name"}});
}

}  // namespace davy::providers
