#include "backups/postgres/load.h"

#include <fmt/format.h>

#include "backups/postgres/compare.h"
#include "backups/postgres/dump.h"
#include "backups/tool/piping.h"

namespace davy::backups {
namespace {

constexpr const char *kCustom = "database.dump.zst", *kPlain = "database.sql.zst", *kSchema = "schema.sql.zst";

Tool tool(const Target& to, const std::string& program, std::vector<std::string> more) {
  more.insert(more.begin(), {to.programs.path(program), "--no-password"});
  return {.argv = std::move(more), .env = to.place.environment(), .bare = to.own};
}

// Whatever it meets, psql ends with 0 unless it is told to stop.
Tool psql(const Target& to) {
  return tool(to, "psql", {"--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"});
}

Tool pg_restore(const Target& to, std::vector<std::string> more) {
  more.insert(more.begin(), {"--exit-on-error", "--no-tablespaces", "--dbname=" + to.place.settings().at("dbname")});
  return tool(to, "pg_restore", std::move(more));
}

Result<> fed(const Copy& copy, const std::string& file, Tool tool, const Target& to, Progress& progress) {
  if (to.own) tool.argv.push_back("--single-transaction");
  auto went = feed(copy.file(file), tool, progress);
  if (!went) return std::unexpected(went.error());
  return {};
}

std::string first_difference(const std::string& a, const std::string& b) {
  auto lines_a = split(a, '\n'), lines_b = split(b, '\n');
  for (std::size_t i = 0; i < std::max(lines_a.size(), lines_b.size()); ++i) {
    auto one = i < lines_a.size() ? lines_a[i] : "", other = i < lines_b.size() ? lines_b[i] : "";
    if (one != other)
      return fmt::format("`{}`, and was `{}`", printable(other.substr(0, 200)), printable(one.substr(0, 200)));
  }
  return "the same";
}

}  // namespace

Result<> load(const Copy& copy, const Target& to, Progress& progress) {
  progress.stage("restore", copy.manifest.unpacked());
  if (copy.manifest.format == "plain") return fed(copy, kPlain, psql(to), to, progress);
  if (copy.manifest.format == "custom") return fed(copy, kCustom, pg_restore(to, {}), to, progress);
  auto said = output_of(pg_restore(to, {"--jobs=2", copy.file("database")}));
  if (!said) return std::unexpected(said.error());
  return {};
}

Result<> load_schema(const Copy& copy, const Target& to, Progress& progress) {
  return fed(copy, kSchema, psql(to), to, progress);
}

Result<> load_roles(const Copy& copy, const Target& to, Progress& progress) {
  progress.stage("roles");
  return fed(copy, "roles.sql.zst", psql(to), to, progress);
}

Result<std::vector<std::string>> compared(const Copy& copy, const Target& to,
                                          const std::function<Result<Target>()>& reference, Progress& progress) {
  progress.stage("compare");
  auto session = Session::open(to.place);
  if (!session) return std::unexpected(session.error());
  bool summed = !copy.manifest.counts.tables.empty() && copy.manifest.counts.tables.front().hash;
  auto now = count(*session, summed ? Contents::summed : Contents::counted, progress);
  if (!now) return std::unexpected(now.error());
  auto out = differences(copy.manifest.counts, *now);
  auto schema = schema_of(to.programs, to.place.environment(), to.own);
  if (!schema) return std::unexpected(schema.error());
  if (sha256_of_text(*schema) == copy.manifest.schema) return out;
  auto other = reference();
  if (!other) return std::unexpected(other.error());
  if (auto loaded = load_schema(copy, *other, progress); !loaded) return std::unexpected(loaded.error());
  auto expected = schema_of(other->programs, other->place.environment(), other->own);
  if (!expected) return std::unexpected(expected.error());
  if (*expected != *schema) out.push_back("the schema is another: it has " + first_difference(*expected, *schema));
  return out;
}

}  // namespace davy::backups
