#include "providers/platform/systemd_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/platform/last_words.h"
#include "providers/platform/reach.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Given;
using ports::Task;
using ports::UnitAct;
using ports::UnitState;
using Names = std::vector<std::string>;

constexpr Duration kKilled = 10s;  // until a unit is down whose processes were killed

std::unexpected<Error> unknown(const std::string& unit) {
  return fail(Code::invalid, "systemd knows no unit " + unit, "`systemctl list-unit-files` has those that it knows");
}

bool loads(const UnitState& state, const Given& given) {
  return std::ranges::find(state.environment_files, given.environment) != state.environment_files.end();
}

}  // namespace

ReleaseUnits::ReleaseUnits(ports::Outside& out, const ports::Place& at, run::Release release, SystemdOptions o,
                           ports::Asking who)
    : out_(out), at_(at), release_(std::move(release)), o_(std::move(o)), who_(std::move(who)) {}

// It has never run without what it was given for it.
bool ReleaseUnits::shipped_by_this_run() const {
  auto run = who_.variables.find("run");
  return run != who_.variables.end() && !run->second.empty() && release_.id.ends_with("~" + run->second);
}

Task<std::vector<OneUnit>> ReleaseUnits::found() {
  std::vector<OneUnit> out;
  if (in_place()) {
    auto one = co_await in_its_place();
    if (!one) co_return std::unexpected(one.error());
    if (*one) out.push_back(**std::move(one));
    co_return out;
  }
  auto all = co_await out_.units->given(o_.manager(), full_name(o_.unit));
  if (!all) co_return std::unexpected(all.error());
  for (auto& given : *all) {
    auto note = note_in(given);
    if (!note || note->release != release_.id) continue;
    auto state = co_await out_.units->look(o_.manager(), given.unit);
    if (!state) co_return std::unexpected(state.error());
    bool loaded = loads(*state, given);
    out.push_back({given.unit, *std::move(note), *std::move(state), loaded});
  }
  std::ranges::sort(out, {}, [](auto& one) { return one.note.index; });
  co_return out;
}

// The one slot. What runs there without anything of Davy's was there before it: the previous release, unless this run
// shipped the one that is asked for.
Task<std::optional<OneUnit>> ReleaseUnits::in_its_place() {
  auto unit = full_name(o_.unit);
  auto state = co_await out_.units->look(o_.manager(), unit);
  if (!state) co_return std::unexpected(state.error());
  if (!state->known()) co_return unknown(unit);
  auto given = co_await out_.units->given(o_.manager(), unit);
  if (!given) co_return std::unexpected(given.error());
  auto note = given->empty() ? std::nullopt : note_in(given->front());
  if (note && loads(*state, given->front())) {
    if (note->release != release_.id) co_return std::nullopt;
    co_return OneUnit{unit, *std::move(note), *std::move(state), true};
  }
  if (shipped_by_this_run()) co_return std::nullopt;
  co_return OneUnit{unit, {.release = release_.id, .version = release_.version}, *std::move(state), false};
}

Task<Names> ReleaseUnits::make_ready(int n) {
  auto mine = co_await found();
  if (!mine) co_return std::unexpected(mine.error());
  Names begun;
  for (std::int32_t index = 0; index < n; ++index) {
    auto unit = co_await ready(index, *mine);
    if (!unit) co_return std::unexpected(unit.error());
    if (!unit->empty()) begun.push_back(*std::move(unit));
  }
  if (begun.empty()) co_return begun;
  if (auto read = co_await out_.units->reload(o_.manager()); !read) co_return std::unexpected(read.error());
  for (auto& unit : begun)
    if (auto loaded = co_await is_loaded(unit); !loaded) co_return std::unexpected(loaded.error());
  co_return begun;
}

// What it is given is given only while it is down, so whatever lives of it afterwards has it. Empty: it lives already.
Task<std::string> ReleaseUnits::ready(std::int32_t index, const std::vector<OneUnit>& mine) {
  auto own = std::ranges::find_if(mine, [&](auto& one) { return one.note.index == index; });
  if (own != mine.end() && own->given && (runs(own->state) || starts(own->state))) co_return "";
  if (own != mine.end() && !in_place())
    if (auto ended = co_await end({own->unit}); !ended) co_return std::unexpected(ended.error());
  auto note = co_await note_for(index);
  if (!note) co_return std::unexpected(note.error());
  auto unit = in_place() ? full_name(o_.unit) : instance_name(o_.unit, note->port);
  if (in_place())  // another release, which nobody stopped
    if (auto stopped = co_await stop({unit}); !stopped) co_return std::unexpected(stopped.error());
  if (auto reset = co_await out_.units->reset_failed(o_.manager(), unit); !reset)
    co_return std::unexpected(reset.error());
  if (auto given = co_await out_.units->give(o_.manager(), unit, gift_of(*note)); !given)
    co_return std::unexpected(given.error());
  co_return unit;
}

Task<SystemdNote> ReleaseUnits::note_for(std::int32_t index) {
  SystemdNote out{release_.id, release_.version, index};
  if (in_place()) co_return out;
  auto used = co_await ports_of_instances(out_);
  if (!used) co_return std::unexpected(used.error());
  auto all = co_await out_.units->given(o_.manager(), full_name(o_.unit));
  if (!all) co_return std::unexpected(all.error());
  for (auto& given : *all)
    if (auto note = note_in(given)) used->insert(note->port);
  for (;;) {
    auto port = co_await free_port(out_, o_.host, o_.ports, *used, who_.taken);
    if (!port) co_return std::unexpected(port.error());
    auto unit = instance_name(o_.unit, *port);
    auto state = co_await out_.units->look(o_.manager(), unit);
    if (!state) co_return std::unexpected(state.error());
    if (!state->known()) co_return unknown(full_name(o_.unit));
    out.port = *port;
    if (is_down(*state)) co_return out;
    used->insert(*port);  // somebody's own, that does not listen yet
  }
}

