#include "host/live_signals.h"

#include <algorithm>

#include "base/text.h"
#include "engine/run/operators.h"
#include "judge/numbers/well.h"
#include "judge/readings.h"
#include "ports/masked.h"
#include "ports/standstill.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWindow = 100ms;
constexpr Duration kLook = 5s;  // that a source may take
constexpr const char* kUp = ".up";
constexpr std::size_t kLongestWord = 200;

bool tells_traffic(const ports::Registry& registry, const std::string& kind) {
  auto term = registry.vocabulary().find("signal", kind);
  return term && std::ranges::any_of(term->series, [](auto& given) { return given.name == "error_rate"; });
}

// One that answers and says no word of its own is up. Each look counts: `health.up over 30m > 99%`. A probe said itself
// whether it is well.
void say_whether_up(const std::string& signal, judge::Window& w) {
  auto& words = w.states[signal];
  auto& up = w.numbers[signal + kUp];
  if (words.empty()) words[""] = up.empty() || up.begin()->second > 0 ? "up" : "down";
  if (up.empty())
    for (auto& [release, word] : words) up[release] = judge::says_well(word);
}

// All that a probe found, each by its own name; `value` is the signal itself. No state is a longer text, nor a word
// that its table does not name: an answer's headers would be kept at every look.
judge::Window window_of(const ports::Observation& seen, const spec::Term& term) {
  judge::Window out;
  auto series = [](const std::string& name) { return name == "value" ? std::string() : name; };
  for (auto& [name, number] : seen.numbers) out.numbers[series(name)][""] = number;
  for (auto& [name, word] : seen.words)
    if (word.size() <= kLongestWord && std::ranges::find(term.table, name, &spec::Finding::name) != term.table.end())
      out.states[series(name)][""] = printable(word);
  out.numbers["up"][""] = seen.ok;
  return out;
}

// What a health report says of itself, for one.
void mask_words(judge::Window& w, ports::SecretLook& secrets) {
  for (auto& [series, words] : w.states)
    for (auto& [label, word] : words) word = secrets.masked(word);
}

}  // namespace

LiveSignals::LiveSignals(ports::Outside& outside, const ports::Registry& registry,
                         const std::map<std::string, std::string>& releases)
    : outside_(outside), registry_(registry), releases_(releases) {}

Result<> LiveSignals::open(const run::Runbook& book) {
  asking_ = engine::asking_for(book, run::kNone, run::Side::candidate);
  asking_.timeout = kLook;
  for (auto& subject : book.subjects)
    for (auto& release : {subject.previous, subject.candidate})
      if (!release.none()) versions_[release.version] = versions_[release.id] = release.id, shared_.push_back(release);
  take_labels(book.setup);
  for (auto& [name, source, every] : book.setup.signals)
    if (tells_traffic(registry_, source.name) && (traffic_.empty() || name == "traffic")) traffic_ = name;
  for (auto& [name, source, every] : book.setup.signals) {
    auto opened = open_one({.name = name, .kind = source.name, .options = source.options, .every = every});
    if (!opened) return opened;
  }
  return {};
}

// A router tells which server carries what; somebody who only observes said it beforehand.
void LiveSignals::take_labels(const run::Setup& setup) {
  for (auto& [label, release] : setup.carries) versions_[label] = release;
  routed_ = !setup.carries.empty() || std::ranges::any_of(setup.services, [](auto& s) { return s.router.has_value(); });
}

Result<> LiveSignals::open_one(Read one) {
  if (auto make = registry_.find_source(one.kind)) {
    auto source = (*make)(one.options, outside_, asking_);
    if (!source) return std::unexpected(source.error());
    one.owner = std::move(*source), one.source = one.owner.get();
  }
  if (one.source && one.source->traffic_log()) return open_log(std::move(one)), Result<>{};
  reads_.push_back(std::make_unique<Read>(std::move(one)));
  return {};
}

std::map<std::string, std::string> LiveSignals::formats() const {
  std::map<std::string, std::string> out;
  for (auto& one : logs_)
    if (auto said = one.log->taken_for(); !said.empty()) out[one.name] = std::move(said);
  for (auto& one : reads_)
    if (auto said = one->source ? one->source->taken_for() : ""; !said.empty()) out[one->name] = std::move(said);
  return out;
}

void LiveSignals::open_log(Read one) {
  auto log = one.source->traffic_log();
  log->know([this](const std::set<std::string>& servers) {
    auto map = map_of_releases();
    std::set<std::string> out;
    std::ranges::copy_if(servers, std::inserter(out, out.end()), [&](auto& server) { return map.find(server); });
    return out;
  });
  if (auto beside = log->beside(); beside.source) {
    Read counters{
        .name = one.name, .kind = one.kind, .every = beside.every, .by_server = true, .source = beside.source};
    reads_.push_back(std::make_unique<Read>(std::move(counters)));
  }
  auto place = one.name == traffic_ ? logs_.begin() : logs_.end();
  logs_.insert(place, {one.name, std::move(one.owner), log});
}

void LiveSignals::begin(engine::Nursery& nursery) {
  for (auto& one : reads_) nursery.spawn(read(*one));
}

signals::ReleaseMap LiveSignals::map_of_releases() const {
  signals::ReleaseMap map;
  for (auto& [server, release] : releases_) map.set(server, release);
  for (auto& [version, release] : versions_) map.set(version, release);
  for (auto& one : shared_) map.share(one.version, one.id);
  return map;
}

