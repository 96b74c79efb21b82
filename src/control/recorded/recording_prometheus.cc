// What Prometheus recorded of a deployment: one query for all the traffic, one for each of the plan's own, each asked
// in portions, and handed on as they come.
#include <fmt/format.h>

#include <algorithm>

#include "control/plan_file.h"
#include "control/recorded/moment.h"
#include "control/recorded/recording.h"
#include "io/net/http.h"
#include "providers/signal/prometheus.h"
#include "providers/signal/scrape.h"
#include "rollout/rollout.h"
#include "signals/metrics/recorded_metrics.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;
using signals::Stretch;

constexpr Duration kPatience = 1min;  // for one answer
constexpr std::size_t kMostMoments = 100'000, kMostNamed = 20;

// The plan's signals of one kind, by name.
template <class O>
Result<std::vector<std::pair<std::string, O>>> signals_of(const run::Runbook& book, std::string_view kind) {
  std::vector<std::pair<std::string, O>> out;
  for (auto& signal : book.setup.signals) {
    if (signal.source.name != kind) continue;
    auto options = spec::decoded<O>(signal.source.options, signal.name);
    if (!options) return std::unexpected(options.error());
    out.emplace_back(signal.name, std::move(*options));
  }
  return out;
}

class Asker {
 public:
  Asker(Runs& runs, const PrometheusRecording& how) : runs_(runs), how_(how) { http_.know(secrets_); }

  // The recording's own login, else that of a signal of the plan that asks the same server.
  Result<> log_in(const run::Runbook& book,
                  const std::vector<std::pair<std::string, providers::PrometheusOptions>>& own) {
    auto named = [](const std::string& name) { return name.empty() ? "" : "$" + name; };
    login_ = {.user = how_.user, .token = named(how_.token), .password = named(how_.password)};
    for (auto& [name, signal] : own)
      if (how_.user.empty() && how_.token.empty() &&
          providers::address_of(signal.url) == providers::address_of(how_.url))
        login_ = {.user = signal.user, .token = signal.token, .password = signal.password};
    auto auth = providers::http_auth(login_.token, login_.user, login_.password);
    if (!auth) return std::unexpected(auth.error());
    return *auth ? take_secret(book, (*auth)->secret.name) : Result<>{};
  }

  // The answers to the query, portion by portion.
  Result<> ask(const std::string& query, const Stretch& whole,
               const std::function<Result<>(const signals::PromAnswer&, const Stretch&)>& take) {
    signals::Portions portions(whole);
    while (auto stretch = portions.next()) {
      auto answer = runs_.wait(http_.send(request(query, *stretch)));
      if (!answer) return std::unexpected(answer.error());
      portions.answered(answer->body.size());
      auto parsed = signals::parse_prometheus(answer->body, answer->status);
      if (!parsed) return refused(std::move(parsed.error()));
      if (auto taken = take(*parsed, *stretch); !taken) return taken;
    }
    return {};
  }

 private:
  struct Login {
    std::string user, token, password;
  };

  Result<> take_secret(const run::Runbook& book, const std::string& name) {
    secrets_.add_environment({name});
    auto& path = book.setup.env_file;
    if (!path.empty() && !secrets_.has(name))
      if (auto added = secrets_.add_file(path, {name}); !added) return added;
    if (secrets_.has(name)) return {};
    return fail(Code::invalid, fmt::format("the secret {} is not set", name), "set it in the environment of `davy`");
  }

  ports::HttpRequest request(const std::string& query, const Stretch& s) const {
    return providers::request(
        providers::PrometheusProbe{how_.url, query, s.to - s.from, s.step, login_.token, login_.user, login_.password},
        s.to, kPatience);
  }

  Result<> refused(Error e) const {
    e.message = providers::address_of(how_.url) + ": " + e.message;
    if (e.code == Code::refused)
      e.code = Code::invalid,
      e.hint = "--user and --password-from, or --token-from; or a signal `prometheus` in the plan";
    else if (e.hint.empty())
      e.hint = "--only job=\"…\" asks for less";
    return std::unexpected(std::move(e));
  }

  Runs& runs_;
  const PrometheusRecording& how_;
  io::Secrets secrets_;
  io::Http http_;
  Login login_;
};

Result<Stretch> stretch_of(const PrometheusRecording& how, Time now) {
  auto since = moment(how.since, "--since", {}, now), until = moment(how.until, "--until", {}, now);
  if (!since) return std::unexpected(since.error());
  if (!until) return std::unexpected(until.error());
  if (!*since) return fail(Code::invalid, "from when on was it recorded?", "say so with --since, such as 2h or 10:30");
  auto step = spec::decoded<Duration>(spec::text(how.step), "--step");
  if (!step || *step < 1s || *step % 1s != 0s)
    return fail(Code::invalid, fmt::format("--step {}: not a number of whole seconds", how.step), "such as 15s");
  Stretch out{std::chrono::floor<std::chrono::seconds>(**since), until->value_or(now), *step};
  if (out.moments() < 2) return fail(Code::invalid, "--until is not after --since by a step");
  if (out.moments() > kMostMoments)
    return fail(Code::invalid,
                fmt::format("{} numbers of each series, and {} are the most", out.moments(), kMostMoments),
                "a longer --step, or less time");
  return out;
}

