#include "migrations/runner/foreign.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "migrations/ledger/alembic.h"
#include "migrations/ledger/prisma.h"
#include "migrations/runner/files.h"

namespace davy::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostIni = 1024 * 1024, kMostPrisma = 16 * 1024 * 1024;

bool there(const fs::path& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// Where its ini says that it is, or the folder itself.
Result<std::optional<Place>> alembic_at(const fs::path& folder) {
  if (there(folder / "alembic.ini")) {
    auto ini = read_file(folder / "alembic.ini", kMostIni);
    if (!ini) return std::unexpected(ini.error());
    auto at = script_location(*ini);
    if (at.empty())
      return fail(Code::invalid, "alembic.ini in " + printable(folder.string()) + " says no script_location");
    return Place{By::alembic, folder, (folder / at / "versions").lexically_normal()};
  }
  if (!there(folder / "env.py") || !there(folder / "versions")) return std::nullopt;
  return Place{By::alembic, folder.parent_path(), folder / "versions"};
}

// `prisma/migrations`, or the folder that holds it.
std::optional<Place> prisma_at(const fs::path& folder) {
  if (there(folder / "migration_lock.toml")) return Place{By::prisma, folder.parent_path().parent_path(), folder};
  if (there(folder / "migrations" / "migration_lock.toml"))
    return Place{By::prisma, folder.parent_path(), folder / "migrations"};
  return {};
}

// Whether a table is there in a schema that is looked into; an Error where that cannot be told.
Asked<bool> table_there(Session& session, const std::string& name) {
  auto rows = session.ask(
      "select pg_catalog.to_regclass($1) is not null, (select count(*) from pg_catalog.pg_class where relname = $1 and "
      "relkind = 'r')",
      {name});
  if (!rows) return std::unexpected(rows.error());
  if (rows->front()[0] == "t") return true;
  if (rows->front()[1] == "0") return false;
  return std::unexpected(Wrong{"3F000",
                               {Code::refused,
                                fmt::format("the table {} stands in a schema into which this role does not look", name),
                                "set its search_path",
                                {}}});
}

Result<std::vector<PrismaFile>> prisma_files(const std::string& folder) {
  std::vector<PrismaFile> out;
  std::error_code why;
  for (auto& entry : fs::directory_iterator(folder, why)) {
    std::error_code none;
    if (!entry.is_directory(none)) continue;
    if (out.size() >= kMostFiles) return fail(Code::invalid, "too many folders in " + printable(folder));
    auto text = read_file(entry.path() / "migration.sql", kMostPrisma);
    if (!text) return std::unexpected(text.error());
    out.push_back({entry.path().filename(), sha256_of(*text)});
  }
  if (why) return fail(Code::unavailable, fmt::format("reading {}: {}", printable(folder), why.message()));
  return out;
}

}  // namespace

Result<Place> place_of(const std::string& folder) {
  std::error_code why;
  if (!fs::is_directory(folder, why)) return fail(Code::invalid, printable(folder) + " is no folder");
  auto path = fs::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  auto alembic = alembic_at(path);
  if (!alembic) return std::unexpected(alembic.error());
  auto prisma = prisma_at(path);
  if (*alembic && prisma) return fail(Code::invalid, printable(folder) + " holds migrations of alembic and of Prisma");
  if (*alembic) return **alembic;
  if (prisma) return *prisma;
  return Place{By::sql, path, path};
}

Result<Seen> look_at_alembic(const Place& place, const Where& where) {
  auto files = read_files(place.folder, ".py");
  if (!files) return std::unexpected(files.error());
  auto revisions = revisions_of(*files);
  auto session = Session::open(where);
  if (!session) return std::unexpected(session.error().error);
  auto has = table_there(*session, "alembic_version");
  if (!has) return std::unexpected(has.error().error);
  std::vector<std::string> current;
  if (*has) {
    auto rows = session->ask("select version_num from alembic_version order by 1");
    if (!rows) return std::unexpected(rows.error().error);
    for (auto& row : *rows) current.push_back(row[0]);
  }
  return seen_of(revisions, current);
}

Result<Seen> look_at_prisma(const Place& place, const Where& where) {
  auto files = prisma_files(place.folder);
  if (!files) return std::unexpected(files.error());
  auto session = Session::open(where);
  if (!session) return std::unexpected(session.error().error);
  auto has = table_there(*session, "_prisma_migrations");
  if (!has) return std::unexpected(has.error().error);
  std::vector<PrismaRow> stand;
  if (*has) {
    auto rows = session->ask(
        "select migration_name, checksum, finished_at is not null, rolled_back_at is not null from _prisma_migrations "
        "order by started_at");
    if (!rows) return std::unexpected(rows.error().error);
    for (auto& row : *rows) stand.push_back({row[0], row[1], row[2] == "t", row[3] == "t"});
  }
  return seen_of(std::move(*files), stand);
}

std::vector<std::string> program_of(const Place& place) {
  auto beside = place.by == By::alembic ? std::vector<std::string>{".venv/bin/alembic", "venv/bin/alembic"}
                                        : std::vector<std::string>{"node_modules/.bin/prisma"};
  for (auto& one : beside)
    if (auto path = fs::path(place.root) / one; there(path)) return {path};
  return {place.by == By::alembic ? "alembic" : "prisma"};
}

}  // namespace davy::migrations
