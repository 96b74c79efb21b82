// Who is in the way: of a statement that waits for a lock, and of another migration.
#pragma once
#include <optional>

#include "migrations/runner/session.h"

namespace davy::migrations {

// Looks at one session from a second one, which it opens when it is first needed, and keeps what it saw last.
class Observer {
 public:
  explicit Observer(Where where) : where_(std::move(where)) { where_.name = "davy looks on"; }

  void look(int pid);  // while its statement goes on
  // "pid 16680 (app, psql; idle in transaction since 14:03:07: lock table orders)"; "": nobody was seen in the way.
  std::string seen() const { return seen_; }
  void forget() { seen_.clear(); }

 private:
  Where where_;
  std::optional<Session> session_;
  std::string seen_;
};

// One migration at a time in a database: an advisory lock of the session, which PostgreSQL gives back when that ends,
// however it ends. Who holds it says so in its application_name, which every role may read.
std::string owner_name(const std::string& run, const std::string& host, int pid, Time since);

enum class Got { lock, nothing };
Asked<Got> try_lock(Session&);
Asked<std::string> lock_owner(Session&);  // its owner_name(), with the pid of its session; "": nobody holds it

}  // namespace davy::migrations
