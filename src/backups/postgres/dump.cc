#include "backups/postgres/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "backups/copy/room.h"
#include "backups/postgres/compare.h"
#include "backups/tool/piping.h"

namespace davy::backups {
namespace {

constexpr std::string_view kFormats[] = {"custom", "plain", "directory"};
constexpr const char* kLockWait = "--lock-wait-timeout=60000";  // a migration that holds a table is not waited for
constexpr std::size_t kMostSchema = 256 * 1024 * 1024;

class Dumping {
 public:
  Dumping(Shelf& shelf, const Place& place, const DumpJob& job, Progress& progress, Session holder)
      : shelf_(shelf), place_(place), job_(job), progress_(progress), holder_(std::move(holder)) {}

  Result<Copy> go() {
    for (auto step : {&Dumping::choose, &Dumping::learn, &Dumping::ask_for_room, &Dumping::count_it, &Dumping::dump_it,
                      &Dumping::dump_roles, &Dumping::dump_schema, &Dumping::end_snapshot})
      if (auto went = (this->*step)(); !went) return std::unexpected(went.error());
    m_.name = shelf_.name(), m_.id = job_.id, m_.kind = "postgres", m_.made = timestamp(io::wall_time());
    m_.format = kFormats[static_cast<int>(job_.format)];
    return shelf_.finish(job_.id, m_);
  }

 private:
  Result<> choose() {
    m_.source.major = holder_.server_version() / 10'000;
    auto programs = to_dump(m_.source.major, found_programs());
    if (!programs) return std::unexpected(programs.error());
    programs_ = *std::move(programs);
    auto tool = output_of({{programs_.path("pg_dump"), "--version"}});
    if (!tool) return std::unexpected(tool.error());
    m_.source.tool = trimmed(*tool);
    return {};
  }

  Result<> learn() {
    if (auto begun = holder_.run("begin isolation level repeatable read read only"); !begun) return begun;
    auto rows = holder_.ask(
        "select pg_export_snapshot(), d.datname, current_setting('server_version'), pg_database_size(d.oid),"
        " case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,"
        " pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, to_jsonb(d)->>'daticulocale',"
        " (select rolsuper from pg_roles where rolname = current_user)"
        " from pg_database d where d.datname = current_database()");
    if (!rows) return std::unexpected(rows.error());
    auto at = [&](std::size_t i) { return rows->at(0).at(i).value_or(""); };
    m_.source.snapshot = at(0), m_.source.database = at(1), m_.source.server = at(2);
    auto bytes = at(3);
    std::from_chars(bytes.data(), bytes.data() + bytes.size(), m_.source.bytes);
    m_.source.lsn = at(4), m_.source.encoding = at(5), m_.source.collate = at(6), m_.source.ctype = at(7);
    m_.source.icu = at(8);
    super_ = at(9) == "t";
    return {};
  }

  // As much as the last copy took and a third more; of a first one nobody knows better than half the database.
  Result<> ask_for_room() {
    auto before = shelf_.copies();
    expected_ = before.empty() ? 0 : before.front().manifest.unpacked();
    auto wanted = before.empty() ? m_.source.bytes / 2 : before.front().manifest.bytes() * 4 / 3;
    if (auto room = has_room(shelf_.into(), wanted, "this copy"); !room) return room;
    auto folder = shelf_.begin(job_.id);
    if (!folder) return std::unexpected(folder.error());
    folder_ = *folder;
    return {};
  }

  Result<> count_it() {
    auto began = io::boot_time();
    progress_.stage("count");
    auto counts = count(holder_, job_.contents, progress_);
    if (!counts) return std::unexpected(counts.error());
    m_.counts = *std::move(counts);
    m_.took.count = io::boot_time() - began;
    return {};
  }

  Tool tool(const std::string& program, std::vector<std::string> more) const {
    more.insert(more.begin(), {programs_.path(program), "--no-password"});
    return {.argv = std::move(more), .env = place_.environment()};
  }

