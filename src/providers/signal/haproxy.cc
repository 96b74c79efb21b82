// HAProxy's log, and its counters beside it. A line is dropped without a word when the kernel's queue is full, and none
// comes at all when HAProxy logs elsewhere; its counters know.
#include <fmt/format.h>

#include <set>

#include "providers/signal/steady.h"
#include "providers/signal/traffic_lines.h"
#include "providers/signal/traffic_series.h"
#include "signals/systems/haproxy_stat.h"
#include "signals/traffic/missing_lines.h"
#include "signals/traffic/no_users.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCounters = 200ms;  // retries away from a dead candidate stand in no log line
constexpr Duration kAnswer = 1s;

using Stats = std::map<std::string, signals::ServerStat>;

// What is compared: lines and counters of the servers that carry a release of this run.
class Comparison {
 public:
  Comparison(std::string log, Time now) : log_(std::move(log)), missing_(now) {}

  void know(ports::TrafficLog::Ours ours) { ours_ = std::move(ours); }
  void away(std::string why) { away_ = std::move(why); }

  void came(const judge::Window& lines, std::uint64_t uncounted) {
    for (auto& server : watched_)
      if (auto found = lines.releases.find(server); found != lines.releases.end()) uncounted += found->second.requests;
    missing_.came(uncounted);
  }

  void counted(const Stats& stats, const std::map<std::string, std::uint64_t>& requests, Time now) {
    away_.clear();
    std::set<std::string> servers;
    for (auto& [server, stat] : stats) servers.insert(server);
    auto watched = ours_(servers);
    if (watched != watched_) {
      watched_ = std::move(watched);
      return missing_.begin_anew();
    }
    std::uint64_t all = 0, inside = 0;
    for (auto& server : watched_) {
      auto found = requests.find(server);
      all += found == requests.end() ? 0 : found->second;
      inside += stats.at(server).sessions;
    }
    missing_.counted(all, inside, now);
  }

  // A reload begins a new process, whose count is its own.
  void dropped(const signals::HaproxyInfo& now) {
    lost_ |= info_ && info_->pid == now.pid && now.dropped_logs > info_->dropped_logs;
    info_ = now;
  }

  void mark(judge::Window& w) {
    auto why =
        !away_.empty()        ? away_
        : missing_.doubtful() ? "HAProxy counts requests of which no log line came: does its `log` line name " + log_ +
                                    " (seen from inside of its chroot), and may it write there (`writers`)?"
        : std::exchange(lost_, false) ? "HAProxy dropped lines of its log: nobody took them from " + log_ + " in time"
                                      : std::string();
    w.sure = missing_.sure();
    if (why.empty()) return;
    w.complete = false, w.doubted = true, w.gap = std::move(why);
  }

 private:
  std::string log_;
  ports::TrafficLog::Ours ours_ = [](auto& servers) { return servers; };
  std::set<std::string> watched_;
  signals::MissingLines missing_;
  std::optional<signals::HaproxyInfo> info_;
  std::string away_;  // why the counters cannot be read
  bool lost_ = false;
};

class Counters final : public SteadySource {
 public:
  Counters(std::string socket, ports::Outside& out, std::shared_ptr<Comparison> with)
      : SteadySource(out), socket_(std::move(socket)), with_(std::move(with)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto seen = co_await compare(last);
    if (seen) co_return seen;
    if (seen.error().code != Code::cancelled) {
      seen.error().message = "HAProxy cannot be asked: " + seen.error().message;
      with_->away(seen.error().message);  // then its log is silent, too
    }
    co_return seen;
  }

  ports::Task<judge::Window> compare(std::optional<Time> last) {
    auto text = co_await out_.dialer.ask(socket_, "show stat", kAnswer);
    auto stats = text ? signals::parse_show_stat(*text) : Result<Stats>(std::unexpected(text.error()));
    if (!stats) co_return std::unexpected(stats.error());
    auto now = out_.clock.now();
    auto out = deltas_.see(*stats, last.value_or(now), now);
    with_->counted(*stats, deltas_.requests(), now);
    auto about = co_await out_.dialer.ask(socket_, "show info", kAnswer);
    auto info = about ? signals::parse_show_info(*about) : Result<signals::HaproxyInfo>(std::unexpected(about.error()));
    if (!info) co_return std::unexpected(info.error());
    with_->dropped(*info);
    co_return out;
  }

  std::string socket_;
  std::shared_ptr<Comparison> with_;
  signals::StatDeltas deltas_;
};

class Haproxy final : public ports::TrafficLog {
 public:
  Haproxy(const HaproxySignal& o, ports::Outside& out, std::unique_ptr<ports::LineReading> reading)
      : reading_(std::move(reading)) {
    if (o.stats.empty()) return;
    with_ = std::make_shared<Comparison>(o.socket, out.clock.now());
    counters_ = std::make_unique<Counters>(o.stats, out, with_);
  }

  void know(Ours ours) override {
    if (with_) with_->know(std::move(ours));
  }
  Beside beside() override { return {counters_.get(), kCounters}; }

  ports::Task<judge::Window> look() override {
    auto taken = co_await reading_->next();
    if (!taken) co_return std::unexpected(taken.error());
    auto& window = taken->window;
    auto uncounted = window.counts[kUncounted][""];
    window.counts.erase(kUncounted), window.states.erase(kTakenFor);  // its format is given
    if (with_) with_->mark(window), with_->came(window, uncounted);
    if (!taken->gap.empty()) window.complete = false, window.gap = std::move(taken->gap);
    co_return std::move(window);
  }

 private:
  std::unique_ptr<ports::LineReading> reading_;
  std::shared_ptr<Comparison> with_;
  std::unique_ptr<Counters> counters_;
};

}  // namespace

Result<std::unique_ptr<ports::Source>> haproxy_source(HaproxySignal o, ports::Outside& out, ports::Asking) {
  if (!out.logs) return fail(Code::invalid, "nobody here can read the lines of " + o.socket);
  ports::LineSpec spec{.place = {ports::LogPlace::Kind::unix_socket, o.socket}, .writers = o.writers};
  auto reading = out.logs->open(spec, traffic_taker({.lines = {.excluded = signals::no_users(o.ignore)}}));
  if (!reading) return std::unexpected(reading.error());
  return std::make_unique<Haproxy>(o, out, std::move(*reading));
}

void add_haproxy_signal(ports::Registry& r) {
  auto series = traffic_series();
  series.push_back({"sessions", "requests and connections inside the release now; needs `stats`"});
  series.push_back({"queue", "requests that wait for the release; needs `stats`"});
  r.source<HaproxySignal>("haproxy", "HAProxy's traffic log: requests, errors, latency of each release.",
                          "{ haproxy: /run/davy/haproxy.log.sock, ignore: [/health], stats: /run/haproxy/admin.sock }",
                          haproxy_source, {{"*", spec::kAny, "what the lines tell"}}, nullptr, std::move(series));
}

}  // namespace davy::providers
