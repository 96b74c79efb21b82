// Carries a folder of SQL out, or takes it back. What happened is written by the transaction in which it happened, so
// whoever comes after a kill looks at the database, and knows.
#pragma once
#include <random>

#include "migrations/ledger/deeds.h"
#include "migrations/runner/blockers.h"
#include "migrations/runner/table.h"

namespace davy::migrations {

struct Patience {  // with locks that others hold
  int tries = 10;
  Duration first = std::chrono::seconds(1), most = std::chrono::seconds(30);  // between two; doubled, with jitter
};

struct Job {
  Where where;
  Author author;
  Patience patience = {};
  std::string adopted = {};                          // up to this version all stands at the first look
  std::function<void(const std::string&)> say = {};  // a line of progress
};

// Code::refused: nothing was changed, and what to do is said. Any other: what was applied before stands, recorded; what
// failed does not, or is recorded statement by statement. All may be repeated.
class Runner {
 public:
  Runner(const Folder& folder, Job job)
      : folder_(folder), job_(std::move(job)), observer_(job_.where), jitter_(std::random_device()()) {}

  struct Look {
    Standing standing;
    std::string owner;                 // who migrates now; "": nobody
    std::vector<std::string> invalid;  // indexes
  };
  Result<Look> look();  // changes nothing
  Result<TakenBack> what_down_takes();

  Result<> up();
  Result<> down();  // what the author's run applied

 private:
  Result<> open();
  Result<> lock();
  Result<> begin();
  Result<> under_lock(const std::function<Result<>()>&);
  Result<> all_up();
  Result<> all_down();
  Result<> make_table(const Standing&);
  Result<> end_ways_down(const std::vector<Row>&);
  Result<> carry_out(const Migration&, bool up);
  Result<> in_transaction(const Migration&, bool up);
  Asked<> one_transaction(const Migration&, bool up);
  Result<> outside(const Migration&, bool up);
  Result<> outside_statement(const Migration&, bool up, std::size_t);
  Asked<> alone(const Migration&, const Statement&, std::size_t);
  Asked<> recorded_with(const Migration&, const Statement&, std::size_t);
  Asked<> recorded(const std::function<Asked<>()>&);
  Result<bool> was_done(const Way&, const Statement&);
  Asked<> statement(const Statement&);
  Asked<> drop_invalid(const IndexDeed&);
  Result<std::optional<Row>> row_of(const Migration&);
  bool again(const Wrong&, const std::string& name, int tried);
  Error why(const Wrong&, const std::string& name) const;
  bool pause(int tried, const std::string& what);
  void say(const std::string&) const;

  const Folder& folder_;
  Job job_;
  Observer observer_;
  std::mt19937 jitter_;
  std::optional<Session> session_;
  std::optional<Table> table_;
  bool met_ = false;  // the server answered once
};

}  // namespace davy::migrations