Task<> ReleaseUnits::is_loaded(std::string unit) {
  auto state = co_await out_.units->look(o_.manager(), unit);
  if (!state) co_return std::unexpected(state.error());
  auto given = co_await out_.units->given(o_.manager(), unit);
  if (!given) co_return std::unexpected(given.error());
  if (!state->known()) co_return unknown(unit);
  if (given->empty()) co_return fail(Code::unavailable, "what " + unit + " was given is gone again: try once more");
  if (!loads(*state, given->front())) co_return std::unexpected(not_loaded(*state, given->front()));
  if (auto folder = gift_of({}).directory; state->directory != folder && !folder.empty())
    co_return fail(Code::invalid, fmt::format("{} would start in {}, not in {}", unit, state->directory, folder),
                   "a `WorkingDirectory=` in a drop-in behind Davy's takes it away: leave that out");
  co_return Result<>();
}

// Of a template each instance starts in its own release's folder; in place a unit starts in what is current.
ports::Gift ReleaseUnits::gift_of(const SystemdNote& note) const {
  auto out = gift(note, at_, who_);
  if (!in_place()) out.directory = release_.folder;
  return out;
}

Task<std::vector<ports::Home>> ReleaseUnits::homes() {
  auto unit = in_place() ? full_name(o_.unit) : instance_name(o_.unit, o_.ports.first);
  auto state = co_await out_.units->look(o_.manager(), unit);
  if (!state) co_return std::unexpected(state.error());
  if (!state->known()) co_return unknown(full_name(o_.unit));
  auto file = full_name(o_.unit);
  co_return std::vector{ports::Home{.what = file,
                                    .directory = state->directory,
                                    .directory_line = "WorkingDirectory=",
                                    .program = state->program,
                                    .program_line = "ExecStart=",
                                    .where = fmt::format("by `systemctl {}edit --full {}`",
                                                         o_.manager() == ports::Manager::user ? "--user " : "", file),
                                    .given = !in_place()}};
}

// What it is given for a moment is this release's: that it runs is known already.
Task<> ReleaseUnits::can_be_given(OneUnit one) {
  if (!in_place() || one.given || is_down(one.state)) co_return Result<>();
  auto manager = o_.manager();
  if (auto given = co_await out_.units->give(manager, one.unit, gift_of(one.note)); !given) co_return given;
  auto loaded = co_await out_.units->reload(manager);
  if (loaded) loaded = co_await is_loaded(one.unit);
  if (loaded) co_return loaded;
  if (auto taken = co_await out_.units->take_back(manager, one.unit); !taken) co_return taken;
  if (auto read = co_await out_.units->reload(manager); !read) co_return read;
  loaded.error().code = Code::refused;
  co_return loaded;
}

Task<> ReleaseUnits::keep(const std::vector<OneUnit>& all) {
  for (auto& one : all) {
    if (in_place() || one.state.enabled()) continue;  // in place that is somebody else's affair
    if (auto kept = co_await out_.units->enable(o_.manager(), one.unit, true); !kept) co_return kept;
  }
  co_return Result<>();
}

Task<> ReleaseUnits::end(Names units) {
  if (units.empty()) co_return Result<>();
  if (auto stopped = co_await stop(units); !stopped) co_return stopped;
  for (auto& unit : units) {
    if (!in_place())
      if (auto off = co_await out_.units->enable(o_.manager(), unit, false); !off) co_return off;
    if (auto reset = co_await out_.units->reset_failed(o_.manager(), unit); !reset) co_return reset;
    if (auto taken = co_await out_.units->take_back(o_.manager(), unit); !taken) co_return taken;
  }
  co_return co_await out_.units->reload(o_.manager());
}

Task<> ReleaseUnits::stop(Names units) {
  auto within = o_.stop_within.value_or(who_.timeout);
  auto ends = co_await out_.units->act(o_.manager(), UnitAct::stop, units, within);
  if (!ends) co_return std::unexpected(ends.error());
  std::erase_if(*ends, [](auto& end) { return end.done(); });
  if (!ends->empty() && o_.stop_within) {
    Names stubborn;
    for (auto& end : *ends) stubborn.push_back(end.unit);
    for (auto& unit : stubborn)
      if (auto killed = co_await out_.units->kill(o_.manager(), unit); !killed) co_return killed;
    ends = co_await out_.units->act(o_.manager(), UnitAct::stop, stubborn, kKilled);
    if (!ends) co_return std::unexpected(ends.error());
    std::erase_if(*ends, [](auto& end) { return end.done(); });
  }
  if (ends->empty()) co_return Result<>();
  auto& first = ends->front();
  co_return fail(Code::timed_out,
                 fmt::format("{} does not end: its job is {} after {}", first.unit, first.result, human(within)),
                 "its TimeoutStopSec= says when systemd kills it; or `stop-within`");
}

ports::asio::awaitable<std::string> ReleaseUnits::last_words_of(std::string unit, Time since) {
  for (int looks = 0; looks < 5; ++looks) {  // what is printed is in the journal a moment later
    auto end = co_await out_.process.ask(journal_request(o_.manager(), unit, since));
    if (!end || end->exit_code != 0) break;
    if (auto words = last_words(end->output); !words.empty()) co_return words;
    if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + 100ms); !slept) break;
  }
  co_return "";
}

std::string ReleaseUnits::health_of(const OneUnit& one) const {
  if (o_.health.empty()) return "";
  return in_place() ? health_behind(o_.health, who_.variables).value_or("")
                    : health_at(o_.health, o_.host, one.note.port);
}

}  // namespace davy::providers
