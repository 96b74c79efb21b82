#include <fmt/format.h>

#include "cli/baselines.h"
#include "cli/commands.h"
#include "io/files.h"
#include "judge/say.h"

namespace davy::cli {
namespace {

struct Wanted {
  run::Baseline what{.name = "recorded"};
  std::string output;
};

std::string summary(const judge::Window& w) {
  auto traffic = w.releases.find("");
  auto requests = traffic == w.releases.end() ? 0 : traffic->second.attempts();
  auto out = fmt::format("{} to {}: {} requests", timestamp(w.from), timestamp(w.to), judge::thousands(requests));
  if (requests > 0)
    out += fmt::format(", {} errors, p50 {}, p95 {}, p99 {}", judge::thousands(traffic->second.trouble()),
                       human(traffic->second.latency.quantile(0.5)), human(traffic->second.latency.quantile(0.95)),
                       human(traffic->second.latency.quantile(0.99)));
  for (auto& [series, values] : w.numbers) out += fmt::format(", {} {:.4g}", printable(series), values.begin()->second);
  return out;
}

int baseline(Session& session, Wanted& w) {
  run::Runbook book;
  book.baselines.push_back(w.what);
  if (auto filled = complete(session, book, session.now(), ""); !filled) return complain(filled.error());
  auto& text = book.baselines.front().stretches.front();
  auto window = judge::decode(text);
  if (!window) return complain(window.error());
  if (w.output.empty()) {
    fmt::print("{}\n", text);
    return kDone;
  }
  if (auto written = io::Files().write(w.output, text + "\n", 0644); !written) return complain(written.error());
  fmt::print("{}\n{} was written; a plan names it so: judge: {{ baselines: {{ NAME: {} }} }}\n", summary(*window),
             w.output, w.output);
  return kDone;
}

}  // namespace

void add_baseline(Program& p) {
  static Wanted w;
  auto sub = p.command("baseline", "Writes what was recorded into a file that plans compare with",
                       "davy baseline --recorded 20261121-113042-k3f -o release-4.json\n"
                       "  davy baseline --recorded access.log.1.gz --servers 'blue*' -o yesterday.json\n\n"
                       "In a plan: `judge: { baselines: { release-4: release-4.json } }`, then conditions such as\n"
                       "`latency.p95 > 120% of release-4`.");
  sub->add_option("--recorded", w.what.recorded, "a run of Davy's, or a traffic log")->required();
  sub->add_option("--servers", w.what.servers, "in a log: whose requests count (`blue*` is any that begins so); all")
      ->delimiter(',');
  sub->add_option("-o,--output", w.output, "a file; without it the standard output");
  p.runs(sub, [](Session& session) { return baseline(session, w); });
}

}  // namespace davy::cli
