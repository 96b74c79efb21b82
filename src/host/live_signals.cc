#include "host/live_signals.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/run/operators.h"
#include "host/log_options.h"
#include "io/lines/logs.h"
#include "signals/traffic/accumulator.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWindow = 100ms;
constexpr Duration kLook = 5s;         // that a source may take
constexpr Duration kCounters = 200ms;  // retries away from a dead candidate stand in no log line

// No name of a signal has a dot, so no signal's keys begin like another's.
std::string spool_prefix(const std::string& signal) { return "signal." + signal + "."; }

std::string text_of(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::scalar_text(*found).value_or("") : "";
}

}  // namespace

LiveSignals::LiveSignals(asio::any_io_executor ex, ports::Outside& outside, const ports::Registry& registry,
                         const std::map<std::string, std::string>& releases, std::string spool)
    : ex_(std::move(ex)), outside_(outside), registry_(registry), releases_(releases), spool_(std::move(spool)) {}

Result<> LiveSignals::open(const run::Runbook& book) {
  asking_ = engine::asking_for(book, run::kNone, run::Side::candidate);
  for (auto& subject : book.subjects)
    for (auto& release : {subject.previous, subject.candidate})
      if (!release.none()) versions_[release.version] = versions_[release.id] = release.id;
  take_labels(book.setup);
  for (auto& [name, source, every] : book.setup.signals) {
    auto opened = source.name == "haproxy" ? open_haproxy(name, source.options)
                  : source.name == "log"
                      ? open_other_log(name, source.options)
                      : open_read({.name = name, .kind = source.name, .options = source.options, .every = every});
    if (!opened) return opened;
  }
  return {};
}

// A router tells which server carries what; somebody who only observes said it beforehand.
void LiveSignals::take_labels(const run::Setup& setup) {
  for (auto& [label, release] : setup.carries) versions_[label] = release;
  routed_ = !setup.carries.empty() || std::ranges::any_of(setup.services, [](auto& s) { return s.router.has_value(); });
}

Result<> LiveSignals::open_haproxy(const std::string& name, const spec::Value& options) {
  auto decoded = spec::decoded<providers::HaproxySignal>(options, name);
  if (!decoded) return std::unexpected(decoded.error());
  return open_log({.source = io::UnixSocket{decoded->socket, io::mode_of(decoded->writers)},
                   .lines = {.excluded = decoded->ignore}},
                  decoded->stats);
}

Result<> LiveSignals::open_other_log(const std::string& name, const spec::Value& options) {
  auto decoded = spec::decoded<providers::LogSignal>(options, name);
  if (!decoded) return std::unexpected(decoded.error());
  auto how = log_options(*decoded);
  if (!how) return std::unexpected(how.error());
  return open_log(std::move(*how), "");
}

Result<> LiveSignals::open_log(io::LogReaderOptions how, std::string stats) {
  how.window = kWindow;
  how.now = [this] { return outside_.clock.now(); };
  auto log = std::make_unique<Log>();
  log->stats = std::move(stats);
  auto reader = io::LogReader::open(ex_, std::move(how));
  if (!reader) return std::unexpected(reader.error());
  log->reader = std::move(*reader);
  logs_.push_back(std::move(log));
  return {};
}

Result<> LiveSignals::open_read(Read one) {
  if (auto make = registry_.find_source(one.kind)) {
    auto who = asking_;
    who.key = spool_prefix(one.name), who.timeout = kLook;
    auto source = (*make)(one.options, outside_, who);
    if (!source) return std::unexpected(source.error());
    one.source = std::move(*source);
  }
  reads_.push_back(std::make_unique<Read>(std::move(one)));
  return {};
}

void LiveSignals::begin(engine::Nursery& nursery) {
  for (auto& log : logs_)
    if (!log->stats.empty()) nursery.spawn(count(*log));
  for (auto& one : reads_) nursery.spawn(read(*one));
}

signals::ReleaseMap LiveSignals::map_of_releases() const {
  signals::ReleaseMap map;
  for (auto& [server, release] : releases_) map.set(server, release);
  for (auto& [version, release] : versions_) map.set(version, release);
  return map;
}

judge::Window LiveSignals::by_release(const judge::Window& by_server) const {
  if (routed_) return map_of_releases().apply(by_server);
  judge::Window out{.from = by_server.from, .to = by_server.to, .complete = by_server.complete, .gap = by_server.gap};
  for (auto& [server, tally] : by_server.releases) out.releases[""].merge(tally);
  for (auto& [series, values] : by_server.numbers)
    for (auto& [server, value] : values) out.numbers[series][""] += value;
  return out;
}

ports::Task<judge::Window> LiveSignals::next() {
  auto window = co_await gather();
  if (!window) co_return window;
  auto aside = std::exchange(aside_, {});
  if (aside.to != Time{}) {
    aside.from = window->from, aside.to = window->to;
    window->merge(aside);
  }
  for (auto& one : reads_) {
    if (one->away.empty()) continue;
    window->away[one->name] = one->away;
    if (one->traffic) window->complete = false, window->gap = one->away;
  }
  last_ = window->to;
  co_return window;
}

// Without a log a window is a stretch of time in which sources may have spoken; it still tells the guard that a judge
// lives.
ports::Task<judge::Window> LiveSignals::gather() {
  if (logs_.empty()) {
    auto from = last_ == Time{} ? outside_.clock.now() : last_;
    auto slept = co_await outside_.clock.sleep_until(outside_.clock.now() + kWindow);
    if (!slept) co_return std::unexpected(slept.error());
    co_return judge::Window{.from = from, .to = outside_.clock.now()};
  }
  std::optional<judge::Window> all;
  for (auto& log : logs_) {
    auto one = co_await gather(*log);
    if (!one) co_return one;
    all ? all->merge(*one) : void(all = std::move(*one));
  }
  co_return std::move(*all);
}

