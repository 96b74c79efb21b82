#include "host/notices_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "base/text.h"
#include "engine/notice/notifier.h"
#include "engine/run/records.h"
#include "host/stood.h"
#include "io/guard/way_back.h"
#include "io/net/http.h"
#include "io/posix/clock.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"
#include "io/posix/posix.h"
#include "io/secrets/answer_token.h"
#include "io/secrets/encodings.h"
#include "io/secrets/masker.h"
#include "io/secrets/sources.h"
#include "io/ways/hooks.h"
#include "io/ways/mail.h"
#include "io/ways/sayings.h"
#include "io/ways/status_page.h"
#include "store/sqlite/sqlite.h"

namespace davy::host {

namespace asio = boost::asio;

namespace {

void say(const std::string& text) {
  std::fprintf(stderr, "%s %s\n", timestamp(io::wall_time()).c_str(), printable(text).c_str());
}

int cannot(const Error& e) { return say("davy work notices: " + to_string(e)), 1; }

template <class T>
Result<T> settled(asio::io_context& context, ports::Task<T> task) {
  std::optional<Result<T>> out;
  asio::co_spawn(context, std::move(task), [&](std::exception_ptr e, Result<T> value) {
    if (e) std::rethrow_exception(e);
    out.emplace(std::move(value));
    context.stop();
  });
  context.restart();
  context.run();
  return std::move(*out);
}

// Whoever drives a run holds this lock; that it cannot be looked at is not that nobody does.
bool driven(const StateDir& dir, const std::string& run) {
  auto holder = io::LockFile::holder(dir.engine_lock(run));
  return !holder || holder->has_value();
}

std::string moved(const StateDir& dir, const std::string& run) {
  auto taking = io::read_taking(io::Spool(dir.spool(run)));
  if (!taking) return "whether users were moved back cannot be said (" + taking.error().message + ")";
  if (!*taking) return "";
  if (!(*taking)->at) return "its keeper tries to move its users back";
  return fmt::format("its keeper moved users back at {}: {}{}", clock_text(*(*taking)->at),
                     joined((*taking)->done, ", "), (*taking)->open.empty() ? "" : "; not all of it worked yet");
}

// They belong to this run, and are taken where the plan has them; again whenever something failed, for what comes from
// elsewhere than the environment may be another by then. One that is missing is missing for its channel alone. What was
// a secret once is kept out of texts for good.
class RunSecrets {
 public:
  explicit RunSecrets(const run::Runbook& book) : book_(book) {
    if (auto taken = take(); !taken) say(to_string(taken.error()));
  }
  const io::Secrets& now() const { return now_; }
  void renew() {
    if (!book_.setup.env_file.empty() || !book_.setup.secrets.empty()) (void)take();
  }
  std::string masked(const std::string& text) const {
    std::vector<io::Masker::Secret> all;
    for (auto& [value, name] : known_) all.push_back({name, std::string(value.view())});
    io::Masker masker(all);
    for (auto& one : all) io::wipe(one.value);
    auto out = masker.pass(text);
    return out + masker.rest();
  }

 private:
  Result<> take();
  void learn();

  run::Runbook book_;
  io::Secrets now_;
  std::vector<std::pair<io::LockedText, std::string>> known_;  // value and name
};

// What is there stays where they cannot be taken.
Result<> RunSecrets::take() {
  io::Secrets next;
  auto taken = io::take_secrets(next, book_);
  if (taken || known_.empty()) now_ = std::move(next);
  learn();
  return taken;
}

void RunSecrets::learn() {
  now_.for_each([&](auto& name, auto value) {
    if (std::ranges::none_of(known_, [&](auto& one) { return one.first.view() == value; }))
      known_.emplace_back(io::LockedText(value), name);
  });
}

// A line for each notice that was given up, for `davy status`.
void keep_refused(const std::string& file, const std::string& id, const std::string& why) {
  io::Fd to(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!to || !io::write_all(to.get(), id + "\t" + printable(why) + "\n")) say(id + " could not be kept in " + file);
}

// Without one people can still answer where Davy runs.
std::string token_for(const StateDir& dir, const std::string& run, const notices::Question& asked,
                      const std::string& person) {
  auto key = io::AnswerKey::of(dir.answers_key());
  if (!key) return say("no token can be made: " + to_string(key.error())), "";
  return key->token({run, asked.attempt, person, asked.until});
}

// As it stood in the minute before, of the run as it was told so far.
ports::Task<std::string> stood(ports::Store& store, std::string run, std::string series, Time at) {
  auto info = co_await store.info(run);
  if (!info) co_return std::unexpected(info.error());
  auto windows = co_await store.since(ports::samples_of(*info), at - std::chrono::minutes(1), at);
  if (!windows) co_return std::unexpected(windows.error());
  auto records = co_await store.read(run);
  if (!records) co_return std::unexpected(records.error());
  auto history = engine::replay(*records);
  if (!history) co_return std::unexpected(history.error());
  co_return how_it_stood(series, history->state, *windows);
}

struct Telling {
  run::Runbook runbook;
  notices::Book book;
};

Result<Telling> telling_of(const std::vector<ports::Record>& records) {
  auto history = engine::replay(records);
  if (!history) return std::unexpected(history.error());
  auto book = notices::book_from(history->state.runbook.notices);
  if (!book) return std::unexpected(book.error());
  return Telling{std::move(history->state.runbook), std::move(*book)};
}

}  // namespace

int notices_process(const StateDir& dir, const std::string& run) {
  auto lock = io::LockFile::take(dir.notices_lock(run), fmt::format("pid {}", ::getpid()));
  if (!lock) return lock.error().code == Code::refused ? 0 : cannot(lock.error());
  auto store = store::SqliteStore::open(dir.root, {.missing = store::SqliteStore::Missing::refuse});
  if (!store) return cannot(store.error());
  asio::io_context context{1};
  auto records = settled(context, (*store)->read(run));
  if (!records) return cannot(records.error());
  auto telling = telling_of(*records);
  if (!telling) return cannot(telling.error());
  if (telling->book.empty()) return 0;
  io::Clock clock;
  RunSecrets secrets(telling->runbook);
  io::Http http;
  http.know(secrets.now());
  io::Mail mail(secrets.now());
  io::Hooks hooks(http, secrets.now());
  io::Sayings sayings(telling->runbook.secrets);
  io::StatusPages pages;
  engine::NoticeWorld world{clock,
                            **store,
                            **store,
                            {mail, hooks, sayings, pages, telling->runbook.setup.directory, io::this_machine().host},
                            [&] { return driven(dir, run); },
                            [&] { return moved(dir, run); },
                            [&](const std::string& text) { return secrets.masked(text); },
                            [&] { secrets.renew(); },
                            say,
                            [&](auto& id, auto& why) { keep_refused(dir.notices_refused(run), id, why); },
                            [&](auto series, auto at) { return stood(**store, run, series, at); },
                            [&](auto& question, auto& person) { return token_for(dir, run, question, person); },
                            &http};
  engine::Notifier notifier(context.get_executor(), std::move(world), std::move(telling->book), run);
  auto told = settled(context, notifier.go());
  return told ? 0 : cannot(told.error());
}

}  // namespace davy::host
