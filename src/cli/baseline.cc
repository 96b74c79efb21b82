#include <fmt/format.h>

#include "cli/commands.h"
#include "control/recorded/recording.h"
#include "io/posix/files.h"
#include "judge/baselines.h"
#include "judge/say.h"

namespace davy::cli {
namespace {

struct Wanted {
  std::string recorded, output;
  control::Sides sides;
  control::PrometheusRecording prometheus;
};

std::string summary(const judge::Window& w) {
  auto traffic = w.releases.find("");
  auto requests = traffic == w.releases.end() ? 0 : traffic->second.attempts();
  auto out = fmt::format("{} to {}: {} requests", timestamp(w.from), timestamp(w.to), judge::thousands(requests));
  if (requests > 0)
    out += fmt::format(", {} errors, p50 {}, p95 {}, p99 {}", judge::thousands(traffic->second.trouble()),
                       human(traffic->second.latency.quantile(0.5)), human(traffic->second.latency.quantile(0.95)),
                       human(traffic->second.latency.quantile(0.99)));
  for (auto& [series, values] : w.numbers)
    out += fmt::format(", {} {:.4g}", printable(series, true), values.begin()->second);
  return out;
}

int baseline(Session& session, Wanted& w) {
  if (w.sides.candidate.empty()) w.sides.candidate = {"*"};
  auto recording = control::recording_of(session.runs, {}, w.recorded, w.sides, w.prometheus);
  if (!recording) return complain(recording.error());
  auto all = judge::condensed(recording->windows, Duration{});
  if (all.empty()) return complain({Code::invalid, w.recorded + " has nothing that could be compared with"});
  auto window = judge::as_service(all.front());
  if (w.output.empty()) {
    fmt::print("{}\n", judge::encode(window));
    return kDone;
  }
  auto written = io::Files().write(w.output, judge::encode(window) + "\n", 0644);
  if (!written) return complain(written.error());
  if (session.common().json)
    print_json({{"file", w.output}, {"says", summary(window)}});
  else
    fmt::print("{}\n{} was written; a plan names it so: judge: {{ baselines: {{ NAME: {} }} }}\n", summary(window),
               printable(w.output, true), printable(w.output, true));
  return kDone;
}

}  // namespace

void add_baseline(Program& p) {
  static Wanted w;
  auto sub =
      p.command("baseline", "Writes what was recorded into a file that plans compare with",
                "davy baseline --recorded 20261121-113042-k3f -o release-4.json\n"
                "  davy baseline --recorded access.log.1.gz --servers 'blue*' -o yesterday.json\n"
                "  davy baseline --recorded http://prometheus:9090 --since 2h --only 'job=\"shop\"' -o now.json\n\n"
                "In a plan: `judge: { baselines: { release-4: release-4.json } }`, then conditions such as\n"
                "`latency.p95 > 120% of release-4`.");
  sub->add_option("--recorded", w.recorded, "a run of Davy's, a traffic log, or the URL of a Prometheus")->required();
  sub->add_option(
         "--servers", w.sides.candidate,
         "in a log: whose requests count (`blue*` is any that begins so); in a Prometheus: which versions; all")
      ->delimiter(',');
  add_prometheus_options(sub, w.prometheus);
  sub->add_option("-o,--output", w.output, "a file; without it the standard output");
  p.runs(sub, [](Session& session) { return baseline(session, w); });
}

}  // namespace davy::cli
