#include "migrations/ledger/standing.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::migrations {
namespace {

const Migration* find(const Folder& folder, std::string_view version) {
  auto it = std::ranges::find_if(folder.migrations, [&](auto& m) { return compare_versions(m.version, version) == 0; });
  return it == folder.migrations.end() ? nullptr : &*it;
}

std::vector<const Row*> in_order(const std::vector<Row>& rows) {
  std::vector<const Row*> out;
  for (auto& row : rows) out.push_back(&row);
  std::ranges::sort(out, [](auto a, auto b) { return compare_versions(a->version, b->version) < 0; });
  return out;
}

std::string newest_file(const Folder& folder) {
  return folder.migrations.empty() ? "" : folder.migrations.back().version;
}

class Comparing {
 public:
  Comparing(const Folder& folder, const std::vector<Row>& rows) : folder_(folder), rows_(in_order(rows)) {
    out_.faults = folder.faults;
  }

  Standing all() {
    for (auto row : rows_) compare(*row);
    for (auto& m : folder_.migrations)
      if (auto row = row_of(m); !row || !row->ended) pend(m);
    return std::move(out_);
  }

 private:
  const Row* row_of(const Migration& m) const {
    for (auto row : rows_)
      if (compare_versions(row->version, m.version) == 0) return row;
    return nullptr;
  }

  void compare(const Row& row) {
    auto file = find(folder_, row.version);
    if (!file) return unknown(row);
    if (row.up && row.checksum != file->up.checksum) changed(row, *file);
    if (!row.up && !row.ended && !file->down)
      out_.faults.push_back(fmt::format("{}: its way down was begun (run {}, {}) and has no file here: put it back",
                                        row.name, row.run, row.at_time));
    if (row.ended) out_.applied.push_back(row.version);
  }

  // Newer than all files is what a newer release brought, and a rollback kept.
  void unknown(const Row& row) {
    bool newer = compare_versions(row.version, newest_file(folder_)) > 0;
    if (row.ended) out_.applied.push_back(row.version);
    auto stands =
        fmt::format("{} stands in the database (run {}, {}) and has no file here", row.name, row.run, row.at_time);
    if (newer && row.ended)
      out_.notes.push_back(stands + ": of a newer release");
    else
      out_.faults.push_back(stands + ": put its file back");
  }

  void changed(const Row& row, const Migration& file) {
    out_.faults.push_back(fmt::format(
        "{} was changed after it was {} (run {}, {}): put it back as it was, and write the change as a new file",
        file.up.file, row.ended ? "applied" : "begun", row.run, row.at_time));
  }

  void pend(const Migration& m) {
    out_.pending.push_back(&m);
    auto head = out_.head();
    if (!head.empty() && compare_versions(m.version, head) < 0)
      out_.faults.push_back(
          fmt::format("{} would come behind {}, which stands already: give it a number above that", m.up.file, head));
  }

  const Folder& folder_;
  std::vector<const Row*> rows_;
  Standing out_;
};

}  // namespace

Standing standing(const Folder& folder, const std::vector<Row>& rows, const std::string& adopted) {
  if (!rows.empty() || adopted.empty()) return Comparing(folder, rows).all();
  std::vector<Row> as_if;
  for (auto& m : folder.migrations)
    if (compare_versions(m.version, adopted) <= 0) as_if.push_back({m.version, m.name, m.up.checksum, "", "", ""});
  auto out = Comparing(folder, as_if).all();
  if (!find(folder, adopted))
    out.faults.push_back(fmt::format("`adopt: {}`: no file has that number; name the newest that stands", adopted));
  return out;
}

TakenBack taken_back(const Folder& folder, const std::vector<Row>& rows, const std::string& run) {
  TakenBack out{{}, {}, folder.faults};
  auto all = in_order(rows);
  std::ranges::reverse(all);
  bool others_above = false;
  for (auto row : all) {
    if (row->run != run) {
      others_above = true;
      continue;
    }
    auto file = find(folder, row->version);
    if (!file)
      out.faults.push_back(fmt::format("{} has no file here, so its way down is not known: put it back", row->name));
    else if (row->checksum != file->up.checksum)
      out.faults.push_back(
          fmt::format("{} is not what was applied: its way down would be that of another; put back the file of then",
                      file->up.file));
    else if (!file->down)
      out.faults.push_back(fmt::format("{} has no way down: write {}.down.sql", file->up.file, file->name));
    else if (others_above)
      out.faults.push_back(fmt::format("{} stays: what another run applied stands on it", file->name));
    else
      out.down.push_back(file);
  }
  return out;
}

}  // namespace davy::migrations
