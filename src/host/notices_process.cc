#include "host/notices_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "base/text.h"
#include "engine/notice/notifier.h"
#include "engine/run/records.h"
#include "host/stood.h"
#include "host/telling.h"
#include "io/guard/way_back.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"
#include "io/secrets/answer_token.h"
#include "store/sqlite/sqlite.h"

namespace davy::host {

namespace asio = boost::asio;

namespace {

int cannot(const Error& e) { return say_line("davy work notices: " + to_string(e)), 1; }

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

// Without one people can still answer where Davy runs.
std::string token_for(const StateDir& dir, const std::string& run, const notices::Question& asked,
                      const std::string& person) {
  auto key = io::AnswerKey::of(dir.answers_key());
  if (!key) return say_line("no token can be made: " + to_string(key.error())), "";
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

struct Told {
  run::Runbook runbook;
  notices::Book book;
};

Result<Told> telling_of(const std::vector<ports::Record>& records) {
  auto history = engine::replay(records);
  if (!history) return std::unexpected(history.error());
  auto book = notices::book_from(history->state.runbook.notices);
  if (!book) return std::unexpected(book.error());
  return Told{std::move(history->state.runbook), std::move(*book)};
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
  Telling means(telling->runbook);
  auto world = means.world(**store, dir, run);
  world.driven = [&] { return driven(dir, run); };
  world.moved = [&] { return moved(dir, run); };
  world.series = [&](auto series, auto at) { return stood(**store, run, series, at); };
  world.token = [&](auto& question, auto& person) { return token_for(dir, run, question, person); };
  engine::Notifier notifier(context.get_executor(), std::move(world), std::move(telling->book), run);
  auto told = settled(context, notifier.go());
  return told ? 0 : cannot(told.error());
}

}  // namespace davy::host