namespace {

// Requests that nobody can be charged with are no quiet hour.
judge::Window nobodys(const judge::Window& w) {
  return {.from = w.from, .to = w.to, .complete = false, .gap = "it is not known whose the router's servers are"};
}

}  // namespace

judge::Window LiveSignals::by_release(const judge::Window& by_server) const {
  if (routed_ && releases_.empty() && versions_.empty()) return nobodys(by_server);
  if (routed_) return map_of_releases().apply(by_server);
  judge::Window out{.from = by_server.from, .to = by_server.to, .complete = by_server.complete, .gap = by_server.gap};
  out.sure = by_server.sure, out.doubted = by_server.doubted;
  for (auto& [server, tally] : by_server.releases) out.releases[""].merge(tally);
  for (auto& [series, values] : by_server.numbers)
    for (auto& [server, value] : values) out.numbers[series][""] += value;
  return out;
}

// Bare names are those of one signal's traffic; the rest of them are told apart (judge::of_signal).
judge::Window LiveSignals::named(judge::Window w, const std::string& signal) const {
  if (signal == traffic_) return w;
  for (auto& [release, tally] : std::exchange(w.releases, {})) w.releases[judge::of_signal(signal, release)] = tally;
  for (auto& [series, values] : std::exchange(w.numbers, {})) w.numbers[signal + "." + series] = values;
  return w;
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

void LiveSignals::paused() {
  paused_until_ = last_;
  if (outside_.readings) outside_.readings->begin_anew();
}

void LiveSignals::read_by_rules(const judge::Window& w) {
  if (outside_.readings) outside_.readings->see(w);
}

// The first log sets the pace: its windows end early where trouble is seen. The others are read until they are as far,
// but for one window, so that nobody waits for them. Without a log a window is a stretch of time in which sources may
// have spoken.
ports::Task<judge::Window> LiveSignals::gather() {
  if (logs_.empty()) {
    auto from = last_ == Time{} ? outside_.clock.now() : last_;
    auto slept = co_await outside_.clock.sleep_until(outside_.clock.now() + kWindow);
    if (!slept) co_return std::unexpected(slept.error());
    judge::Window out{.from = from, .to = outside_.clock.now()};
    out.gap = ports::standstill(out.from, out.to, kWindow), out.complete = out.gap.empty();
    co_return out;
  }
  auto all = co_await next_of(logs_.front());
  if (!all) co_return all;
  auto from = std::max(all->from, last_), to = std::max(all->to, from);
  for (auto& log : logs_)
    while (log.reached + kWindow < to) {
      auto more = co_await next_of(log);
      if (!more) co_return more;
      all->merge(*more);
    }
  all->from = from, all->to = to;  // one stretch after the other: each moment is watched once
  co_return all;
}

ports::Task<judge::Window> LiveSignals::next_of(Log& log) {
  auto one = co_await log.log->look();
  if (!one) co_return one;
  log.reached = one->to;
  auto window = by_release(*one);
  if (routed_) log.unserved.see(map_of_releases(), *one, window);
  co_return named(std::move(window), log.name);
}

// A source that fails is away until a look succeeds; the next one is as far off as ever, so that it is not pressed.
asio::awaitable<void> LiveSignals::read(Read& one) {
  for (;;) {
    auto seen = co_await look(one);
    if (!seen && seen.error().code == Code::cancelled) co_return;
    one.away = seen ? "" : seen.error().message;
    if (!seen && !one.by_server) aside_.numbers[one.name + kUp][""] = 0, aside_.to = outside_.clock.now();
    if (seen) one.traffic |= !seen->releases.empty(), take(one, *seen);
    if (!co_await outside_.clock.sleep_until(outside_.clock.now() + one.every)) co_return;
  }
}

ports::Task<judge::Window> LiveSignals::look(Read& one) {
  if (one.source) {
    auto seen = co_await one.source->look();
    if (outside_.secrets && seen) mask_words(*seen, *outside_.secrets);
    if (outside_.secrets && !seen) co_return std::unexpected(ports::masked(seen.error(), *outside_.secrets));
    co_return seen;
  }
  auto probe = registry_.find_probe(one.kind);
  if (!probe) co_return fail(Code::invalid, "no signal and no probe `" + one.kind + "`");
  auto seen = co_await (*probe)(one.options, outside_, asking_);
  if (!seen) co_return std::unexpected(seen.error());
  co_return window_of(*seen, *registry_.vocabulary().find("probe", one.kind));
}

// What a page of metrics gained since a look in maintenance are the maintenance page's answers, too.
void LiveSignals::take(const Read& one, const judge::Window& seen) {
  aside_.to = outside_.clock.now();
  if (!one.by_server) {
    judge::Window own;
    map_of_releases().take(seen, one.name, own);
    if (seen.from < paused_until_) own.releases.clear();
    if (one.name != traffic_)
      for (auto& [release, tally] : std::exchange(own.releases, {}))
        own.releases[judge::of_signal(one.name, release)] = tally;
    own.from = own.to = aside_.to;
    say_whether_up(one.name, own);
    return aside_.merge(own);
  }
  auto own = named(by_release(seen), one.name);
  own.from = own.to = aside_.to;
  aside_.merge(own);
}

}  // namespace davy::host
