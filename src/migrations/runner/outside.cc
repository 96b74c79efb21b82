// Statements one by one: indexes that must be valid behind them, and files that no transaction holds.
#include "migrations/runner/carrying.h"
#include "migrations/runner/indexes.h"

namespace davy::migrations {

// An index that was stopped half-way stands in the way of one of its name, or hides behind `if not exists`.
Asked<> Runner::drop_invalid(const IndexDeed& deed) {
  if (deed.is != IndexDeed::Is::builds || deed.index.none() || !(deed.concurrently || deed.if_not_exists)) return {};
  auto stands = look_at(*session_, deed);
  if (!stands) return std::unexpected(stands.error());
  if (stands->is == IndexIs::elsewhere)
    return std::unexpected(
        Wrong{"42P07", {Code::invalid, "index " + quoted(deed.index) + " stands already, on another table", "", {}}});
  if (stands->is != IndexIs::invalid) return {};
  say(fmt::format("index {} is invalid: what built it was stopped; it is dropped and built anew", stands->name));
  return session_->run(fmt::format("drop index {}{}", deed.concurrently ? "concurrently " : "", stands->name),
                       [&] { observer_.look(session_->pid()); });
}

Asked<> Runner::statement(const Statement& s) {
  auto deed = index_deed(s);
  if (auto ready = drop_invalid(deed); !ready) return ready;
  auto done = session_->run(s.text, [&] { observer_.look(session_->pid()); });
  if (!done || deed.is != IndexDeed::Is::builds || !deed.concurrently) return done;
  auto stands = look_at(*session_, deed);
  if (!stands) return std::unexpected(stands.error());
  if (stands->is == IndexIs::valid) return {};
  return std::unexpected(Wrong{"55000", {Code::invalid, "index " + quoted(deed.index) + " is not valid", "", {}}});
}

// The file may have taken another role for its statements.
Asked<> Runner::recorded(const std::function<Asked<>()>& write) {
  auto done = session_->run("begin");
  if (done) done = session_->run("set local role none");
  if (done) done = write();
  if (done) done = session_->run("commit");
  return done;
}

Asked<> Runner::recorded_with(const Migration& m, const Statement& s, std::size_t number) {
  auto done = session_->run("begin");
  if (done) done = statement(s);
  if (done) done = session_->run("set local role none");
  if (done) done = table_->done(*session_, m, number);
  if (done) done = session_->run("commit");
  return done;
}

Asked<> Runner::alone(const Migration& m, const Statement& s, std::size_t number) {
  if (!harmless_twice(s))
    if (auto begun = recorded([&] { return table_->at(*session_, m, number); }); !begun) return begun;
  auto done = statement(s);
  if (done) return recorded([&] { return table_->done(*session_, m, number); });
  if (!done.error().lost())
    (void)recorded([&] { return table_->at(*session_, m, 0); });  // it was not done, that is known
  return done;
}

// Of a statement that began outside a transaction, and whose end nobody recorded.
Result<bool> Runner::was_done(const Way& way, const Statement& s) {
  auto deed = index_deed(s);
  if (deed.is == IndexDeed::Is::none)
    return fail(
        Code::refused,
        fmt::format("{} line {}: nobody saw its end, and it leaves nothing that could be looked up", way.file, s.line),
        "look, and say so in the table davy_migrations: done = done + 1, at = 0 where it was done; at = 0 where it "
        "was not");
  auto stands = look_at(*session_, deed);
  if (!stands) return std::unexpected(stands.error().error);
  return deed.is == IndexDeed::Is::builds ? stands->is == IndexIs::valid : stands->is == IndexIs::absent;
}

Result<> Runner::outside_statement(const Migration& m, bool up, std::size_t i) {
  auto& way = way_of(m, up);
  auto& s = way.statements[i];
  for (int tried = 1;; ++tried) {
    auto row = row_of(m);
    if (!row) return std::unexpected(row.error());
    if (!*row) return fail(Code::conflict, m.name + ": somebody took its record away while it was carried out");
    if ((*row)->done > static_cast<int>(i)) return {};
    if ((*row)->at == static_cast<int>(i) + 1) {
      auto before = was_done(way, s);
      if (!before) return std::unexpected(before.error());
      if (*before) return plain(recorded([&] { return table_->done(*session_, m, i + 1); }));
    }
    observer_.forget();
    auto done = fits_a_transaction(s) ? recorded_with(m, s, i + 1) : alone(m, s, i + 1);
    if (done) return {};
    auto wrong = placed(way, s, done.error()).error();
    if (wrong.lost()) return std::unexpected(why(wrong, m.name));
    (void)session_->run("rollback");
    if (!again(wrong, m.name, tried)) return std::unexpected(why(wrong, m.name));
  }
}

Result<> Runner::outside(const Migration& m, bool up) {
  auto& way = way_of(m, up);
  if (auto begun = table_->begin(*session_, m, up, job_.author); !begun) return plain(begun);
  auto row = row_of(m);
  if (!row) return std::unexpected(row.error());
  auto done = *row ? static_cast<std::size_t>((*row)->done) : 0;
  for (std::size_t i = 0; i < way.statements.size(); ++i) {
    auto& s = way.statements[i];
    bool sets = s.begins({"SET"}) || s.begins({"RESET"});  // of this session: said again to each new one
    if (i < done && !sets) continue;
    auto carried = i < done ? plain(statement(s)) : outside_statement(m, up, i);
    if (!carried) return carried;
  }
  if (auto set = session_->settle(); !set) return plain(set);
  return plain(up ? table_->ended(*session_, m) : table_->gone(*session_, m));
}

}  // namespace davy::migrations
