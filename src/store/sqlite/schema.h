// The tables of davy.db and samples.db. docs/journal-format.md tells people; this tells SQLite.
#pragma once
#include <span>

namespace davy::store {

// steps[n] turns version n into n + 1; a file's version is its PRAGMA user_version. Steps are only ever added.
struct Schema {
  std::span<const char* const> steps;
  int version() const { return static_cast<int>(steps.size()); }
};

extern const Schema kJournalSchema;
extern const Schema kSamplesSchema;

}  // namespace davy::store