// As a signal `scrape` of the plan reads it, or by the usual names where the plan has none.
struct Traffic {
  std::string signal;
  signals::ScrapeRules rules;
};

Result<std::vector<Traffic>> traffic_of(const run::Runbook& book, const std::string& release_by) {
  auto scrapes = signals_of<providers::ScrapeSignal>(book, "scrape");
  if (!scrapes) return std::unexpected(scrapes.error());
  std::vector<Traffic> out;
  for (auto& [name, signal] : *scrapes) out.push_back({name, providers::rules(signal)});
  if (out.empty()) out.emplace_back();
  for (auto& [_, rules] : out) {
    if (!release_by.empty()) rules.release_by = release_by;
    if (rules.release_by.empty() || rules.release_by == "address") rules.release_by = "version";
  }
  return out;
}

// By release; of requests without the label nobody knows whose they are.
std::vector<judge::Window> by_release(std::vector<judge::Window> by_label, const Traffic& traffic,
                                      const signals::ReleaseMap& map, std::set<std::string>& labels) {
  std::vector<judge::Window> out;
  for (auto& w : by_label) {
    for (auto& [label, tally] : w.releases)
      if (!label.empty() && labels.size() < kMostNamed) labels.insert(label);
    if (!map.find("")) w.releases.erase("");
    if (traffic.signal.empty()) w.numbers.clear();
    auto& into = out.emplace_back(judge::Window{.from = w.from, .to = w.to, .complete = w.complete, .gap = w.gap});
    map.take(w, traffic.signal, into);
  }
  return out;
}

// Windows of the same moments. Another signal may be of the same targets, so only its own series are taken: their
// requests would count twice.
void add(std::vector<judge::Window> more, std::vector<judge::Window>& windows) {
  if (windows.empty()) return windows.swap(more);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    more[i].releases.clear();
    windows[i].merge(more[i]);
  }
}

// Nothing where there is no plan.
Result<run::Runbook> book_of(const plan::Plan& plan, const PrometheusRecording& how, run::Subject subject) {
  if (plan.services.empty()) return run::Runbook{};
  auto environment = environment_of(plan, how.environment);
  if (!environment) return std::unexpected(environment.error());
  subject.service = plan.services.front().name;
  return rollout::expand(plan, {*environment, "candidate", "rehearsal", {subject}});
}

}  // namespace

Result<Recording> recording_of_prometheus(Runs& runs, const plan::Plan& plan, const PrometheusRecording& how,
                                          const Sides& sides) {
  if (sides.candidate.empty())
    return fail(Code::invalid, "which release was the candidate?", "say so with --candidate, such as 1.4.2");
  auto stretch = stretch_of(how, runs.now());
  if (!stretch) return std::unexpected(stretch.error());
  auto book = book_of(plan, how, sides.subject());
  if (!book) return std::unexpected(book.error());
  auto traffic = traffic_of(*book, how.release_by);
  auto own = signals_of<providers::PrometheusOptions>(*book, "prometheus");
  if (!traffic || !own) return std::unexpected(traffic ? own.error() : traffic.error());
  Asker asker(runs, how);
  if (auto in = asker.log_in(*book, *own); !in) return std::unexpected(in.error());

  std::set<std::string> labels;
  Recording out{.name = providers::address_of(how.url), .subjects = {sides.subject()}, .version = "candidate"};
  for (auto& one : *traffic) {
    signals::RecordedMetrics metrics(one.rules, how.only);
    auto asked = asker.ask(metrics.query(), *stretch, [&](auto& answer, auto& part) {
      metrics.see(answer, part);
      return Result<>{};
    });
    if (!asked) return std::unexpected(asked.error());
    add(by_release(metrics.end(), one, sides.map(), labels), out.windows);
  }
  for (auto& [signal, options] : *own) {
    if (!options.query.empty()) options.queries[""] = options.query;
    for (auto& [series, query] : options.queries)
      if (auto put = asker.ask(query, *stretch,
                               [&](auto& answer, auto&) {
                                 return signals::put_numbers(answer, options.release_by, signal, series,
                                                             options.unit.of(series), sides.map(), out.windows);
                               });
          !put)
        return std::unexpected(put.error());
  }
  if (auto met = met_candidate(out, sides, labels, traffic->front().rules.release_by); !met)
    return std::unexpected(met.error());
  return out;
}

}  // namespace davy::control
