#include "providers/signal/app_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "providers/platform/process.h"
#include "providers/platform/supervisor.h"
#include "providers/platform/systemd_text.h"

namespace davy::providers {
namespace {

// Of several readers' threads: what comes to one account, any of them hands over.
struct Account {
  explicit Account(signals::LineAccount lines) : lines(std::move(lines)) {}
  std::mutex mutex;
  signals::LineAccount lines;  // under the mutex
};

class Counting final : public ports::LineTaker {
 public:
  Counting(std::shared_ptr<Account> account, std::string label)
      : account_(std::move(account)), label_(std::move(label)) {}
  void line(std::string_view text, Time now) override {
    std::lock_guard lock(account_->mutex);
    account_->lines.line(text, now, label_);
  }
  judge::Window finish(Time from, Time to) override {
    std::lock_guard lock(account_->mutex);
    return account_->lines.finish(from, to);
  }

 private:
  std::shared_ptr<Account> account_;
  std::string label_;
};

// What a look that failed left comes with the next one.
judge::Window handed_over(judge::Window& counted) {
  auto out = std::exchange(counted, {});
  out.from = out.to = Time{};  // until now
  return out;
}

class LogLines final : public SteadySource {
 public:
  LogLines(std::unique_ptr<ports::LineReading> reading, ports::Outside& out)
      : SteadySource(out), reading_(std::move(reading)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto taken = reading_->take();
    counted_.merge(taken.window);
    if (!taken.gap.empty()) co_return fail(Code::unavailable, taken.gap);
    co_return handed_over(counted_);
  }

  std::unique_ptr<ports::LineReading> reading_;
  judge::Window counted_;
};

// What Davy starts itself.
WherePrinted by_instances(const std::string& service, ports::Outside& out) {
  return [service, &out]() -> ports::Task<std::vector<Printed>> {
    auto instances = co_await out.instances.list(service + ".");
    if (!instances) co_return std::unexpected(instances.error());
    std::vector<Printed> all;
    for (auto& one : *instances)
      if (auto release = release_of_key(one.key); !release.empty() && !one.log_path.empty())
        all.push_back({one.key, release, {.what = one.log_path}, one.alive});
    co_return all;
  };
}

// stdout and stderr of programs, where supervisord keeps them in files.
WherePrinted by_programs(SupervisorOptions o, ports::Outside& out) {
  return [o = std::move(o), &out]() -> ports::Task<std::vector<Printed>> {
    Supervisor supervisor(out, o.place());
    auto programs = co_await supervisor.programs(o.programs);
    if (!programs) co_return std::unexpected(programs.error());
    std::vector<Printed> all;
    for (auto& p : *programs)
      for (auto& path : {p.stdout_log, p.stderr_log})
        if (path.starts_with('/') && !path.starts_with("/dev/")) all.push_back({path, "", {.what = path}, p.lives()});
    co_return all;
  };
}

ports::LogPlace journal_of(const std::string& unit) { return {ports::LogPlace::Kind::journald, unit}; }

// In place what the unit says is the slot's; an instance of a template is its release's.
WherePrinted by_units(SystemdOptions o, ports::Outside& out) {
  return [o = std::move(o), &out]() -> ports::Task<std::vector<Printed>> {
    auto unit = full_name(o.unit);
    std::vector<Printed> all;
    if (!is_template(o.unit)) {
      auto state = co_await out.units->look(o.manager(), unit);
      if (!state) co_return std::unexpected(state.error());
      if (state->known()) all.push_back({unit, "", journal_of(unit), lives(*state)});
      co_return all;
    }
    auto given = co_await out.units->given(o.manager(), unit);
    if (!given) co_return std::unexpected(given.error());
    for (auto& one : *given) {
      auto state = co_await out.units->look(o.manager(), one.unit);
      if (!state) co_return std::unexpected(state.error());
      if (auto note = note_in(one)) all.push_back({one.unit, note->release, journal_of(one.unit), lives(*state)});
    }
    co_return all;
  };
}

Result<WherePrinted> by_systemd(const std::string& service, const spec::Value& options, ports::Outside& out) {
  auto o = spec::decoded<SystemdOptions>(options, "options of " + service);
  if (!o) return std::unexpected(o.error());
  if (!out.units) return fail(Code::unavailable, "nobody here can ask systemd");
  if (o->user)
    return fail(
        Code::invalid, "the lines of a unit of a user's own manager",
        fmt::format("`lines: \"command:journalctl --user --follow --lines=0 --output=cat --unit={}\"`", o->unit));
  return by_units(*std::move(o), out);
}

}  // namespace

Result<WherePrinted> where_printed(const std::string& service, ports::Outside& out, const ports::Asking& who) {
  auto run = who.services.find(service);
  if (run != who.services.end() && run->second.platform == "systemd")
    return by_systemd(service, run->second.options, out);
  if (run == who.services.end() || run->second.platform != "supervisor") return by_instances(service, out);
  auto options = spec::decoded<SupervisorOptions>(run->second.options, "options of " + service);
  if (!options) return std::unexpected(options.error());
  return by_programs(*std::move(options), out);
}

namespace {

// A service's own logs. One that is there at the first look is read from its end on, a younger one from its
// beginning: nothing that it says as it starts is missed. A dead one is read until it is forgotten: it may say why, and
// it may be started again.
class ServiceLines final : public SteadySource {
 public:
  ServiceLines(std::string service, WherePrinted where, std::shared_ptr<Account> account, ports::Outside& out)
      : SteadySource(out), service_(std::move(service)), where_(std::move(where)), account_(std::move(account)) {}

