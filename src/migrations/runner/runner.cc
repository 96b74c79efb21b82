#include "migrations/runner/runner.h"

#include <thread>

#include "base/text.h"
#include "migrations/runner/carrying.h"
#include "migrations/runner/indexes.h"

namespace davy::migrations {
namespace {

using namespace std::chrono_literals;

std::unexpected<Error> refused(const std::vector<std::string>& faults) {
  auto more = faults.size() > 1 ? fmt::format(" (and {} more)", faults.size() - 1) : "";
  return fail(Code::refused, faults.front() + more);
}

std::string took(std::chrono::steady_clock::time_point since) {
  return human(std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since));
}

}  // namespace

void Runner::say(const std::string& line) const {
  if (job_.say) job_.say(session_ ? session_->masked(line) : printable(line));
}

Result<> Runner::open() {
  auto opened = Session::open(job_.where);
  met_ |= opened || opened.error().lost();
  if (!opened) return std::unexpected(opened.error().error);
  session_ = std::move(*opened);
  auto table = Table::find(*session_);
  if (!table) return std::unexpected(table.error().error);
  table_ = *table;
  return {};
}

// True: it waited and may try again.
bool Runner::pause(int tried, const std::string& what) {
  if (tried >= job_.patience.tries || asked_to_end()) return false;
  auto longest = std::min(job_.patience.most, job_.patience.first * (1 << std::min(tried - 1, 16)));
  auto share = std::uniform_real_distribution(0.5, 1.0)(jitter_);
  auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(longest * share);
  say(fmt::format("{}; try {} of {}, the next in {}", what, tried, job_.patience.tries, human(wait)));
  for (auto until = std::chrono::steady_clock::now() + wait; std::chrono::steady_clock::now() < until;)
    if (asked_to_end())
      return false;
    else
      std::this_thread::sleep_for(std::min<Duration>(100ms, until - std::chrono::steady_clock::now()));
  return true;
}

Result<> Runner::lock() {
  for (int tried = 1;; ++tried) {
    auto got = try_lock(*session_);
    if (!got) return std::unexpected(got.error().error);
    if (*got == Got::lock) return {};
    auto owner = lock_owner(*session_);
    auto who = !owner ? "nobody could say whose: " + owner.error().error.message : *owner;
    if (who.empty()) who = "it has just ended";
    auto what = "another migration is at work in this database: " + who;
    if (!pause(tried, what))
      return fail(Code::refused, what, "its lock goes when its session ends; nothing was changed here");
  }
}

Result<Runner::Look> Runner::look() {
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  auto rows = table_->rows(*session_);
  if (!rows) return std::unexpected(rows.error().error);
  auto owner = lock_owner(*session_);
  if (!owner) return std::unexpected(owner.error().error);
  auto invalid = invalid_indexes(*session_);
  if (!invalid) return std::unexpected(invalid.error().error);
  return Look{standing(folder_, *rows, table_->there() ? "" : job_.adopted), *owner, *invalid};
}

Result<TakenBack> Runner::what_down_takes() {
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  auto rows = table_->rows(*session_);
  if (!rows) return std::unexpected(rows.error().error);
  return taken_back(folder_, *rows, job_.author.run);
}

Result<> Runner::begin() {
  if (auto opened = open(); !opened) return opened;
  if (auto locked = lock(); !locked) return locked;
  auto table = Table::find(*session_);  // another may have made it while we waited
  if (!table) return std::unexpected(table.error().error);
  table_ = *table;
  return {};
}

// A connection that was lost is opened again, and all of it looked at anew: its session, which may still be at work, is
// waited for by its lock, and then the record is whole.
Result<> Runner::under_lock(const std::function<Result<>()>& work) {
  if (!folder_.faults.empty()) return refused(folder_.faults);
  for (int tried = 1;; ++tried) {
    auto done = begin();
    if (done) done = work();
    if (done || done.error().code != Code::unavailable || !met_) return done;
    if (pause(tried, done.error().message + ": what became of it is looked up")) continue;
    done.error().hint = "what was done the database itself says, once it answers";
    return done;
  }
}

// What is adopted is recorded by the transaction that makes the table: a first look happens once.
Result<> Runner::make_table(const Standing& now) {
  if (table_->there()) return {};
  auto made = session_->run("begin");
  if (made) made = table_->make(*session_);
  for (auto& m : folder_.migrations)
    if (made && std::ranges::find(now.applied, m.version) != now.applied.end()) {
      made = table_->adopted(*session_, m);
      say(m.name + ": stands already, as `adopt` says");
    }
  if (made) made = session_->run("commit");
  if (made) return {};
  auto error = made.error().error;
  error.message = "making the table davy_migrations: " + error.message;
  if (made.error().state == "42501" && error.hint.empty())
    error.hint = "grant create on that schema to this role, or make the table as its owner (docs/migrations.md)";
  return std::unexpected(std::move(error));
}

