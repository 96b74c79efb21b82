// Signal and probe `prometheus`: PromQL, asked of Prometheus or whatever speaks its API (Thanos, Mimir,
// VictoriaMetrics).
#pragma once
#include "providers/signal/options.h"
#include "providers/signal/steady.h"
#include "signals/metrics/prometheus_api.h"

namespace davy::providers {

struct PrometheusOptions {
  std::string url, query;
  std::map<std::string, std::string> queries;
  Duration range{}, step = std::chrono::seconds(15);
  std::string release_by, token, user, password;
};
struct PrometheusProbe {
  std::string url, query;
  Duration range{}, step = std::chrono::seconds(15);
  std::string token, user, password;
};

// One question at `now`; with a range, over that long until then.
ports::HttpRequest request(const PrometheusProbe&, Time now, Duration timeout);
ports::Observation observed(const signals::PromAnswer&);
ports::Task<ports::Observation> perform(PrometheusProbe, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> prometheus_source(PrometheusOptions, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kFields<providers::PrometheusOptions> = std::tuple{
    required("prometheus", &providers::PrometheusOptions::url, "its URL, such as http://localhost:9090"),
    optional("query", &providers::PrometheusOptions::query, "PromQL whose number is the signal's own"),
    optional("queries", &providers::PrometheusOptions::queries, "names, and the PromQL of each"),
    optional("release-by", &providers::PrometheusOptions::release_by, "label of the answer that tells releases apart"),
    optional("range", &providers::PrometheusOptions::range,
             "take the newest number of so long, where an instant has none"),
    optional("step", &providers::PrometheusOptions::step, "between two numbers of a range"),
    optional("token", &providers::PrometheusOptions::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::PrometheusOptions::user, "user for Basic authorization"),
    optional("password", &providers::PrometheusOptions::password, "$NAME of a secret")};
template <>
inline constexpr auto kFields<providers::PrometheusProbe> = std::tuple{
    required("prometheus", &providers::PrometheusProbe::url, "its URL, such as http://localhost:9090"),
    required(
        "query", &providers::PrometheusProbe::query,
        "PromQL; `value` is its number where it gives one series; `count` how many series; `least`, `most`, `mean`"),
    optional("range", &providers::PrometheusProbe::range, "ask for all numbers of so long until now"),
    optional("step", &providers::PrometheusProbe::step, "between two numbers of a range"),
    optional("token", &providers::PrometheusProbe::token, "$NAME of a secret, sent as Bearer"),
    optional("user", &providers::PrometheusProbe::user, "user for Basic authorization"),
    optional("password", &providers::PrometheusProbe::password, "$NAME of a secret")};

}  // namespace davy::spec
