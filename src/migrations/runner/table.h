// The table davy_migrations: what stands in a database, written by whoever changes it, in the same transaction.
#pragma once
#include "migrations/ledger/standing.h"
#include "migrations/runner/session.h"

namespace davy::migrations {

struct Author {
  std::string run, who;  // who: user, host and pid
};

class Table {
 public:
  // Where it stands, or will. An Error: one stands in a schema into which this role does not look first, so whether it
  // is ours cannot be told.
  static Asked<Table> find(Session&);
  bool there() const { return there_; }

  Asked<> make(Session&);  // fine when it is there
  Asked<std::vector<Row>> rows(Session&) const;

  // In the transaction that goes on.
  Asked<> applied(Session&, const Migration&, const Author&) const;
  Asked<> adopted(Session&, const Migration&) const;
  Asked<> gone(Session&, const Migration&) const;

  // Of files outside a transaction. begin: from its first statement on, or where this way was left.
  Asked<> begin(Session&, const Migration&, bool up, const Author&) const;
  Asked<> at(Session&, const Migration&, std::size_t statement) const;  // it begins, from 1 on
  Asked<> done(Session&, const Migration&, std::size_t statements) const;
  Asked<> ended(Session&, const Migration&) const;

  const std::string& name() const { return name_; }  // with its schema, quoted

 private:
  std::string name_;
  bool there_ = false;
};

}  // namespace davy::migrations
