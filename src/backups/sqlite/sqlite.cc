#include "backups/sqlite/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "backups/copy/packing.h"
#include "backups/copy/room.h"
#include "backups/postgres/compare.h"

namespace davy::backups {
namespace {

namespace fs = std::filesystem;

constexpr const char *kPacked = "database.sqlite.zst", *kUnpacked = "database.sqlite";
constexpr const char* kForeign = "without a check of foreign keys: the source did not pass it";
constexpr int kBusy = 30'000;  // ms

class Database {
 public:
  static Result<Database> open(const std::string& path, int how) {
    sqlite3* raw = nullptr;
    int error = ::sqlite3_open_v2(path.c_str(), &raw, how | SQLITE_OPEN_NOFOLLOW, nullptr);
    Database out(raw, path);
    if (error != SQLITE_OK) return std::unexpected(out.said());
    ::sqlite3_busy_timeout(raw, kBusy);
    return out;
  }

  Result<std::vector<std::string>> column(const std::string& text) {
    sqlite3_stmt* raw = nullptr;
    if (::sqlite3_prepare_v2(db_.get(), text.c_str(), -1, &raw, nullptr) != SQLITE_OK) return std::unexpected(said());
    std::unique_ptr<sqlite3_stmt, Finish> statement(raw);
    std::vector<std::string> out;
    int step = 0;
    while ((step = ::sqlite3_step(raw)) == SQLITE_ROW) {
      auto cell = reinterpret_cast<const char*>(::sqlite3_column_text(raw, 0));
      out.emplace_back(cell ? cell : "");
    }
    if (step != SQLITE_DONE) return std::unexpected(said());
    return out;
  }

  Result<> copy_into(Database& to) {
    auto backup = ::sqlite3_backup_init(to.db_.get(), "main", db_.get(), "main");
    if (!backup) return std::unexpected(to.said());
    (void)::sqlite3_backup_step(backup, -1);
    if (::sqlite3_backup_finish(backup) != SQLITE_OK) return std::unexpected(to.said());
    return {};
  }

