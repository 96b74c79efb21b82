#include "backups/copy/shelf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "backups/copy/packing.h"
#include "io/posix/files.h"

namespace davy::backups {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostManifest = 64 * 1024 * 1024;  // a line for each table
constexpr const char *kManifest = "manifest.json", *kProof = "proof.json";

Result<> synced(const std::string& folder) {
  io::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return std::unexpected(io::system_error("writing " + folder));
  return {};
}

// Never through a link.
Result<> remove_all(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return std::unexpected(io::system_error("removing " + path, error.value()));
  return {};
}

// First it is no copy any more, then it goes.
Result<> remove_copy(const std::string& folder) {
  auto at = folder.rfind('/');
  auto gone = folder.substr(0, at + 1) + "." + folder.substr(at + 1) + ".gone";
  if (::rename(folder.c_str(), gone.c_str()) != 0) return std::unexpected(io::system_error("removing " + folder));
  return remove_all(gone);
}

template <class T>
Result<T> read_table(const std::string& path, std::string& text) {
  auto found = io::read_file(path, kMostManifest);
  if (!found) return std::unexpected(found.error());
  text = *std::move(found);
  auto json = spec::parse_json(text);
  if (!json) return fail(Code::invalid, path + " is damaged: " + json.error().message);
  return spec::decoded<T>(spec::from_json(*json), path);
}

std::string sha256_of(const std::string& path) {
  auto sum = backups::sum(path);
  return sum ? sum->sha256 : "";
}

// Whose copy it is: ids are those of a run and its attempt.
std::string run_of(const std::string& id) { return id.substr(0, id.rfind("-a")); }

}  // namespace

Result<Copy> read_copy(const std::string& folder) {
  std::string text;
  auto path = folder + "/" + kManifest;
  auto manifest = read_table<Manifest>(path, text);
  if (!manifest) return std::unexpected(manifest.error());
  if (manifest->davy != 1) return fail(Code::invalid, path + " was written by a newer Davy");
  for (auto& file : manifest->files)
    if (file.name.starts_with('/') || file.name.contains(".."))
      return fail(Code::invalid, path + " names a file that is not beside it");
  Copy out{folder, *std::move(manifest), sha256_of(path), {}};
  auto proof = read_table<Proof>(folder + "/" + kProof, text);
  if (proof && proof->manifest == out.sha256) out.proof = *std::move(proof);
  return out;
}

Result<> write_proof(const Copy& copy, const Proof& proof) {
  return io::replace_file(copy.file(kProof), spec::dump(spec::encode(proof)) + "\n", 0600, io::Sync::yes);
}

Result<> check_sums(const Copy& copy) {
  for (auto& file : copy.manifest.files) {
    auto found = sum(copy.file(file.name));
    if (!found) return std::unexpected(found.error());
    if (found->bytes < file.bytes)
      return fail(Code::invalid,
                  fmt::format("{} is cut: {} bytes of {}", copy.file(file.name), found->bytes, file.bytes));
    if (found->sha256 != file.sha256)
      return fail(Code::invalid, copy.file(file.name) + " is damaged: its checksum is another than when it was made");
  }
  return {};
}

std::string file_name(std::string_view text) {
  std::string out;
  for (unsigned char c : text) out += std::isalnum(c) || c == '-' || c == '_' ? static_cast<char>(c) : '_';
  return out.empty() ? "_" : out.substr(0, 100);
}

Result<Shelf> Shelf::open(const std::string& into, const std::string& name) {
  if (auto made = io::make_folders(into); !made) return std::unexpected(made.error());
  std::error_code error;
  auto whole = fs::canonical(into, error).string();
  if (error) return std::unexpected(io::system_error("opening " + into, error.value()));
  auto path = fmt::format("{}/.{}.lock", whole, file_name(name));
  auto lock = io::LockFile::take(path, fmt::format("pid {}", ::getpid()));
  if (!lock) {
    auto holder = io::LockFile::holder(path);
    if (!holder || !*holder) return std::unexpected(lock.error());
    return fail(Code::conflict, fmt::format("another backup of {} goes on in {} ({})", name, whole, **holder));
  }
  Shelf out(whole, name, *std::move(lock));
  if (auto tidied = out.tidy(); !tidied) return std::unexpected(tidied.error());
  return out;
}

