#include "cli/drive.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "cli/adopting.h"
#include "cli/baselines.h"
#include "cli/one_router.h"
#include "cli/serving.h"
#include "host/engine_process.h"
#include "host/keeper_start.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"
#include "io/posix/spawn.h"
#include "rollout/rollout.h"
#include "store/run_id.h"

namespace davy::cli {
namespace {

using namespace std::chrono_literals;

// How long samples of each grain are kept: docs/operating.md.
constexpr std::pair<Duration, Duration> kSampleAges[] = {{1s, 30 * 24h}, {10s, 90 * 24h}, {1min, 400 * 24h}};

std::string sha256(std::string_view text) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), hash, &size, EVP_sha256(), nullptr);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

bool comes_to_drive(Session& session, const std::string& run, Duration within) {
  for (auto until = session.now() + within; session.now() < until; std::this_thread::sleep_for(10ms))
    if (driven(session, run)) return true;
  return driven(session, run);
}

// The previous release comes with how it was run when it was shipped.
Result<run::Release> previous_of(Session& session, const plan::Service& service, const Wish& wish, Draft& out) {
  auto serves = what_serves(session, service.name, wish.environment, wish.serves);
  if (!serves) return std::unexpected(serves.error());
  out.already_serves &= *serves && (*serves)->release.version == wish.version && (*serves)->digest == out.digest;
  if (!*serves) return adopted(service, wish.serves);
  if (auto& was = (*serves)->platform; !was.empty() && was != service.platform.name)
    return fail(Code::refused,
                fmt::format("{} {} was shipped on platform `{}`, and the plan says `{}` now: Davy could not take a "
                            "deployment back",
                            service.name, (*serves)->release.version, was, service.platform.name),
                "give the service another name: it begins anew there, and the old one is taken down by hand");
  return (*serves)->release;
}

Result<std::vector<run::Subject>> subjects_of(Session& session, const Loaded& plan, const Wish& wish,
                                              const std::string& run, Draft& out) {
  std::vector<run::Subject> subjects;
  out.already_serves = true;
  for (auto& service : plan.plan.services) {
    auto previous = previous_of(session, service, wish, out);
    if (!previous) return std::unexpected(previous.error());
    subjects.push_back({.service = service.name,
                        .candidate = {wish.version, rollout::release_id(service.name, wish.version, run)},
                        .previous = std::move(*previous)});
  }
  return subjects;
}

// Little by little, since engines of other runs write there too. What cannot be dropped is no reason not to deploy.
void forget_old_samples(Session& session, ports::Samples& samples, Time now) {
  for (auto [grain, age] : kSampleAges)
    for (auto dropped = Result<std::int64_t>(1); dropped && *dropped > 0;)
      dropped = session.wait(samples.prune(grain, now - age));
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

Result<> create(Session& session, const run::Started& started, const ports::RunInfo& info) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  forget_old_samples(session, **store, info.started);
  auto first = engine::record_of(started, 1, info.started);
  return session.wait((*store)->create(info, {first}));
}

Result<> begin_with(Session& session, const run::Started& started, const ports::RunInfo& info) {
  if (auto created = create(session, started, info); !created) return created;
  if (auto driven = see_that_it_is_driven(session, info.id); !driven) return std::unexpected(driven.error());
  return {};
}

std::pair<run::Started, ports::RunInfo> beginning(Session& session, const Draft& draft, const Wish& wish) {
  run::Started started{.runbook = draft.book, .hash = draft.hash, .who = speaker(wish.who), .why = wish.why};
  auto info = info_of(started, draft.run, session.now());
  info.digest = draft.digest;
  return {std::move(started), std::move(info)};
}

}  // namespace

bool driven(Session& session, const std::string& run) {
  auto holder = io::LockFile::holder(session.dir().engine_lock(run));
  return holder && holder->has_value();
}

run::Speaker speaker(const std::string& as) {
  run::Speaker out{.who = io::this_machine().user, .uid = ::getuid(), .via = "terminal"};
  if (!as.empty()) out.roles.push_back(as);
  return out;
}

