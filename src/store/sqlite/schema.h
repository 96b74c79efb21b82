// The tables of davy.db and samples.db. docs/journal-format.md tells people; this tells SQLite.
#pragma once
#include <span>
#include <string_view>

namespace davy::store {

// A file's version is its PRAGMA user_version. The first step makes an empty file version `first`, each further one
// turns a version into the next; steps are only ever added. Files from before `first` are refused.
struct Schema {
  int first = 1;
  std::span<const char* const> steps;
  std::string_view before;  // which Davy wrote the versions before `first`
  int version() const { return first + static_cast<int>(steps.size()) - 1; }
};

extern const Schema kJournalSchema;
extern const Schema kSamplesSchema;

}  // namespace davy::store