  Result<> dump_it() {
    auto began = io::boot_time();
    progress_.stage("dump", expected_);
    auto snapshot = "--snapshot=" + m_.source.snapshot;
    auto went =
        job_.format == Format::directory ? dump_directory(snapshot)
        : job_.format == Format::plain
            ? packed("database.sql.zst", tool("pg_dump", {"--format=plain", kLockWait, snapshot}))
            : packed("database.dump.zst", tool("pg_dump", {"--format=custom", "--compress=0", kLockWait, snapshot}));
    m_.took.dump = io::boot_time() - began;
    return went;
  }

  Result<> packed(const std::string& name, const Tool& tool) {
    auto packed = pack_output(tool, folder_ + "/" + name, progress_);
    if (!packed) return std::unexpected(packed.error());
    m_.files.push_back({name, packed->bytes, packed->unpacked, packed->sha256});
    return {};
  }

  Result<> dump_directory(const std::string& snapshot) {
    auto folder = folder_ + "/database";
    auto said = output_of(
        tool("pg_dump", {"--format=directory", "--jobs=2", "--compress=1", kLockWait, snapshot, "--file=" + folder}));
    if (!said) return std::unexpected(said.error());
    std::vector<std::string> names;
    for (auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    for (auto& name : names) {
      auto sum = backups::sum(folder + "/" + name);
      if (!sum) return std::unexpected(sum.error());
      m_.files.push_back({"database/" + name, sum->bytes, sum->bytes, sum->sha256, false});
    }
    return {};
  }

  // Whose the tables are, and where: no dump of one database has them.
  Result<> dump_roles() {
    std::vector<std::string> roles{"--roles-only", "--database=" + m_.source.database};
    if (!super_) {
      roles.push_back("--no-role-passwords");
      m_.remarks.push_back("without the passwords of roles: only a superuser may read them");
    }
    if (auto went = packed("roles.sql.zst", tool("pg_dumpall", roles)); !went) return went;
    return packed("tablespaces.sql.zst",
                  tool("pg_dumpall", {"--tablespaces-only", "--database=" + m_.source.database}));
  }

  Result<> dump_schema() {
    auto text = schema_of(programs_, place_.environment(), false, m_.source.snapshot);
    if (!text) return std::unexpected(text.error());
    auto packer = Packer::into(folder_ + "/schema.sql.zst");
    if (!packer) return std::unexpected(packer.error());
    if (auto added = packer->add(*text); !added) return added;
    auto packed = packer->finish();
    if (!packed) return std::unexpected(packed.error());
    m_.files.push_back({"schema.sql.zst", packed->bytes, packed->unpacked, packed->sha256});
    m_.schema = sha256_of_text(*text);
    return {};
  }

  Result<> end_snapshot() {
    if (auto noted = note_after(m_.counts, holder_); !noted) return noted;
    return holder_.run("commit");
  }

  Shelf& shelf_;
  const Place& place_;
  const DumpJob& job_;
  Progress& progress_;
  Session holder_;
  Programs programs_;
  Manifest m_;
  std::string folder_;
  std::int64_t expected_ = 0;
  bool super_ = false;
};

}  // namespace

Result<Copy> dump(Shelf& shelf, const Place& place, const DumpJob& job, Progress& progress) {
  if (shelf.has(job.id)) return read_copy(shelf.folder(job.id));
  auto holder = Session::open(place);
  if (!holder) return std::unexpected(holder.error());
  auto made = Dumping(shelf, place, job, progress, *std::move(holder)).go();
  if (!made) shelf.abandon(job.id);
  return made;
}

Result<std::string> schema_of(const Programs& programs, const std::map<std::string, std::string>& environment,
                              bool bare, const std::string& snapshot) {
  Tool tool{.argv = {programs.path("pg_dump"), "--no-password", "--schema-only", "--no-tablespaces", kLockWait},
            .env = environment,
            .bare = bare};
  if (!snapshot.empty()) tool.argv.push_back("--snapshot=" + snapshot);
  auto text = output_of(tool, kMostSchema);
  if (!text) return text;
  return without_comments(*text);
}

}  // namespace davy::backups
