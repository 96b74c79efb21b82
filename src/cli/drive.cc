#include "cli/drive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "cli/baselines.h"
#include "host/engine_process.h"
#include "host/keeper_start.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"
#include "rollout/rollout.h"
#include "store/run_id.h"

extern char** environ;

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

using Ran = std::optional<ports::RunInfo>;

bool ended_openly(const ports::RunInfo& run) { return run.ending == "left" || run.ending == "needs people"; }

// A run that a person left, or that failed on its way back, tells nobody which release serves: a person must.
Result<Ran> as_said(const ports::RunInfo& left, const Ran& done, const std::string& said) {
  if (said == left.version) return left;
  if (done && said == done->version) return done;
  auto before = done ? done->version : "nothing";
  auto question = fmt::format("run {} of version {} ended as `{}`: Davy does not know whether {} or {} serves now",
                              left.id, left.version, *left.ending, before, left.version);
  return fail(Code::refused, question, fmt::format("look, then say so with --serves {}", done ? before : left.version));
}

// What nobody can read may have shipped anything.
Result<Ran> past_damage(const ports::RunInfo& damaged, const Ran& done, const std::string& said) {
  if (done && said == done->version) return done;
  return fail(
      Code::internal, damaged.damage + ": so Davy does not know what serves now",
      done ? fmt::format("look; when it is what run {} shipped, say so with --serves {}", done->id, done->version)
           : "copy the state directory away, and begin another with --state DIR");
}

// The newest run that was done tells what serves now: its candidate. What was refused or rolled back changed nothing.
Result<Ran> what_serves(Session& session, const std::string& service, const Wish& wish) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  auto runs = session.wait((*store)->runs({.service = service, .environment = wish.environment}));
  if (!runs) return std::unexpected(runs.error());
  auto done = std::ranges::find(*runs, std::optional<std::string>("done"), &ports::RunInfo::ending);
  auto left = std::ranges::find_if(runs->begin(), done, ended_openly);
  auto known = done == runs->end() ? Ran() : Ran(*done);
  auto damaged = std::ranges::find_if(runs->begin(), done, [](auto& run) { return !run.damage.empty(); });
  if (damaged != done) return past_damage(*damaged, known, wish.serves);
  return left == done ? Result<Ran>(known) : as_said(*left, known, wish.serves);
}

std::vector<std::string> engine_argv(const Session& session, const std::string& run) {
  return {"/proc/self/exe", "engine", run, "--state", session.dir().root};
}

bool driven(Session& session, const std::string& run) {
  auto holder = io::LockFile::holder(session.dir().engine_lock(run));
  return holder && holder->has_value();
}

bool comes_to_drive(Session& session, const std::string& run, Duration within) {
  for (auto until = session.now() + within; session.now() < until; std::this_thread::sleep_for(10ms))
    if (driven(session, run)) return true;
  return driven(session, run);
}

// The keeper lives but has given up on the engine: one without it, in a session of its own.
Result<> spawn_engine(const std::vector<std::string>& argv) {
  std::vector<char*> raw;
  for (auto& arg : argv) raw.push_back(const_cast<char*>(arg.c_str()));
  raw.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  pid_t pid = 0;
  auto error = ::posix_spawn(&pid, raw[0], &files, &attributes, raw.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(Code::internal, "the engine could not be started");
  return {};
}

Result<std::vector<run::Subject>> subjects_of(Session& session, const Loaded& plan, const Wish& wish,
                                              const std::string& run, Draft& out) {
  std::vector<run::Subject> subjects;
  out.already_serves = true;
  for (auto& service : plan.plan.services) {
    run::Subject s{.service = service.name,
                   .candidate = {wish.version, rollout::release_id(service.name, wish.version, run)}};
    auto before = what_serves(session, service.name, wish);
    if (!before) return std::unexpected(before.error());
    if (*before)
      s.previous = {(*before)->version, rollout::release_id(service.name, (*before)->version, (*before)->id)};
    out.already_serves &= *before && (*before)->version == wish.version && (*before)->digest == out.digest;
    subjects.push_back(std::move(s));
  }
  return subjects;
}

// Little by little, since engines of other runs write there too. What cannot be dropped is no reason not to deploy.
void forget_old_samples(Session& session, ports::Samples& samples, Time now) {
  for (auto [grain, age] : kSampleAges)
    for (auto dropped = Result<std::int64_t>(1); dropped && *dropped > 0;)
      dropped = session.wait(samples.prune(grain, now - age));
}

}  // namespace

std::string claimed(const std::string& as) {
  auto user = io::this_machine().user;
  return as.empty() ? user : fmt::format("{} as {}", user, as);
}

Result<Draft> draft(Session& session, const Loaded& plan, const Wish& wish) {
  Draft out{.digest = sha256(plan.text + "\n" + wish.environment), .run = store::new_run_id(session.now())};
  auto subjects = subjects_of(session, plan, wish, out.run, out);
  if (!subjects) return std::unexpected(subjects.error());
  auto book = rollout::expand(plan.plan, {wish.environment, wish.version, out.run, *subjects});
  if (!book) return std::unexpected(book.error());
  out.book = std::move(*book);
  auto directory = directory_of(plan);
  if (auto complete_now = complete(session, plan.plan, out.book, session.now(), directory); !complete_now)
    return std::unexpected(complete_now.error());
  std::get<spec::Map>(out.book.setup.is).push_back({"directory", {}, spec::text(directory)});
  out.hash = sha256(spec::dump(spec::encode(out.book)));
  return out;
}

Result<> begin(Session& session, const Draft& draft, const Wish& wish) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  auto now = session.now();
  forget_old_samples(session, **store, now);
  ports::RunInfo info{.id = draft.run,
                      .environment = wish.environment,
                      .version = wish.version,
                      .release = draft.book.subjects.front().candidate.id,
                      .digest = draft.digest,
                      .runbook_hash = draft.hash,
                      .who = claimed(wish.who),
                      .why = wish.why,
                      .started = now};
  for (auto& subject : draft.book.subjects) info.services.push_back(subject.service);
  auto first = engine::record_of(run::Started{draft.book, draft.hash, info.who}, 1, now);
  if (auto created = session.wait((*store)->create(info, {first})); !created) return created;
  if (auto driven = see_that_it_is_driven(session, draft.run); !driven) return std::unexpected(driven.error());
  return {};
}

Result<bool> see_that_it_is_driven(Session& session, const std::string& run) {
  if (driven(session, run)) return false;
  auto info = session.run(run);
  if (!info) return std::unexpected(info.error());
  if (info->ended) return false;
  auto options = host::keeper_options(session.dir(), session.dir().spool(run));
  options.engine = engine_argv(session, run);
  if (auto started = io::start_keeper("/proc/self/exe", options); !started) return std::unexpected(started.error());
  if (comes_to_drive(session, run, 2s)) return true;
  if (info = session.run(run); info && info->ended) return false;
  if (auto spawned = spawn_engine(engine_argv(session, run)); !spawned) return std::unexpected(spawned.error());
  return true;
}

Result<std::string> ask(Session& session, const std::string& run, std::string what, std::string about, std::string note,
                        const std::string& as) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  auto number = session.wait((*store)->put(run, {0, session.now(), claimed(as), what, about, note}));
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
