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
  spec::Measures unit = {};
};
struct PrometheusProbe {
  std::string url, query;
  Duration range{}, step = std::chrono::seconds(15);
  std::string token, user, password;
  spec::Measure unit = {};
};

// One question at `now`; with a range, over that long until then.
ports::HttpRequest request(const PrometheusProbe&, Time now, Duration timeout);
ports::Observation observed(const PrometheusProbe&, const signals::PromAnswer&);
ports::Task<ports::Observation> perform(PrometheusProbe, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> prometheus_source(PrometheusOptions, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {
// Their tables: shared_fields.cc
template <OneOf<providers::PrometheusOptions, providers::PrometheusProbe> T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