 private:
  using Logs = std::vector<Printed>;

  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto logs = co_await where_();
    if (!logs) co_return std::unexpected(logs.error());
    auto since = std::exchange(looked_, out_.clock.now());
    if (auto opened = open_new(*logs, since); !opened) co_return std::unexpected(opened.error());
    if (auto gap = take(*logs); !gap.empty()) co_return fail(Code::unavailable, gap);
    if (readings_.empty() && counted_.counts.empty())
      co_return fail(
          Code::unavailable, fmt::format("no instance of {} writes a log here", service_),
          "a service on platform `process` or `systemd`, or `supervisor` where it keeps its programs' logs in files");
    co_return handed_over(counted_);
  }

  Result<> open_new(const Logs& logs, std::optional<Time> since) {
    auto begin = std::exchange(begin_, ports::Begin::beginning);
    for (auto& one : logs) {
      if (readings_.contains(one.key)) continue;
      auto opened = open({.place = one.log, .begin = begin, .since = since}, one.release);
      if (!opened) return std::unexpected(opened.error());
      readings_[one.key] = std::move(*opened);
    }
    return {};
  }

  // The first gap of an instance that lives.
  std::string take(const Logs& logs) {
    std::string gap;
    for (auto it = readings_.begin(); it != readings_.end();) {
      auto taken = it->second->take();
      counted_.merge(taken.window);
      auto now = std::ranges::find(logs, it->first, &Printed::key);
      if (now != logs.end() && now->lives && gap.empty()) gap = taken.gap;
      it = now == logs.end() ? readings_.erase(it) : std::next(it);
    }
    return gap;
  }

  Result<std::unique_ptr<ports::LineReading>> open(ports::LineSpec log, std::string label) {
    return out_.logs->open(log, std::make_unique<Counting>(account_, std::move(label)));
  }

  std::string service_;
  WherePrinted where_;
  std::shared_ptr<Account> account_;
  std::map<std::string, std::unique_ptr<ports::LineReading>> readings_;  // by its key
  ports::Begin begin_ = ports::Begin::end;
  std::optional<Time> looked_;
  judge::Window counted_;
};

}  // namespace

std::vector<signals::NamedPattern> patterns_of(const std::map<std::string, std::string>& patterns) {
  std::vector<signals::NamedPattern> out;
  for (auto& [name, text] : patterns) out.push_back({name, text});
  return out;
}

Result<std::unique_ptr<ports::Source>> lines_source(LinesSignal o, ports::Outside& out, ports::Asking who) {
  if (!out.logs) return fail(Code::invalid, "nobody here can read the lines of a log");
  auto lines = signals::LineAccount::of({patterns_of(o.patterns), o.only, o.release_by});
  if (!lines) return std::unexpected(lines.error());
  auto account = std::make_shared<Account>(std::move(*lines));
  if (auto& service = o.place.service; !service.empty()) {
    auto where = where_printed(service, out, who);
    if (!where) return std::unexpected(where.error());
    return std::make_unique<ServiceLines>(service, *std::move(where), std::move(account), out);
  }
  auto reading = out.logs->open({o.place.log, o.writers}, std::make_unique<Counting>(std::move(account), ""));
  if (!reading) return std::unexpected(reading.error());
  return std::make_unique<LogLines>(std::move(*reading), out);
}

static void fit(const LinesSignal& o, spec::Findings& finds) {
  for (auto& pattern : signals::with_usual(patterns_of(o.patterns)))
    finds.all.push_back({pattern.name, spec::Unit::rate, "lines that fit it"});
}

void add_lines_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<LinesSignal>("lines", "An application's own log: named patterns, errors, error patterns that are new.",
                        "{ lines: /var/log/shop/app.log, patterns: { PAYMENT: \"payment .* refused\" } }", lines_source,
                        {{"lines", Unit::rate, "lines; each of these is how many came, or with /s how many a second"},
                         {"errors", Unit::rate, "lines of error level"},
                         {"new_errors", Unit::rate, "of those, lines whose pattern was not there before the release"},
                         {"quiet", Unit::seconds, "how long no line of error level came"}},
                        fit);
}

}  // namespace davy::providers
