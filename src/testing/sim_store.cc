#include "engine/run/records.h"
#include "store/bodies.h"
#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

ports::Task<> write(Life& life, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record> records, bool claim) {
  auto& r = life.reality;
  co_await life.act();  // died before it was durable
  if (seq != static_cast<std::int64_t>(r.journal.size())) co_return fail(Code::conflict, "somebody else appended");
  if (claim ? epoch <= r.epoch : epoch != r.epoch) co_return fail(Code::conflict, "somebody else has the run");
  r.epoch = epoch;
  for (auto& record : records) {
    r.recorded(record);
    r.journal.push_back(std::move(record));
  }
  co_await life.sleep(200us);
  co_await life.act();  // died after
  co_return Result<>{};
}

}  // namespace

ports::Task<> SimJournal::create(ports::RunInfo, std::vector<ports::Record> first) {
  life.reality.journal = std::move(first);
  co_return Result<>{};
}

ports::Task<> SimJournal::open(ports::Opening) { co_return NoInstances::gone(); }

ports::Task<> SimJournal::append(std::string, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record> records,
                                 ports::After then) {
  if (then.close) {
    life.reality.closed = then.close->ending;
    records.push_back(store::closed(ports::StreamKind::run, life.reality.now, *then.close));
  }
  co_return co_await write(life, epoch, seq, std::move(records), false);
}

ports::Task<> SimJournal::claim(std::string, std::int64_t epoch, std::int64_t seq, std::vector<ports::Record> records) {
  co_return co_await write(life, epoch, seq, std::move(records), true);
}

ports::Task<std::vector<ports::Record>> SimJournal::read(std::string, std::int64_t after) {
  auto& all = life.reality.journal;
  co_return std::vector<ports::Record>(all.begin() + after, all.end());
}

ports::Task<ports::RunInfo> SimJournal::info(std::string) { co_return NoInstances::gone(); }
ports::Task<ports::StreamInfo> SimJournal::stream(std::string) { co_return NoInstances::gone(); }
ports::Task<std::vector<ports::RunInfo>> SimJournal::runs(Filter) { co_return NoInstances::gone(); }
ports::Task<std::vector<ports::StreamInfo>> SimJournal::open_streams(ports::StreamKind) {
  co_return NoInstances::gone();
}
ports::Task<std::optional<std::string>> SimJournal::holder(std::string) { co_return NoInstances::gone(); }

ports::Task<> SimSamples::add(ports::SampleKey, std::vector<ports::Sample> samples) {
  for (auto& one : samples) {
    auto& all = life.reality.samples;
    auto place = std::ranges::lower_bound(all, one.from, {}, &ports::Sample::from);
    if (place != all.end() && place->from == one.from)
      *place = std::move(one);
    else
      all.insert(place, std::move(one));
  }
  co_return Result<>{};
}

ports::Task<std::vector<ports::Sample>> SimSamples::since(ports::SampleKey, Time from, Time to, std::int64_t) {
  std::vector<ports::Sample> out;
  std::ranges::copy_if(life.reality.samples, std::back_inserter(out),
                       [&](auto& one) { return one.from >= from && one.from < to; });
  co_return out;
}

ports::Task<std::vector<ports::Sample>> SimSamples::between(ports::SampleKey, Time, Time, std::size_t) {
  co_return NoInstances::gone();
}
ports::Task<std::int64_t> SimSamples::prune(Before) { co_return NoInstances::gone(); }

// As the real one: what cannot be carried out now is not armed, and nobody arms before hearing that users were moved.
ports::Task<> SimGuard::arm(ports::WayBack way) {
  co_await life.act();
  auto& r = life.reality;
  if (r.taken && !r.taken_told) co_return fail(Code::conflict, "users were moved, and nobody has heard of it");
  for (auto& move : way.moves) {
    if (r.router_is_away(move)) co_return fail(Code::unavailable, move.what + ": no answer");
    if (way.rehearse && !r.carry_out(move)) co_return fail(Code::unavailable, move.what + ": the proof does not hold");
  }
  if (way.rehearse) r.check_traffic("a rehearsal");
  r.keeper_alive = true;  // a client that finds none starts one
  bool counts_already = r.armed && !r.taken;
  if (!counts_already) r.last_judged = r.now;
  r.armed = std::move(way);
  r.taken.reset();
  co_return Result<>{};
}