Result<Draft> draft(Session& session, const Loaded& plan, const Wish& wish) {
  Draft out{.digest = sha256(plan.text + "\n" + wish.environment), .run = store::new_run_id(session.now())};
  auto subjects = subjects_of(session, plan, wish, out.run, out);
  if (!subjects) return std::unexpected(subjects.error());
  auto expanded = [&] {
    return rollout::expand(plan.plan, {wish.environment, wish.version, out.run, *subjects, wish.urgent});
  };
  auto book = expanded();
  if (!book) return std::unexpected(book.error());
  auto directory = directory_of(plan);
  book->setup.directory = directory;
  if (wish.serves.empty()) {
    auto found = ask_what_serves(session, plan.plan, *book, *subjects);
    if (!found) return std::unexpected(found.error());
    if (*found && !(book = expanded())) return std::unexpected(book.error());
  }
  out.book = std::move(*book);
  if (auto complete_now = complete(session, plan.plan, out.book, session.now(), directory); !complete_now)
    return std::unexpected(complete_now.error());
  out.book.setup.directory = directory;
  if (auto free = nobody_elses_router(session, out.book); !free) return std::unexpected(free.error());
  out.hash = sha256(spec::dump(spec::encode(out.book)));
  return out;
}

Result<> begin(Session& session, const Draft& draft, const Wish& wish) {
  auto [started, info] = beginning(session, draft, wish);
  return begin_with(session, started, info);
}

Result<> stand_behind(Session& session, const Draft& draft, const Wish& wish) {
  auto [started, info] = beginning(session, draft, wish);
  info.replaces = wish.replaces;
  return create(session, started, info);
}

void give_up(Session& session, const std::string& run, const Error& why) {
  auto info = session.run(run);
  auto store = session.store();
  if (!info || info->ended || !store) return;
  run::Ended ended{run::Ending::refused, why.message};
  auto record = engine::record_of(ended, info->seq + 1, session.now());
  // An engine that drives it by now is not disturbed: then this is a conflict.
  (void)session.wait(
      (*store)->append(run, info->epoch, info->seq, {record}, {.close = ports::Close{"refused", why.message, true}}));
}

Result<std::string> take_back(Session& session, const ports::RunInfo& done, const run::Speaker& who,
                              const std::string& why, run::Data data) {
  auto started = taking_back(session, done);
  if (!started) return std::unexpected(started.error());
  started->who = who, started->why = why, started->data = data;
  auto info = info_of(*started, store::new_run_id(session.now()), session.now());
  if (auto begun = begin_with(session, *started, info); !begun) return std::unexpected(begun.error());
  return info.id;
}

Result<bool> see_that_it_is_driven(Session& session, const std::string& run) {
  if (driven(session, run)) return false;
  auto info = session.run(run);
  if (!info) return std::unexpected(info.error());
  if (info->ended) return false;
  auto options = host::keeper_options(session.dir(), session.dir().spool(run));
  options.engine = host::engine_argv(session.dir(), run);
  if (auto started = io::start_keeper("/proc/self/exe", options); !started) return std::unexpected(started.error());
  if (comes_to_drive(session, run, 2s)) return true;
  if (info = session.run(run); info && info->ended) return false;
  // The keeper lives but has given up on the engine: one without it.
  if (auto spawned = io::spawn_davy(host::engine_argv(session.dir(), run), -1, true); !spawned)
    return std::unexpected(spawned.error());
  return true;
}

Result<std::string> ask(Session& session, const std::string& run, std::string what, std::string about, std::string note,
                        const std::string& as) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  auto who = speaker(as);
  auto number =
      session.wait((*store)->put(run, {0, session.now(), who.name(), what, about, note, engine::text_of(who)}));
  if (!number) return std::unexpected(number.error());
  for (auto until = session.now() + 30s, look_again = Time{}; session.now() < until;
       std::this_thread::sleep_for(20ms)) {
    if (session.now() >= look_again) {  // again and again: an engine that is being killed still holds its lock
      if (auto driven = see_that_it_is_driven(session, run); !driven) return std::unexpected(driven.error());
      look_again = session.now() + 1s;
    }
    auto info = session.run(run);  // before the events: the answer to an abort is written with the end
    auto events = session.events(run);
    if (!events) return std::unexpected(events.error());
    for (auto& e : *events)
      if (auto heard = std::get_if<run::Heard>(&e.event); heard && heard->entry == *number) return heard->answer;
    if (info && info->ended) return "the run has ended: " + info->sentence;
  }
  return fail(Code::timed_out, "the engine has not answered within 30s",
              "its log: " + session.dir().spool(run) + "/engine.log");
}

}  // namespace davy::cli
