#include "migrations/ledger/prisma.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::migrations {

// Of a migration that was tried again there are several rows: one that is rolled back counts for nothing.
Seen seen_of(std::vector<PrismaFile> files, const std::vector<PrismaRow>& rows) {
  std::ranges::sort(files, {}, &PrismaFile::name);
  Seen out{.by = "prisma"};
  std::vector<const PrismaRow*> stand;
  for (auto& row : rows)
    if (!row.rolled_back) stand.push_back(&row);
  std::ranges::sort(stand, {}, [](auto row) { return row->name; });
  auto file_of = [&](auto& name) { return std::ranges::find(files, name, &PrismaFile::name); };
  for (auto row : stand) {
    auto file = file_of(row->name);
    auto name = printable(row->name);
    if (!row->finished) {
      out.faults.push_back(fmt::format(
          "{} failed half-way: clean up what it left, then `prisma migrate resolve --rolled-back {}`", name, name));
      continue;
    }
    out.applied.push_back(row->name), out.head = row->name;
    if (file == files.end())
      out.faults.push_back(name + " stands in the database and has no folder here: put it back");
    else if (file->checksum != row->checksum)
      out.faults.push_back(name + " was changed after it was applied: put it back as it was, and write a new one");
  }
  for (auto& file : files) {
    if (std::ranges::find(out.applied, file.name) != out.applied.end()) continue;
    if (!out.head.empty() && file.name < out.head)
      out.notes.push_back(printable(file.name) + " comes before " + printable(out.head) + ", which stands already");
    out.pending.push_back({file.name, file.name, false});
  }
  return out;
}

}  // namespace davy::migrations