ports::Task<> SimGuard::judged() {
  life.reality.last_judged = life.reality.now;
  co_return Result<>{};
}

ports::Task<> SimGuard::disarm() {
  auto& r = life.reality;
  if (r.taken && !r.taken_told) co_return fail(Code::conflict, "users were moved, and nobody has heard of it");
  r.armed.reset();
  r.taken.reset();
  co_return Result<>{};
}

ports::Task<std::optional<ports::Guard::Taken>> SimGuard::taken() {
  life.reality.taken_told = life.reality.taken.has_value();
  co_return life.reality.taken;
}

ports::Task<ports::CommandEnd> SimProcess::await_end(std::string key) {
  auto& command = life.reality.commands.at(key);
  if (command.ends > life.reality.now && !command.ended && !co_await life.sleep_until(command.ends))
    co_return fail(Code::cancelled, "no longer waited for");
  ports::CommandEnd end;
  if (command.seen) end.exit_code = command.exit_code;
  command.ended = true;
  co_return end;
}

// Questions: `which code`, `which schema`. They change nothing, so there is no point at which to die.
ports::Task<ports::CommandEnd> SimProcess::ask(ports::CommandSpec spec) {
  auto& r = life.reality;
  co_await life.sleep(r.between(5ms, 200ms));
  if (r.chance(r.faults.transient)) co_return ports::CommandEnd{.exit_code = 1};
  auto answer = spec.argv.back() == "which code" ? r.code : std::to_string(r.schema);
  co_return ports::CommandEnd{.exit_code = 0, .output = answer};
}

// The plan's texts: `ship`, `migrate`, `migrate back`, `work`, `ticket`, `tell`, `tell back`. What they do is done when
// they begin.
ports::Task<ports::CommandEnd> SimProcess::launch(std::string key, ports::CommandSpec spec) {
  auto& r = life.reality;
  if (key.empty()) co_return fail(Code::internal, "a command without a key");
  if (r.commands.contains(key)) co_return co_await await_end(key);
  co_await life.act();  // the intent is recorded, nothing was begun
  auto& text = spec.argv.back();
  bool undo = text.ends_with(" back");
  bool fails = undo ? text == "tell back" && r.undo_behind == "fails" : r.chance(r.faults.transient);
  if (text == "tell back" && r.retreating && r.share_of_candidate() > 0)
    r.violated("users stayed with the candidate for an undo that is not about them");
  if (!fails && text == "ship") r.code = spec.env.at("version");
  if (!fails && text == "migrate") r.schema = 2;
  if (!fails && text == "migrate back")
    r.schema = 1;  // as every undo must be: safe when the step was not done, or half
  auto length = r.between(5ms, 3s);
  if (text == "tell back" && r.undo_behind == "slow") length = 30s;
  if (text == "tell back" && r.undo_behind == "hangs") length = 24h * 365;
  r.commands[key] = {r.now + length, fails ? 1 : 0, true, false};
  co_await life.act();  // begun, and nobody heard of it
  co_return co_await await_end(key);
}

ports::Task<std::optional<ports::CommandEnd>> SimProcess::find(std::string key) {
  if (!life.reality.commands.contains(key)) co_return std::optional<ports::CommandEnd>{};
  auto end = co_await await_end(key);
  if (!end) co_return std::unexpected(end.error());
  co_return std::optional(*end);
}

ports::Task<> SimProcess::end(std::string key, Duration) {
  life.reality.end_commands(key);
  co_await life.sleep(10ms);
  co_return Result<>{};
}

}  // namespace davy::testing