std::string Shelf::folder(const std::string& id) const {
  return fmt::format("{}/{}.{}", into_, file_name(name_), file_name(id));
}
std::string Shelf::part(const std::string& id) const {
  return fmt::format("{}/.{}.{}.part", into_, file_name(name_), file_name(id));
}
bool Shelf::has(const std::string& id) const { return ::access((folder(id) + "/" + kManifest).c_str(), F_OK) == 0; }

// The lock is ours, so nobody works on these.
Result<> Shelf::tidy() const {
  std::error_code error;
  auto ours = fmt::format(".{}.", file_name(name_));
  for (fs::directory_iterator it(into_, error), end; !error && it != end; it.increment(error)) {
    auto name = it->path().filename().string();
    if (!name.starts_with(ours) || !(name.ends_with(".part") || name.ends_with(".gone"))) continue;
    if (auto removed = remove_all(it->path().string()); !removed) return removed;
  }
  if (error) return std::unexpected(io::system_error("reading " + into_, error.value()));
  return {};
}

Result<std::string> Shelf::begin(const std::string& id) {
  auto folder = part(id);
  if (auto removed = remove_all(folder); !removed) return std::unexpected(removed.error());
  if (::mkdir(folder.c_str(), 0700) != 0) return std::unexpected(io::system_error("making " + folder));
  return folder;
}

Result<Copy> Shelf::finish(const std::string& id, const Manifest& manifest) {
  auto text = spec::dump(spec::encode(manifest)) + "\n";
  if (auto written = io::replace_file(part(id) + "/" + kManifest, text, 0600, io::Sync::yes); !written)
    return std::unexpected(written.error());
  if (auto went = synced(part(id)); !went) return std::unexpected(went.error());
  if (::rename(part(id).c_str(), folder(id).c_str()) != 0)
    return std::unexpected(io::system_error("making " + folder(id)));
  if (auto went = synced(into_); !went) return std::unexpected(went.error());
  return read_copy(folder(id));
}

void Shelf::abandon(const std::string& id) { (void)remove_all(part(id)); }

std::vector<Copy> Shelf::copies() const {
  std::vector<Copy> out;
  std::error_code error;
  auto ours = file_name(name_) + ".";
  for (fs::directory_iterator it(into_, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(ours)) continue;
    auto copy = read_copy(it->path().string());
    if (copy && copy->manifest.name == name_) out.push_back(*std::move(copy));
  }
  std::ranges::sort(out, std::ranges::greater{}, [](auto& one) { return one.manifest.made; });
  return out;
}

Result<int> Shelf::keep(const Keep& keep, const Copy& like, std::set<std::string> runs, Time now) const {
  if (keep.all()) return 0;
  std::vector<Kept> all;
  auto& of = like.manifest;
  runs.insert(run_of(of.id));
  std::set<std::string> needed;
  for (auto& one : copies()) {
    auto& m = one.manifest;
    if (m.source.at != of.source.at || m.source.database != of.source.database || m.path != of.path) continue;
    all.push_back({one.folder, parse_timestamp(m.made).value_or(now), one.proof.has_value()});
    if (runs.contains(run_of(m.id))) needed.insert(one.folder);
  }
  int removed = 0;
  for (auto& folder : to_remove(std::move(all), keep, now)) {
    if (needed.contains(folder)) continue;
    if (auto went = remove_copy(folder); !went) return std::unexpected(went.error());
    ++removed;
  }
  return removed;
}

std::string Shelf::place() const { return fmt::format("{}/{}", into_, file_name(name_)); }

}  // namespace davy::backups
