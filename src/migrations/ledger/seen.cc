#include "migrations/ledger/seen.h"

namespace davy::migrations {

Seen seen_of(const Standing& s) {
  Seen out{.by = "sql", .head = s.head(), .applied = s.applied, .notes = s.notes, .faults = s.faults};
  for (auto m : s.pending) out.pending.push_back({m->version, m->name, m->down.has_value()});
  return out;
}

spec::Json to_json(const Seen& s) {
  auto pending = spec::Json::array();
  for (auto& one : s.pending) pending.push_back({{"version", one.version}, {"name", one.name}, {"down", one.down}});
  return {{"by", s.by},       {"head", s.head},     {"applied", s.applied}, {"pending", pending},
          {"notes", s.notes}, {"faults", s.faults}, {"invalid", s.invalid}, {"owner", s.owner}};
}

}  // namespace davy::migrations
