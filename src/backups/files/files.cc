#include "backups/files/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "backups/copy/room.h"
#include "backups/tool/piping.h"

namespace davy::backups {
namespace {

namespace fs = std::filesystem;

constexpr const char *kArchive = "files.tar.zst", *kList = "files.list";
constexpr std::size_t kMostList = 1024 * 1024 * 1024;

// What all files below have in bytes, as far as they can be looked at.
std::int64_t size_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return static_cast<std::int64_t>(fs::file_size(path, error));
  std::int64_t all = 0;
  auto how = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(path, how, error), end; !error && it != end; it.increment(error)) {
    std::error_code one;
    if (!it->is_symlink(one) && it->is_regular_file(one)) all += static_cast<std::int64_t>(it->file_size(one));
  }
  return all;
}

// tar's words of what changed under its hands, as remarks for people.
std::vector<std::string> remarks(const std::string& errors) {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> out;
  for (auto line : split(trimmed(errors), '\n'))
    if (!line.empty() && out.size() < kMost) out.push_back(printable(line.substr(0, 300)));
  return out;
}

Result<fs::path> found(const Shelf& shelf, const std::string& path) {
  std::error_code error;
  auto whole = fs::canonical(path, error);
  if (error) return std::unexpected(io::system_error("copying " + path, error.value()));
  if ((shelf.into() + "/").starts_with(whole.string() + "/"))
    return fail(Code::invalid, fmt::format("copying {} into {}, which lies in it", path, shelf.into()),
                "another folder for its copies");
  return whole;
}

Result<Copy> archived(Shelf& shelf, const FilesJob& job, const fs::path& whole, Progress& progress) {
  auto folder = shelf.begin(job.id);
  if (!folder) return std::unexpected(folder.error());
  auto began = io::boot_time();
  auto list = *folder + "/" + kList;
  Tool tar{.argv = {"tar", "--create", "--file=-", "--sort=name", "--verbose", "--index-file=" + list,
                    "--directory=" + whole.parent_path().string(), "--", whole.filename().string()},
           .well = 1};  // some of it changed meanwhile
  std::string errors;
  auto packed = pack_output(tar, *folder + "/" + kArchive, progress, &errors);
  if (!packed) return std::unexpected(packed.error());
  auto names = sum(list);
  if (!names) return std::unexpected(names.error());
  auto text = io::read_file(list, kMostList);
  if (!text) return std::unexpected(text.error());
  Manifest m{.kind = "files", .name = shelf.name(), .id = job.id, .made = timestamp(io::wall_time()), .format = "tar"};
  m.files = {{kArchive, packed->bytes, packed->unpacked, packed->sha256},
             {kList, names->bytes, names->bytes, names->sha256, false}};
  m.path = whole.string(), m.entries = std::ranges::count(*text, '\n'), m.remarks = remarks(errors);
  m.took.dump = io::boot_time() - began;
  return shelf.finish(job.id, m);
}

}  // namespace

Result<Copy> copy_files(Shelf& shelf, const FilesJob& job, Progress& progress) {
  if (shelf.has(job.id)) return read_copy(shelf.folder(job.id));
  auto whole = found(shelf, job.path);
  if (!whole) return std::unexpected(whole.error());
  auto size = size_of(*whole);
  if (auto room = has_room(shelf.into(), size / 2, "this copy"); !room) return std::unexpected(room.error());
  progress.stage("copy", size);
  auto made = archived(shelf, job, *whole, progress);
  if (!made) shelf.abandon(job.id);
  return made;
}

Result<Proof> read_back(const Copy& copy, Progress& progress) {
  progress.stage("read back", copy.manifest.unpacked());
  auto began = io::boot_time();
  if (auto sums = check_sums(copy); !sums) return std::unexpected(sums.error());
  auto list = copy.file(".list");
  auto fed = feed(copy.file(kArchive), {{"tar", "--list", "--file=-", "--index-file=" + list}}, progress);
  auto names = fed ? sum(list) : fed;
  std::error_code ignored;
  fs::remove(list, ignored);
  if (!names) return std::unexpected(names.error());
  if (names->sha256 != copy.manifest.file(kList)->sha256)
    return fail(Code::invalid, copy.folder + " reads back as other files than were copied");
  Proof out{timestamp(io::wall_time()), "read back", copy.sha256, true};
  out.restore = io::boot_time() - began;
  if (auto written = write_proof(copy, out); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace davy::backups
