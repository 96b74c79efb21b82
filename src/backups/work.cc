#include "backups/work.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "backups/copy/history.h"
#include "backups/files/files.h"
#include "backups/postgres/dump.h"
#include "backups/postgres/prove.h"
#include "backups/postgres/restore.h"
#include "backups/redis/copy.h"
#include "backups/redis/prove.h"
#include "backups/redis/restore.h"
#include "backups/sqlite/sqlite.h"

namespace davy::backups {
namespace {

using spec::Json;

int answer(const Json& json, int code) {
  fmt::print("{}\n", spec::dump(json));
  std::fflush(stdout);
  return code;
}

// Where a database is. Of files, nowhere.
struct From {
  std::optional<Place> postgres;
  std::optional<RedisSource> redis;
  std::string masked(const std::string& text) const {
    return postgres ? postgres->masked(text) : redis ? redis->masked(text) : text;
  }
};

// What programs and servers say may quote what they were told.
int refuse(const Error& e, const From& from = {}) {
  Json error{{"code", name(e.code)}, {"message", printable(from.masked(e.message))}};
  if (!e.hint.empty()) error["hint"] = printable(e.hint);
  return answer({{"error", error}}, e.code == Code::refused ? 6 : 1);
}

// Taken out of the environment, for what we start inherits it.
std::optional<std::string> taken(const char* name) {
  auto value = ::getenv(name);
  auto out = value ? std::optional<std::string>(value) : std::nullopt;
  ::unsetenv(name);
  return out;
}

Result<From> source(const std::string& kind) {
  From out;
  if (kind == "files") return out;
  auto url = taken("DAVY_SOURCE"), password = taken("DAVY_SOURCE_PASSWORD"), ca = taken("DAVY_SOURCE_CA");
  if (!url) return fail(Code::invalid, "DAVY_SOURCE does not say where the database is");
  if (kind == "postgres") {
    auto place = Place::parse(*url);
    if (!place) return std::unexpected(place.error());
    return From{.postgres = *std::move(place)};
  }
  auto place = io::parse_redis_url(*url);
  if (!place) return std::unexpected(place.error());
  if (password) place->password = *password;
  place->database.clear();  // all of them are copied
  return From{.redis = RedisSource{*std::move(place), ca.value_or("")}};
}

Json rounded(Duration took) { return spec::encode(Duration(std::chrono::round<std::chrono::milliseconds>(took))); }

Json told(const Proof& proof) {
  return {{"at", proof.at},
          {"where", proof.where},
          {"contents", proof.contents},
          {"restore", rounded(proof.restore)},
          {"compare", rounded(proof.compare)}};
}

// What the step hands on.
Json told(const Copy& copy) {
  auto& m = copy.manifest;
  Json out{{"id", m.id},
           {"copy", copy.folder},
           {"manifest", copy.file("manifest.json")},
           {"sha256", copy.sha256},
           {"bytes", m.bytes()},
           {"made", m.made},
           {"dump", rounded(m.took.dump)}};
  std::int64_t rows = 0;
  for (auto& table : m.counts.tables) rows += table.rows;
  if (m.kind == "files") out["entries"] = m.entries;
  std::int64_t keys = 0;
  for (auto& one : m.databases) keys += one.keys;
  if (m.kind == "redis") out["databases"] = m.databases.size(), out["keys"] = keys;
  if (m.kind == "postgres" || m.kind == "sqlite")
    out["tables"] = m.counts.tables.size(), out["rows"] = rows, out["schema"] = m.schema;
  if (!m.remarks.empty()) out["remarks"] = m.remarks;
  if (copy.proof) out["proof"] = told(*copy.proof);
  return out;
}

Json told(const Usual& usual) { return {{"took", rounded(usual.took)}, {"proofs", usual.proofs}}; }

Format format_of(const std::string& word) {
  return word == "plain" ? Format::plain : word == "directory" ? Format::directory : Format::custom;
}

Result<Copy> made(const Work& w, Shelf& shelf, const From& from, Progress& progress) {
  if (w.kind == "files" && is_sqlite(shelf.name())) return copy_sqlite(shelf, {w.id, shelf.name()}, progress);
  if (w.kind == "files") return copy_files(shelf, {w.id, shelf.name()}, progress);
  if (from.redis) return copy_redis(shelf, *from.redis, w.id, progress);
  return dump(shelf, *from.postgres, {w.id, format_of(w.format), w.contents ? Contents::summed : Contents::counted},
              progress);
}

ScratchAt scratch_at(const Work& w, const From& from) { return {w.scratch, from.postgres ? &*from.postgres : nullptr}; }

Result<Proof> looked_at(const Work& w, const Shelf& shelf, const Copy& copy, const From& from, Progress& progress) {
  if (copy.manifest.kind == "files") return read_back(copy, progress);
  if (copy.manifest.kind == "sqlite") return prove_sqlite(copy, progress);
  if (copy.manifest.kind == "redis") return prove_redis(shelf, copy, w.scratch, progress);
  return prove(shelf, copy, scratch_at(w, from), progress);
}

// And what was usual before it.
struct Proven {
  Proof proof;
  std::optional<Usual> usual;
};
Result<Proven> proven(const Work& w, const Shelf& shelf, const Copy& copy, const From& from, Progress& progress) {
  auto proof = looked_at(w, shelf, copy, from, progress);
  if (!proof) return std::unexpected(proof.error());
  auto before = usual(past_proofs(shelf), whose(copy.manifest));
  if (auto noted = note_proof(shelf, copy, *proof); !noted) return std::unexpected(noted.error());
  return Proven{*std::move(proof), before};
}

// `~/app` is in the home of who runs this.
std::string home(const std::string& path) {
  auto folder = ::getenv("HOME");
  bool ours = path == "~" || path.starts_with("~/");
  return ours && folder ? folder + path.substr(1) : path;
}

// One that makes the same copy is waited for: it may be ours, of a keeper that died.
Result<Shelf> free_shelf(const std::string& into, const std::string& name) {
  using namespace std::chrono_literals;
  for (auto last = std::chrono::steady_clock::now() + 1h;;) {
    auto shelf = Shelf::open(into, name);
    if (shelf || shelf.error().code != Code::conflict || std::chrono::steady_clock::now() >= last) return shelf;
    std::this_thread::sleep_for(100ms);
  }
}

// What each of them begins with. Code of the first thing that is wrong.
struct Begun {
  From from;
  Shelf shelf;
};
Result<Begun> begin(const Work& w) {
  ::umask(077);  // whatever writes a copy, it is for us alone
  auto from = source(w.kind);
  if (!from) return std::unexpected(from.error());
  auto shelf = free_shelf(home(w.into), w.kind == "files" ? home(w.name) : w.name);
  if (!shelf) return std::unexpected(shelf.error());
  return Begun{*std::move(from), *std::move(shelf)};
}

Result<Json> postgres_back(const Work& w, const Copy& copy, const Place& place, Progress& progress) {
  auto done = restore(copy, place, w.key, progress);
  if (!done) return std::unexpected(done.error());
  return Json{{"database", done->database},
              {"before", done->before},
              {"already", done->already},
              {"restore", rounded(done->restore)},
              {"compare", rounded(done->compare)},
              {"tables", done->tables},
              {"rows", done->rows}};
}

Result<Json> redis_back(const Work& w, const Shelf& shelf, const Copy& copy, const RedisSource& source,
                        Progress& progress) {
  auto done = restore_redis(shelf, copy, source, w.key, w.scratch, progress);
  if (!done) return std::unexpected(done.error());
  return Json{{"database", shelf.name()},
              {"before", done->before},
              {"already", done->already},
              {"restore", rounded(done->restore)},
              {"compare", rounded(done->compare)},
              {"databases", done->databases},
              {"keys", done->keys}};
}

Result<Json> brought_back(const Work& w, const Shelf& shelf, const Copy& copy, const From& from, Progress& progress) {
  if (from.postgres) return postgres_back(w, copy, *from.postgres, progress);
  if (from.redis) return redis_back(w, shelf, copy, *from.redis, progress);
  return fail(Code::invalid, "only a database is restored by itself: " + copy.folder);
}

}  // namespace

int work_dump(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  Progress progress;
  auto copy = made(w, begun->shelf, begun->from, progress);
  if (!copy) return refuse(copy.error(), begun->from);
  std::optional<Usual> usual;
  if (w.prove && !copy->proof) {
    auto proof = proven(w, begun->shelf, *copy, begun->from, progress);
    if (!proof) return refuse(proof.error(), begun->from);
    copy->proof = std::move(proof->proof), usual = proof->usual;
  }
  auto age = std::chrono::hours(24) * w.keep_days;
  auto removed = begun->shelf.keep({w.keep_copies, age}, *copy, {w.needed.begin(), w.needed.end()}, io::wall_time());
  if (!removed) return refuse(removed.error(), begun->from);
  auto out = told(*copy);
  if (usual) out["usual"] = told(*usual);
  if (*removed > 0) out["removed"] = *removed;
  return answer({{"made", out}}, 0);
}

int work_prove(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  auto copy = read_copy(begun->shelf.folder(w.id));
  if (!copy) return refuse(copy.error(), begun->from);
  Progress progress;
  auto proof = proven(w, begun->shelf, *copy, begun->from, progress);
  if (!proof) return refuse(proof.error(), begun->from);
  copy->proof = std::move(proof->proof);
  auto out = told(*copy);
  if (proof->usual) out["usual"] = told(*proof->usual);
  return answer({{"made", out}}, 0);
}

int work_restore(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  auto copy = read_copy(begun->shelf.folder(w.id));
  if (!copy) return refuse(copy.error(), begun->from);
  Progress progress;
  auto back = brought_back(w, begun->shelf, *copy, begun->from, progress);
  return back ? answer({{"restored", *back}}, 0) : refuse(back.error(), begun->from);
}

int work_sweep(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  auto gone = sweep_scratch(begun->shelf, scratch_at(w, begun->from));
  return gone ? answer({{"swept", true}}, 0) : refuse(gone.error(), begun->from);
}

}  // namespace davy::backups
