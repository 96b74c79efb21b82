#include "migrations/migrations.h"

#include <fmt/format.h>

#include <thread>

#include "base/text.h"
#include "migrations/runner/files.h"
#include "migrations/runner/foreign.h"

namespace davy::migrations {
namespace {

Job job_of(const Order& o) { return {o.where, o.author, o.patience, o.adopted, o.say}; }

Result<Folder> sql_of(const Place& place) {
  auto files = read_files(place.folder, ".sql");
  if (!files) return std::unexpected(files.error());
  if (files->empty())
    return fail(Code::invalid, printable(place.folder) + " holds no *.sql, and nothing of alembic's or Prisma's");
  return folder_of(std::move(*files));
}

Result<Seen> look_at_foreign(const Place& place, const Where& where) {
  return place.by == By::alembic ? look_at_alembic(place, where) : look_at_prisma(place, where);
}

Result<Seen> look_at_sql(const Place& place, const Order& o) {
  auto folder = sql_of(place);
  if (!folder) return std::unexpected(folder.error());
  auto found = Runner(*folder, job_of(o)).look();
  if (!found) return std::unexpected(found.error());
  auto out = seen_of(found->standing);
  out.owner = found->owner, out.invalid = found->invalid;
  return out;
}

Foreign foreign_for(const Place& place, const Order& o, std::vector<std::string> words, Guarded guarded) {
  Foreign out{o.program.empty() ? program_of(place) : o.program, place.root, std::move(guarded)};
  out.argv.insert(out.argv.end(), words.begin(), words.end());
  return out;
}

std::string command_text(const Foreign& what) { return "`" + joined(what.argv, " ") + "`"; }

// Nobody but the database says how far it came.
Result<> carried_out(const Place& place, const Order& o, const std::vector<std::string>& words,
                     const std::function<bool(const Seen&)>& reached) {
  auto guarded = guard(o.where);
  if (!guarded) return std::unexpected(guarded.error());
  o.say(guarded->says);
  auto what = foreign_for(place, o, words, *guarded);
  for (int tried = 1;; ++tried) {
    auto end = carry_out(what, o.say);
    if (!end) return std::unexpected(end.error());
    auto seen = look_at_foreign(place, o.where);
    if (!seen) return std::unexpected(seen.error());
    if (end->exit == 0 && reached(*seen)) return {};
    if (end->exit == 0)
      return fail(Code::invalid,
                  fmt::format("{} ended well, and the database that Davy looks into has {}", command_text(what),
                              seen->head.empty() ? "none of it" : printable(seen->head)),
                  "does it use another database, or another schema?");
    auto why = fmt::format("{}: exit {}: {}; {} stands", command_text(what), end->exit, end->last,
                           seen->head.empty() ? "nothing" : printable(seen->head));
    if (!end->locked || tried >= o.patience.tries || asked_to_end()) return fail(Code::invalid, why);
    o.say(fmt::format("{}; try {} of {}", why, tried, o.patience.tries));
    std::this_thread::sleep_for(std::min(o.patience.most, o.patience.first * (1 << std::min(tried - 1, 16))));
  }
}

Result<> refused_for(const Seen& seen) {
  if (seen.faults.empty()) return {};
  return fail(Code::refused, seen.faults.front());
}

// Two Davys exclude each other here, too; the program itself knows nothing of it.
Result<Session> locked(const Order& o) {
  auto session = Session::open(o.where);
  if (!session) return std::unexpected(session.error().error);
  auto got = try_lock(*session);
  if (!got) return std::unexpected(got.error().error);
  if (*got == Got::lock) return std::move(*session);
  auto owner = lock_owner(*session);
  return fail(Code::refused,
              "another migration is at work in this database: " + owner.value_or("nobody could say whose"));
}

Result<> foreign_up(const Place& place, const Order& o) {
  auto lock = locked(o);
  if (!lock) return std::unexpected(lock.error());
  auto seen = look_at_foreign(place, o.where);
  if (!seen) return std::unexpected(seen.error());
  if (auto refused = refused_for(*seen); !refused) return refused;
  if (seen->pending.empty()) return o.say("nothing is pending"), Result<>();
  auto words = place.by == By::alembic ? std::vector<std::string>{"upgrade", "head"}
                                       : std::vector<std::string>{"migrate", "deploy"};
  return carried_out(place, o, words, [](auto& s) { return s.pending.empty(); });
}

Result<> alembic_down(const Place& place, const Order& o) {
  auto lock = locked(o);
  if (!lock) return std::unexpected(lock.error());
  auto seen = look_at_foreign(place, o.where);
  if (!seen) return std::unexpected(seen.error());
  if (seen->head == o.back_to) return o.say("it stands where it stood before"), Result<>();
  auto to = o.back_to.empty() ? "base" : o.back_to;
  return carried_out(place, o, {"downgrade", to}, [&](auto& s) { return s.head == o.back_to; });
}

}  // namespace

Result<Seen> look(const Order& o) {
  auto place = place_of(o.folder);
  if (!place) return std::unexpected(place.error());
  return place->by == By::sql ? look_at_sql(*place, o) : look_at_foreign(*place, o.where);
}

Result<> up(const Order& o) {
  auto place = place_of(o.folder);
  if (!place) return std::unexpected(place.error());
  if (place->by != By::sql) return foreign_up(*place, o);
  auto folder = sql_of(*place);
  if (!folder) return std::unexpected(folder.error());
  return Runner(*folder, job_of(o)).up();
}

Result<> down(const Order& o) {
  auto place = place_of(o.folder);
  if (!place) return std::unexpected(place.error());
  if (place->by == By::alembic) return alembic_down(*place, o);
  if (place->by == By::prisma) return fail(Code::refused, "Prisma has no way down");
  auto folder = sql_of(*place);
  if (!folder) return std::unexpected(folder.error());
  return Runner(*folder, job_of(o)).down();
}

}  // namespace davy::migrations