 private:
  struct Finish {
    void operator()(sqlite3* db) const { ::sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* s) const { ::sqlite3_finalize(s); }
  };
  Database(sqlite3* raw, std::string path) : db_(raw), path_(std::move(path)) {}
  Error said() const {
    int code = ::sqlite3_errcode(db_.get());
    auto what = code == SQLITE_FULL                              ? Code::no_space
                : code == SQLITE_BUSY || code == SQLITE_LOCKED   ? Code::unavailable
                : code == SQLITE_PERM || code == SQLITE_READONLY ? Code::refused
                                                                 : Code::invalid;
    return {what, fmt::format("{}: SQLite says: {}", path_, printable(::sqlite3_errmsg(db_.get())))};
  }
  std::unique_ptr<sqlite3, Finish> db_;
  std::string path_;
};

std::string as_name(const std::string& name) {
  std::string out = "\"";
  for (char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

// Virtual tables need whoever made them; what they hold lies in plain ones.
Result<Counts> counted(Database& db) {
  auto names = db.column(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'"
      " and sql not like 'create virtual%' order by name");
  if (!names) return std::unexpected(names.error());
  Counts out;
  for (auto& name : *names) {
    auto rows = db.column("select count(*) from " + as_name(name));
    if (!rows) return std::unexpected(rows.error());
    out.tables.push_back({.name = name, .rows = std::stoll(rows->at(0))});
  }
  return out;
}

Result<std::string> schema(Database& db) {
  auto all = db.column("select coalesce(sql, name) from sqlite_master order by type, name");
  if (!all) return std::unexpected(all.error());
  return sha256_of_text(joined(*all, "\n"));
}

Result<Packed> packed(const std::string& from, const std::string& to, Progress& progress) {
  auto packer = Packer::into(to);
  if (!packer) return std::unexpected(packer.error());
  auto through = read_blocks(from, [&](std::string_view block) {
    progress.at(packer->taken());
    return packer->add(block);
  });
  if (!through) return std::unexpected(through.error());
  return packer->finish();
}

Result<Copy> copied(Shelf& shelf, const SqliteJob& job, Progress& progress) {
  auto folder = shelf.begin(job.id);
  if (!folder) return std::unexpected(folder.error());
  auto source = Database::open(job.path, SQLITE_OPEN_READWRITE);  // to take its locks; nothing is written
  if (!source) return std::unexpected(source.error());
  auto began = io::boot_time();
  if (auto begun = source->column("begin"); !begun) return std::unexpected(begun.error());
  Manifest m{
      .kind = "sqlite", .name = shelf.name(), .id = job.id, .made = timestamp(io::wall_time()), .format = "sqlite"};
  auto counts = counted(*source);
  auto text = schema(*source);
  auto foreign = source->column("pragma foreign_key_check");
  if (!counts || !text || !foreign)
    return std::unexpected((!counts ? counts.error() : !text ? text.error() : foreign.error()));
  m.counts = *std::move(counts), m.schema = *std::move(text), m.path = job.path;
  if (!foreign->empty()) m.remarks.push_back(kForeign);
  m.took.count = io::boot_time() - began;
  auto plain = *folder + "/" + kUnpacked;
  {
    auto to = Database::open(plain, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!to) return std::unexpected(to.error());
    if (auto went = source->copy_into(*to); !went) return std::unexpected(went.error());
  }
  (void)source->column("rollback");
  auto file = packed(plain, *folder + "/" + kPacked, progress);
  if (!file) return std::unexpected(file.error());
  if (::unlink(plain.c_str()) != 0) return std::unexpected(io::system_error("removing " + plain));
  m.files = {{kPacked, file->bytes, file->unpacked, file->sha256}};
  m.took.dump = io::boot_time() - began;
  return shelf.finish(job.id, m);
}

// The unpacked database, while it is looked at.
class Unpacked {
 public:
  explicit Unpacked(const Copy& copy) : path_(copy.file(kUnpacked)) { remove(); }
  ~Unpacked() { remove(); }
  Unpacked(const Unpacked&) = delete;
  const std::string& path() const { return path_; }
  Result<> fill(const Copy& copy, Progress& progress) {
    io::Fd to(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!to) return std::unexpected(io::system_error("writing " + path_));
    std::int64_t done = 0;
    auto went = unpack(copy.file(kPacked), [&](std::string_view block) -> Result<> {
      if (!io::write_all(to.get(), block)) return std::unexpected(io::system_error("writing " + path_));
      progress.at(done += static_cast<std::int64_t>(block.size()));
      return {};
    });
    if (!went) return std::unexpected(went.error());
    return {};
  }

 private:
  void remove() {
    for (auto end : {"", "-wal", "-shm", "-journal"}) ::unlink((path_ + end).c_str());
  }
  std::string path_;
};

Result<std::vector<std::string>> looked_at(const Copy& copy, const std::string& path) {
  auto db = Database::open(path, SQLITE_OPEN_READWRITE);
  if (!db) return std::unexpected(db.error());
  auto whole = db->column("pragma integrity_check");
  if (!whole) return std::unexpected(whole.error());
  if (*whole != std::vector<std::string>{"ok"})
    return std::vector{whole->empty() ? "integrity_check says nothing" : whole->front()};
  auto now = counted(*db);
  if (!now) return std::unexpected(now.error());
  auto out = differences(copy.manifest.counts, *now);
  auto text = schema(*db);
  if (!text) return std::unexpected(text.error());
  if (*text != copy.manifest.schema) out.push_back("the schema is another");
  auto foreign = db->column("pragma foreign_key_check");
  if (!foreign) return std::unexpected(foreign.error());
  if (!foreign->empty() && copy.manifest.remarks.empty())
    out.push_back("foreign keys of " + foreign->front() + " lead nowhere");
  return out;
}

}  // namespace

bool is_sqlite(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  io::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string first(kMagic.size(), '\0');
  return fd && ::pread(fd.get(), first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()) &&
         first == kMagic;
}

Result<Copy> copy_sqlite(Shelf& shelf, const SqliteJob& job, Progress& progress) {
  if (shelf.has(job.id)) return read_copy(shelf.folder(job.id));
  std::error_code error;
  auto size = static_cast<std::int64_t>(fs::file_size(job.path, error));
  if (error) return std::unexpected(io::system_error("copying " + job.path, error.value()));
  if (auto room = has_room(shelf.into(), size * 3 / 2, "this copy"); !room) return std::unexpected(room.error());
  progress.stage("copy", size);
  auto made = copied(shelf, job, progress);
  if (!made) shelf.abandon(job.id);
  return made;
}

Result<Proof> prove_sqlite(const Copy& copy, Progress& progress) {
  progress.stage("check");
  if (auto sums = check_sums(copy); !sums) return std::unexpected(sums.error());
  if (auto room = has_room(copy.folder, copy.manifest.unpacked(), "unpacking it"); !room)
    return std::unexpected(room.error());
  auto began = io::boot_time();
  progress.stage("restore", copy.manifest.unpacked());
  Unpacked scratch(copy);
  if (auto filled = scratch.fill(copy, progress); !filled) return std::unexpected(filled.error());
  Proof out{.where = "a file of its own", .manifest = copy.sha256, .restore = io::boot_time() - began};
  began = io::boot_time();
  progress.stage("compare");
  auto differs = looked_at(copy, scratch.path());
  if (!differs) return std::unexpected(differs.error());
  if (!differs->empty())
    return fail(Code::invalid, fmt::format("{} is no proof of a way back: {}", copy.folder, differs->front()));
  out.compare = io::boot_time() - began, out.at = timestamp(io::wall_time());
  for (auto& table : copy.manifest.counts.tables) ++out.tables, out.rows += table.rows;
  if (auto written = write_proof(copy, out); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace davy::backups
