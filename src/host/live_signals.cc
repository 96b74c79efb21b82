#include "host/live_signals.h"

#include "signals/accumulator.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWindow = 100ms;
constexpr Duration kCounters = 200ms;  // retries away from a dead candidate stand in no log line

mode_t mode_of(providers::Writers who) {
  return who == providers::Writers::owner ? 0600 : who == providers::Writers::group ? 0620 : 0622;
}

std::string text_of(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::scalar_text(*found).value_or("") : "";
}

}  // namespace

LiveSignals::LiveSignals(asio::any_io_executor ex, ports::Outside& outside, const ports::Registry& registry,
                         const std::map<std::string, std::string>& releases)
    : ex_(std::move(ex)), outside_(outside), registry_(registry), releases_(releases) {}

Result<> LiveSignals::open(const run::Runbook& book) {
  auto signals = book.setup.find("signals");
  if (!signals || !signals->map()) return {};
  for (auto& [name, mark, one] : *signals->map()) {
    auto options = one.find("options");
    if (text_of(one, "name") != "haproxy") {
      auto every = spec::decoded<Duration>(*one.find("every"), "every").value_or(1s);
      polled_.push_back(std::make_unique<Polled>(Polled{name, text_of(one, "name"), *options, every}));
      continue;
    }
    auto log = std::make_unique<Log>();
    auto decoded = spec::decoded<providers::HaproxySignal>(*options, name);
    if (!decoded) return std::unexpected(decoded.error());
    log->options = *decoded;
    auto reader = io::LogReader::open(ex_, {.path = decoded->socket,
                                            .mode = mode_of(decoded->writers),
                                            .window = kWindow,
                                            .lines = {.excluded = decoded->ignore},
                                            .now = [this] { return outside_.clock.now(); }});
    if (!reader) return std::unexpected(reader.error());
    log->reader = std::move(*reader);
    logs_.push_back(std::move(log));
  }
  return {};
}

void LiveSignals::begin(engine::Nursery& nursery) {
  for (auto& log : logs_)
    if (!log->options.stats.empty()) nursery.spawn(count(*log));
  for (auto& one : polled_) nursery.spawn(poll(*one));
}

signals::ReleaseMap LiveSignals::map_of_releases() const {
  signals::ReleaseMap map;
  for (auto& [server, release] : releases_) map.set(server, release);
  return map;
}

judge::Window LiveSignals::by_release(const judge::Window& by_server) const {
  return map_of_releases().apply(by_server);
}

ports::Task<judge::Window> LiveSignals::next() {
  auto window = co_await gather();
  if (!window) co_return window;
  auto aside = std::exchange(aside_, {});
  if (aside.to != Time{}) {
    aside.from = window->from, aside.to = window->to;
    window->merge(aside);
  }
  last_ = window->to;
  co_return window;
}

// Without a log a window is a stretch of time in which probes may have spoken; it still tells the guard that a judge
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
    auto raw = co_await log->reader->next();
    if (!raw) co_return std::unexpected(raw.error());
    auto one = by_release(raw->by_server);
    if (!log->away.empty()) one.complete = false, one.gap = log->away;
    if (log->missing.doubtful()) one.complete = false, one.gap = "HAProxy counts requests of which no log line came";
    auto came = raw->excluded + raw->broken;
    for (auto& server : log->watched)
      if (auto found = raw->by_server.releases.find(server); found != raw->by_server.releases.end())
        came += found->second.requests;
    log->missing.came(came);
    all ? all->merge(one) : void(all = std::move(one));
  }
  co_return std::move(*all);
}

asio::awaitable<void> LiveSignals::count(Log& log) {
  for (auto since = outside_.clock.now();; since = outside_.clock.now()) {
    auto looked = co_await look_at_counters(log, since);
    log.away = looked ? "" : "HAProxy cannot be asked: " + looked.error().message;  // then its log is silent, too
    if (!co_await outside_.clock.sleep_until(outside_.clock.now() + kCounters)) co_return;
  }
}

ports::Task<> LiveSignals::look_at_counters(Log& log, Time since) {
  auto text = co_await outside_.line.ask(log.options.stats, "show stat", 1s);
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
  auto about = co_await outside_.line.ask(log.options.stats, "show info", 1s);
  auto info = about ? signals::parse_show_info(*about) : Result<signals::HaproxyInfo>(std::unexpected(about.error()));
  if (!info) co_return std::unexpected(info.error());
  if (log.info && log.info->pid == info->pid && info->dropped_logs > log.info->dropped_logs) log.reader->doubt();
  log.info = *info;
  co_return Result<>{};
}

asio::awaitable<void> LiveSignals::poll(Polled& one) {
  auto look = registry_.find_probe(one.probe);
  if (!look) co_return;
  for (std::int64_t n = 1;; ++n) {
    auto seen =
        co_await (*look)(one.options, outside_, {.key = "signal-" + one.name + "-" + std::to_string(n), .timeout = 5s});
    aside_.to = outside_.clock.now();
    if (seen) {
      if (auto value = seen->numbers.find("value"); value != seen->numbers.end())
        aside_.numbers[one.name][""] = value->second;
      if (auto word = seen->words.find("value"); word != seen->words.end()) aside_.states[one.name][""] = word->second;
    } else if (seen.error().code == Code::cancelled) {
      co_return;
    } else {
      aside_.states[one.name][""] = "unreachable";
    }
    if (!co_await outside_.clock.sleep_until(outside_.clock.now() + one.every)) co_return;
  }
}

}  // namespace davy::host