ports::Task<judge::Window> LiveSignals::gather(Log& log) {
  auto raw = co_await log.reader->next();
  if (!raw) co_return std::unexpected(raw.error());
  auto out = by_release(raw->by_server);
  if (!log.away.empty()) out.complete = false, out.gap = log.away;
  if (log.missing.doubtful()) out.complete = false, out.gap = "HAProxy counts requests of which no log line came";
  auto came = raw->excluded + raw->broken;
  for (auto& server : log.watched)
    if (auto found = raw->by_server.releases.find(server); found != raw->by_server.releases.end())
      came += found->second.requests;
  log.missing.came(came);
  co_return out;
}

asio::awaitable<void> LiveSignals::count(Log& log) {
  for (auto since = outside_.clock.now();; since = outside_.clock.now()) {
    auto looked = co_await look_at_counters(log, since);
    log.away = looked ? "" : "HAProxy cannot be asked: " + looked.error().message;  // then its log is silent, too
    if (!co_await outside_.clock.sleep_until(outside_.clock.now() + kCounters)) co_return;
  }
}

ports::Task<> LiveSignals::look_at_counters(Log& log, Time since) {
  auto text = co_await outside_.dialer.ask(log.stats, "show stat", 1s);
  if (!text) co_return std::unexpected(text.error());
  auto stats = signals::parse_show_stat(*text);
  if (!stats) co_return std::unexpected(stats.error());
  auto seen = by_release(log.deltas.see(*stats, since, outside_.clock.now()));
  aside_.to = outside_.clock.now();
  for (auto& [release, tally] : seen.releases) aside_.releases[release].merge(tally);
  for (auto& [series, values] : seen.numbers)
    for (auto& [release, value] : values) aside_.numbers[series][release] = value;
  compare(log, *stats);
  co_return co_await look_for_losses(log);
}

// The servers that carry a release of this run: of others nobody need log to Davy.
std::set<std::string> LiveSignals::carriers(const std::map<std::string, signals::ServerStat>& stats) const {
  auto map = map_of_releases();
  std::set<std::string> out;
  for (auto& [server, stat] : stats)
    if (map.find(server)) out.insert(server);
  return out;
}

void LiveSignals::compare(Log& log, const std::map<std::string, signals::ServerStat>& stats) {
  auto now = carriers(stats);
  if (now != log.watched) {
    log.watched = std::move(now);
    return log.missing.begin_anew();
  }
  std::uint64_t requests = 0, inside = 0;
  for (auto& server : log.watched) {
    auto found = log.deltas.requests().find(server);
    requests += found == log.deltas.requests().end() ? 0 : found->second;
    inside += stats.at(server).sessions;
  }
  log.missing.counted(requests, inside);
}

ports::Task<> LiveSignals::look_for_losses(Log& log) {
  auto about = co_await outside_.dialer.ask(log.stats, "show info", 1s);
  auto info = about ? signals::parse_show_info(*about) : Result<signals::HaproxyInfo>(std::unexpected(about.error()));
  if (!info) co_return std::unexpected(info.error());
  if (log.info && log.info->pid == info->pid && info->dropped_logs > log.info->dropped_logs) log.reader->doubt();
  log.info = *info;
  co_return Result<>{};
}

// A source that fails is away until a look succeeds; the next one is as far off as ever, so that it is not pressed.
asio::awaitable<void> LiveSignals::read(Read& one) {
  for (std::int64_t n = 1;; ++n) {
    auto seen = co_await look(one, n);
    if (!seen && seen.error().code == Code::cancelled) co_return;
    one.away = seen ? "" : seen.error().message;
    clear_spool(one);
    if (seen) one.traffic |= !seen->releases.empty(), take(one, *seen);
    if (!co_await outside_.clock.sleep_until(outside_.clock.now() + one.every)) co_return;
  }
}

// What a command said a second ago is read; a canary of a week would leave half a million folders.
void LiveSignals::clear_spool(const Read& one) const {
  if (one.kind != "command") return;
  std::error_code gone;
  for (auto& entry : std::filesystem::directory_iterator(spool_, gone))
    if (entry.path().filename().string().starts_with(spool_prefix(one.name)))
      std::filesystem::remove_all(entry.path(), gone);
}

ports::Task<judge::Window> LiveSignals::look(Read& one, std::int64_t number) {
  if (one.source) co_return co_await one.source->look();
  auto probe = registry_.find_probe(one.kind);
  if (!probe) co_return fail(Code::invalid, "no signal and no probe `" + one.kind + "`");
  auto who = asking_;
  // The time, too: after a restart of the engine the numbers begin anew, and an old answer would be taken for this one.
  auto began = outside_.clock.now().time_since_epoch().count();
  who.key = fmt::format("{}{}-{}", spool_prefix(one.name), began, number), who.timeout = kLook;
  auto seen = co_await (*probe)(one.options, outside_, who);
  if (!seen) co_return std::unexpected(seen.error());
  judge::Window out;
  if (auto value = seen->numbers.find("value"); value != seen->numbers.end()) out.numbers[""][""] = value->second;
  if (auto word = seen->words.find("value"); word != seen->words.end()) out.states[""][""] = word->second;
  co_return out;
}

void LiveSignals::take(const Read& one, const judge::Window& seen) {
  aside_.to = outside_.clock.now();
  map_of_releases().take(seen, one.name, aside_);
}

}  // namespace davy::host
