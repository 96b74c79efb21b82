#include "backups/work.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "backups/files/files.h"
#include "backups/postgres/dump.h"
#include "backups/postgres/prove.h"
#include "backups/postgres/restore.h"
#include "backups/sqlite/sqlite.h"

namespace davy::backups {
namespace {

using spec::Json;

int answer(const Json& json, int code) {
  fmt::print("{}\n", spec::dump(json));
  std::fflush(stdout);
  return code;
}

// What programs and servers say may quote what they were told.
int refuse(const Error& e, const std::optional<Place>& place = {}) {
  auto message = place ? place->masked(e.message) : e.message;
  Json error{{"code", name(e.code)}, {"message", printable(message)}};
  if (!e.hint.empty()) error["hint"] = printable(e.hint);
  return answer({{"error", error}}, e.code == Code::refused ? 6 : 1);
}

// Taken out of the environment, for what we start inherits it.
Result<Place> source() {
  auto url = ::getenv("DAVY_SOURCE");
  if (!url) return fail(Code::invalid, "DAVY_SOURCE does not say where the database is");
  auto place = Place::parse(url);
  ::unsetenv("DAVY_SOURCE");
  return place;
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
  if (m.kind != "files") out["tables"] = m.counts.tables.size(), out["rows"] = rows, out["schema"] = m.schema;
  if (!m.remarks.empty()) out["remarks"] = m.remarks;
  if (copy.proof) out["proof"] = told(*copy.proof);
  return out;
}

Format format_of(const std::string& word) {
  return word == "plain" ? Format::plain : word == "directory" ? Format::directory : Format::custom;
}

Result<Copy> made(const Work& w, Shelf& shelf, const std::optional<Place>& place, Progress& progress) {
  if (w.kind == "files" && is_sqlite(shelf.name())) return copy_sqlite(shelf, {w.id, shelf.name()}, progress);
  if (w.kind == "files") return copy_files(shelf, {w.id, shelf.name()}, progress);
  return dump(shelf, *place, {w.id, format_of(w.format), w.contents ? Contents::summed : Contents::counted}, progress);
}

Result<Proof> proven(const Work& w, const Shelf& shelf, const Copy& copy, const std::optional<Place>& place,
                     Progress& progress) {
  if (copy.manifest.kind == "files") return read_back(copy, progress);
  if (copy.manifest.kind == "sqlite") return prove_sqlite(copy, progress);
  return prove(shelf, copy, {w.scratch, place ? &*place : nullptr}, progress);
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
  std::optional<Place> place;
  Shelf shelf;
};
Result<Begun> begin(const Work& w) {
  ::umask(077);  // whatever writes a copy, it is for us alone
  std::optional<Place> place;
  if (w.kind != "files") {
    auto found = source();
    if (!found) return std::unexpected(found.error());
    place = *std::move(found);
  }
  auto shelf = free_shelf(home(w.into), w.kind == "files" ? home(w.name) : w.name);
  if (!shelf) return std::unexpected(shelf.error());
  return Begun{std::move(place), *std::move(shelf)};
}

}  // namespace

int work_dump(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  Progress progress;
  auto copy = made(w, begun->shelf, begun->place, progress);
  if (!copy) return refuse(copy.error(), begun->place);
  if (w.prove && !copy->proof) {
    auto proof = proven(w, begun->shelf, *copy, begun->place, progress);
    if (!proof) return refuse(proof.error(), begun->place);
    copy->proof = *std::move(proof);
  }
  auto age = std::chrono::hours(24) * w.keep_days;
  auto removed = begun->shelf.keep({w.keep_copies, age}, *copy, {w.needed.begin(), w.needed.end()}, io::wall_time());
  if (!removed) return refuse(removed.error(), begun->place);
  auto out = told(*copy);
  if (*removed > 0) out["removed"] = *removed;
  return answer({{"made", out}}, 0);
}

int work_prove(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  auto copy = read_copy(begun->shelf.folder(w.id));
  if (!copy) return refuse(copy.error(), begun->place);
  Progress progress;
  auto proof = proven(w, begun->shelf, *copy, begun->place, progress);
  if (!proof) return refuse(proof.error(), begun->place);
  copy->proof = *std::move(proof);
  return answer({{"made", told(*copy)}}, 0);
}

int work_restore(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  auto copy = read_copy(begun->shelf.folder(w.id));
  if (!copy) return refuse(copy.error(), begun->place);
  if (!begun->place) return refuse({Code::invalid, "only a database is restored by itself: " + copy->folder});
  Progress progress;
  auto done = restore(*copy, *begun->place, w.key, progress);
  if (!done) return refuse(done.error(), begun->place);
  return answer({{"restored",
                  {{"database", done->database},
                   {"before", done->before},
                   {"already", done->already},
                   {"restore", rounded(done->restore)},
                   {"compare", rounded(done->compare)},
                   {"tables", done->tables},
                   {"rows", done->rows}}}},
                0);
}

int work_sweep(const Work& w) {
  auto begun = begin(w);
  if (!begun) return refuse(begun.error());
  if (w.kind == "files") return answer({{"swept", true}}, 0);
  auto gone = sweep_scratch(begun->shelf, {w.scratch, begun->place ? &*begun->place : nullptr});
  return gone ? answer({{"swept", true}}, 0) : refuse(gone.error(), begun->place);
}

}  // namespace davy::backups
