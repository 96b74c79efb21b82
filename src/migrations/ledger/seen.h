// What is known of migrations, whoever made them.
#pragma once
#include "migrations/ledger/standing.h"
#include "spec/json.h"

namespace davy::migrations {

struct Pending {
  std::string version, name;
  bool down = false;  // it can be taken back
};
struct Seen {
  std::string by;  // sql, alembic, prisma
  std::string head;
  std::vector<std::string> applied;
  std::vector<Pending> pending;
  std::vector<std::string> notes, faults, invalid;
  std::string owner = {};  // who migrates now
};

Seen seen_of(const Standing&);
spec::Json to_json(const Seen&);

}  // namespace davy::migrations
