#include "control/creating.h"

#include "control/driving.h"
#include "control/serving/serving.h"
#include "control/untold.h"
#include "store/run_id.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

// How long samples are kept: docs/operating.md.
constexpr Duration kDetails = 30 * 24h, kOutlines = 400 * 24h, kAtRest = 1h;
constexpr int kMostRounds = 30;  // a state of long ago is taken up by several deployments

// Little by little, since engines of other runs write there too. What cannot be dropped is no reason not to deploy.
void forget_old_samples(Runs& runs, ports::Samples& samples, Time now) {
  Result<std::int64_t> done = 1;
  for (int round = 0; round < kMostRounds && done && *done > 0; ++round)
    done = runs.wait(samples.prune({.all = now - kOutlines, .details = now - kDetails, .at_rest = now - kAtRest}));
}

ports::RunInfo info_of(const run::Started& started, const std::string& run, Time now) {
  ports::RunInfo info{.id = run,
                      .environment = started.runbook.environment,
                      .version = started.runbook.version,
                      .release = started.runbook.subjects.front().candidate.id,
                      .runbook_hash = started.hash,
                      .who = started.who.name(),
                      .why = started.why,
                      .started = now};
  for (auto& subject : started.runbook.subjects) info.services.push_back(subject.service);
  return info;
}

Result<> write(Runs& runs, const run::Started& started, const ports::RunInfo& info) {
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  forget_old_samples(runs, **store, info.started);
  auto first = engine::record_of(started, 1, info.started);
  return runs.wait((*store)->create(info, {first}));
}

Result<> write_and_drive(Runs& runs, const run::Started& started, const ports::RunInfo& info) {
  auto begins = host::Beginning::of(runs.dir(), info.id);
  if (!begins) return std::unexpected(begins.error());
  if (auto written = write(runs, started, info); !written) return written;
  if (auto driven = see_that_it_is_driven(runs, info.id); !driven) return std::unexpected(driven.error());
  if (!started.runbook.notices.null()) tell_what_was_left(runs);
  return {};
}

std::pair<run::Started, ports::RunInfo> beginning(Runs& runs, const Draft& draft, const Wish& wish) {
  run::Started started{.runbook = draft.book, .hash = draft.hash, .who = wish.who, .why = wish.why};
  auto info = info_of(started, draft.run, runs.now());
  info.digest = draft.digest;
  return {std::move(started), std::move(info)};
}

}  // namespace

Result<> create(Runs& runs, const Draft& draft, const Wish& wish) {
  auto [started, info] = beginning(runs, draft, wish);
  return write_and_drive(runs, started, info);
}

Result<host::Beginning> create_behind(Runs& runs, const Draft& draft, const Wish& wish) {
  auto [started, info] = beginning(runs, draft, wish);
  info.replaces = wish.replaces;
  auto begins = host::Beginning::of(runs.dir(), info.id);
  if (!begins) return begins;
  if (auto written = write(runs, started, info); !written) return std::unexpected(written.error());
  return begins;
}

void give_up(Runs& runs, const std::string& run, const Error& why) {
  auto info = runs.find(run);
  auto store = runs.store();
  if (!info || info->ended || !store) return;
  run::Ended ended{run::Ending::refused, why.message};
  auto record = engine::record_of(ended, info->seq + 1, runs.now());
  // An engine that drives it by now is not disturbed: then this is a conflict.
  (void)runs.wait(
      (*store)->append(run, info->epoch, info->seq, {record}, {.close = ports::Close{"refused", why.message, true}}));
}

Result<std::string> take_back(Runs& runs, const ports::RunInfo& done, const run::Speaker& who, const std::string& why,
                              run::Data data) {
  auto started = taking_back(runs, done);
  if (!started) return std::unexpected(started.error());
  started->who = who, started->why = why, started->data = data;
  auto info = info_of(*started, store::new_run_id(runs.now()), runs.now());
  if (auto begun = write_and_drive(runs, *started, info); !begun) return std::unexpected(begun.error());
  return info.id;
}

}  // namespace davy::control
