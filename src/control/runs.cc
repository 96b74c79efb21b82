#include "control/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "io/posix/clock.h"
#include "store/sqlite/sqlite.h"

namespace davy::control {

Runs::Runs(host::StateDir dir) : dir_(std::move(dir)) {}

Runs::Runs(host::StateDir dir, std::unique_ptr<ports::Store> store) : dir_(std::move(dir)), store_(std::move(store)) {}

Time Runs::now() const { return io::Clock().now(); }

Result<ports::Store*> Runs::store() {
  if (!store_) {
    auto opened = store::SqliteStore::open(dir_.root);
    if (!opened) return std::unexpected(opened.error());
    store_ = std::move(*opened);
  }
  return store_.get();
}

Result<std::vector<ports::RunInfo>> Runs::list(const ports::Journal::Filter& filter) {
  if (!store_ && !std::filesystem::exists(dir_.root)) return std::vector<ports::RunInfo>{};
  auto s = store();
  if (!s) return std::unexpected(s.error());
  return wait((*s)->runs(filter));
}

Result<ports::RunInfo> Runs::find(const std::string& given) {
  auto newest = list({.most = 1});
  if (!newest) return std::unexpected(newest.error());
  if (newest->empty() && given.empty())
    return fail(Code::invalid, "there is no run yet in " + dir_.root,
                "runs of another state directory are found with --state DIR, or $DAVY_STATE");
  if (newest->empty())
    return fail(Code::invalid, fmt::format("there is no run {} in {}, nor any other", given, dir_.root),
                "runs of another state directory are found with --state DIR, or $DAVY_STATE");
  if (!given.empty()) return wait((*store())->info(given));
  auto open = list({.open_only = true});
  if (!open) return std::unexpected(open.error());
  if (open->size() > 1) return fail(Code::invalid, "several runs are open: name one", "`davy status` lists them");
  auto& meant = open->empty() ? newest->front() : open->front();
  if (!meant.damage.empty()) return fail(Code::internal, meant.damage, "`davy history` lists the others");
  return meant;
}

Result<std::vector<view::TimedEvent>> Runs::events(const std::string& run, std::int64_t after) {
  auto s = store();
  if (!s) return std::unexpected(s.error());
  auto records = wait((*s)->read(run, after));
  if (!records) return std::unexpected(records.error());
  std::vector<view::TimedEvent> out;
  for (auto& record : *records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = engine::event_of(record);
    if (!event) return std::unexpected(event.error());
    out.push_back({record.seq, std::move(*event), record.at});
  }
  return out;
}

namespace {

// A watch goes on under the same key after the run has ended, and a release that is shipped again has it from before.
struct Stretch {
  Time from, to;
};
Stretch samples_time(const ports::RunInfo& run) {
  constexpr auto kLongest = std::chrono::seconds(1);  // of those at its ends
  return {run.started - kLongest, run.ended ? *run.ended + kLongest : Time::max()};
}

}  // namespace

std::vector<judge::Window> Runs::windows(const ports::RunInfo& run, Time from) {
  auto stretch = samples_time(run);
  auto samples = wait((*store())->since(ports::samples_of(run), std::max(from, stretch.from), stretch.to));
  return samples ? std::move(*samples) : std::vector<judge::Window>{};
}

std::vector<judge::Window> Runs::outlines(const ports::RunInfo& run, std::size_t points) {
  auto [from, to] = samples_time(run);
  auto samples = wait((*store())->between(ports::samples_of(run), from, to, points));
  return samples ? std::move(*samples) : std::vector<judge::Window>{};
}

// Only a run that takes one back has no plan of its own. Empty: it does not.
std::string Runs::takes_back(const ports::RunInfo& run) {
  if (!run.damage.empty() || !run.digest.empty()) return "";
  auto first = events(run.id);
  auto started = first && !first->empty() ? std::get_if<run::Started>(&first->front().event) : nullptr;
  return started ? started->takes_back : "";
}

std::string Runs::since(const ports::RunInfo& run, const std::string& service) {
  auto all = list({.service = service, .environment = run.environment});
  std::map<std::string, std::string> gone;  // what was taken back, and by which run
  for (auto& one : all ? *all : std::vector<ports::RunInfo>{}) {
    if (one.number == run.number) break;
    if (!one.damage.empty() || gone.contains(one.id)) continue;
    if (one.ending == "done") return fmt::format("{} {} serves since, by run {}", service, one.version, one.id);
    if (one.ending == "abandoned" || one.ending == "needs people")
      return fmt::format("run {} came after it: {}", one.id, *one.ending);
    if (auto back = one.ending == "rolled back" ? takes_back(one) : ""; !back.empty()) gone[back] = one.id;
  }
  return gone.contains(run.id) ? fmt::format("taken back since by run {}", gone[run.id]) : "";
}

// What a run says of who serves holds until another one ships something.
std::string Runs::since(const ports::RunInfo& run) {
  if (run.ending != "done" && run.ending != "rolled back" && run.ending != "replaced") return "";
  std::vector<std::string> said;
  for (auto& service : run.services)
    if (auto one = since(run, service); !one.empty() && std::ranges::find(said, one) == said.end()) said.push_back(one);
  return joined(said, "; ");
}

Result<view::RunView> Runs::view(const std::string& run) {
  auto all = events(run);
  if (!all) return std::unexpected(all.error());
  auto info = wait((*store())->info(run));
  if (!info) return std::unexpected(info.error());
  auto out = view::project(run, *all, outlines(*info), now());
  if (auto came = since(*info); !came.empty()) out.question_or_sentence += "; " + came;
  if (!info->ended || out.ended) return out;
  // It never began: the run that it was to replace ended otherwise.
  auto ending = spec::decoded<run::Ending>(spec::text(info->ending.value_or("")), "how it ended");
  out.ended = info->ended, out.ending = ending ? *ending : run::Ending::refused;
  out.question_or_sentence = info->sentence, out.next.clear(), out.next_command.clear();
  return out;
}

}  // namespace davy::control
