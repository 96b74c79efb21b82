// The options of what Prometheus recorded, for each command that reads it.
#include "cli/commands.h"
#include "control/recorded/recording.h"

namespace davy::cli {

void add_prometheus_options(CLI::App* sub, control::PrometheusRecording& p) {
  sub->add_option("--since", p.since, "Prometheus: from then on: a date, 10:30 or 2h (ago)");
  sub->add_option("--until", p.until, "Prometheus: until then (now)");
  sub->add_option("--step", p.step, "Prometheus: between two numbers")->capture_default_str();
  sub->add_option("--release-by", p.release_by,
                  "Prometheus: the label that tells releases apart, or metric.label of an info metric (version)");
  sub->add_option("--only", p.only, "Prometheus: labels of what is meant, as in PromQL: job=\"shop\"");
  sub->add_option("--user", p.user, "Prometheus: user, where the plan's signal has none");
  sub->add_option("--password-from", p.password, "Prometheus: environment variable with the password");
  sub->add_option("--token-from", p.token, "Prometheus: environment variable with a token, sent as Bearer");
}

}  // namespace davy::cli
