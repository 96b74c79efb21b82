#include "backups/copy/scratch_folder.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "io/posix/posix.h"

namespace davy::backups {
namespace {

constexpr std::string_view kName = "davy-proof-";
constexpr std::size_t kMostNote = 4096;

std::string note_of(const Shelf& shelf) { return fmt::format("{}/.{}.scratch", shelf.into(), file_name(shelf.name())); }

Result<std::string> new_name() {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) return fail(Code::internal, "no random number");
  return fmt::format("{}{:016x}", kName, random);
}

// A note that somebody wrote in our place leads to nothing but a scratch of ours.
bool is_ours(const std::string& folder) {
  struct stat found{};
  auto name = folder.substr(folder.rfind('/') + 1);
  return folder.starts_with('/') && name.starts_with(kName) && ::lstat(folder.c_str(), &found) == 0 &&
         S_ISDIR(found.st_mode) && found.st_uid == ::geteuid();
}

Result<> remove_all(const std::string& folder) {
  std::error_code error;
  for (int i = 0; i < 50; ++i) {
    error.clear();
    std::filesystem::remove_all(folder, error);
    if (!error) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return std::unexpected(io::system_error("removing " + folder, error.value()));
}

}  // namespace

Result<std::string> make_scratch_folder(const Shelf& shelf, const std::string& in) {
  if (auto gone = remove_scratch_folder(shelf); !gone) return std::unexpected(gone.error());
  auto name = new_name();
  if (!name) return name;
  auto folder = fmt::format("{}/{}", in, *name);
  if (auto noted = io::replace_file(note_of(shelf), folder, 0600, io::Sync::yes); !noted)
    return std::unexpected(noted.error());
  if (::mkdir(folder.c_str(), 0711) != 0 || ::chmod(folder.c_str(), 0711) != 0)
    return std::unexpected(io::system_error("making " + folder));
  return folder;
}

Result<> remove_scratch_folder(const Shelf& shelf) {
  auto note = io::read_if_there(note_of(shelf), kMostNote);
  if (!note) return std::unexpected(note.error());
  if (!*note) return {};
  if (std::string folder(trimmed(**note)); is_ours(folder))
    if (auto gone = remove_all(folder); !gone) return gone;
  if (::unlink(note_of(shelf).c_str()) != 0 && errno != ENOENT)
    return std::unexpected(io::system_error("removing " + note_of(shelf)));
  return {};
}

}  // namespace davy::backups