Result<> Runner::end_ways_down(const std::vector<Row>& rows) {
  for (auto& row : rows) {
    if (row.up || row.ended) continue;
    for (auto& m : folder_.migrations)
      if (m.version == row.version && m.down) {
        say(m.name + ": its way down was begun, and is ended first");
        if (auto ended = carry_out(m, false); !ended) return ended;
      }
  }
  return {};
}

Result<> Runner::up() {
  return under_lock([&] { return all_up(); });
}

Result<> Runner::down() {
  return under_lock([&] { return all_down(); });
}

Result<> Runner::all_up() {
  auto rows = table_->rows(*session_);
  if (!rows) return std::unexpected(rows.error().error);
  auto now = standing(folder_, *rows, table_->there() ? "" : job_.adopted);
  if (!now.faults.empty()) return refused(now.faults);
  for (auto& note : now.notes) say(note);
  if (auto made = make_table(now); !made) return made;
  if (auto ended = end_ways_down(*rows); !ended) return ended;
  for (auto m : now.pending)
    if (auto done = carry_out(*m, true); !done) return done;
  if (now.pending.empty()) say("nothing is pending");
  auto invalid = invalid_indexes(*session_);
  for (auto& index : invalid.value_or(std::vector<std::string>{}))
    say("invalid index " + index + ": what built it was stopped; drop it, and build it again");
  return {};
}

Result<> Runner::all_down() {
  auto rows = table_->rows(*session_);
  if (!rows) return std::unexpected(rows.error().error);
  auto back = taken_back(folder_, *rows, job_.author.run);
  if (!back.faults.empty()) return refused(back.faults);
  for (auto m : back.down)
    if (auto done = carry_out(*m, false); !done) return done;
  if (back.down.empty()) say("nothing of this run stands");
  return {};
}

Result<> Runner::carry_out(const Migration& m, bool up) {
  auto& way = way_of(m, up);
  auto since = std::chrono::steady_clock::now();
  auto done = way.outside ? outside(m, up) : in_transaction(m, up);
  if (done) say(fmt::format("{}: {} in {}", m.name, up ? "applied" : "taken back", took(since)));
  return done;
}

Result<std::optional<Row>> Runner::row_of(const Migration& m) {
  auto rows = table_->rows(*session_);
  if (!rows) return std::unexpected(rows.error().error);
  for (auto& row : *rows)
    if (compare_versions(row.version, m.version) == 0) return row;
  return std::nullopt;
}

Error Runner::why(const Wrong& wrong, const std::string& name) const {
  auto out = wrong.error;
  if (wrong.locked() && !observer_.seen().empty()) out.message += "; in the way: " + observer_.seen();
  if (!out.message.starts_with(name)) out.message = name + ": " + out.message;
  return out;
}

bool Runner::again(const Wrong& wrong, const std::string& name, int tried) {
  return wrong.locked() && pause(tried, why(wrong, name).message);
}

Result<> Runner::in_transaction(const Migration& m, bool up) {
  for (int tried = 1;; ++tried) {
    observer_.forget();
    auto done = one_transaction(m, up);
    if (done) return {};
    auto wrong = done.error();
    if (wrong.lost()) return std::unexpected(why(wrong, m.name));
    if (asked_to_end()) return std::unexpected(why(wrong, m.name));  // the session ends with us
    (void)session_->run("rollback");
    if (auto set = session_->settle(); !set && !set.error().lost()) return std::unexpected(set.error().error);
    if (!again(wrong, m.name, tried)) return std::unexpected(why(wrong, m.name));
  }
}

Asked<> Runner::one_transaction(const Migration& m, bool up) {
  auto& way = way_of(m, up);
  if (auto begun = session_->run("begin"); !begun) return begun;
  for (auto& s : way.statements)
    if (auto done = statement(s); !done) return placed(way, s, done.error());
  if (!session_->in_transaction())
    return std::unexpected(Wrong{"25000", {Code::invalid, way.file + ": it ended its transaction itself", "", {}}});
  if (auto own = session_->run("reset role"); !own) return own;
  auto written = up ? table_->applied(*session_, m, job_.author) : table_->gone(*session_, m);
  if (!written) return written;
  if (auto committed = session_->run("commit"); !committed) return committed;
  return session_->settle();
}

}  // namespace davy::migrations
