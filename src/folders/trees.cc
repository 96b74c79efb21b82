#include "folders/trees.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "folders/links.h"
#include "io/posix/posix.h"

namespace davy::folders {
namespace {

namespace fs = std::filesystem;

Error because(const std::string& doing, const std::error_code& error) { return io::system_error(doing, error.value()); }

// Whoever may not write into a folder may not remove what is in it.
void make_removable(const std::string& path) {
  std::error_code ignored;
  auto open = [&](const fs::path& one) {
    fs::permissions(one, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ignored);
  };
  open(path);
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, ignored), end;
  while (at != end) {
    if (std::error_code kind; at->symlink_status(kind).type() == fs::file_type::directory) open(at->path());
    at.increment(ignored);
    if (ignored) return;
  }
}

bool is_there(const std::string& path) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0;
}

bool is_link(const std::string& path) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0 && S_ISLNK(about.st_mode);
}

// Folders on the way to NAME within the release, none of which may be a link: it would lead out.
Result<> make_way(const std::string& folder, const std::string& name) {
  auto at = folder;
  auto parts = split(name, '/');
  parts.pop_back();
  for (auto part : parts) {
    at.append("/").append(part);
    if (is_link(at))
      return fail(Code::invalid, "the release has a link at " + at + ", so nothing shared can be put below it",
                  "share the link itself, or leave it out of the release");
    if (!is_there(at) && ::mkdir(at.c_str(), 0777) != 0) return std::unexpected(io::system_error("making " + at));
  }
  return {};
}

// What all releases share is there, or is what the adopted one has: that stays where it is.
Result<> have(const std::string& name, const std::string& shared, const std::string& adopted) {
  auto own = shared + "/" + name;
  if (is_there(own)) return {};
  auto theirs = adopted + "/" + name;
  if (adopted.empty() || !is_there(theirs))
    return fail(Code::invalid, own + " is not there, and is to be shared by all releases", "put it there first");
  if (auto made = make_folder(fs::path(own).parent_path()); !made) return made;
  return point(own, theirs);
}

}  // namespace

Result<> remove_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) make_removable(path), fs::remove_all(path, error);
  return error ? Result<>(std::unexpected(because("removing " + path, error))) : Result<>();
}

Result<> make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return error ? Result<>(std::unexpected(because("making " + path, error))) : Result<>();
}

Result<> empty_folder(const std::string& path) {
  if (auto gone = remove_tree(path); !gone) return gone;
  return make_folder(path);
}

Result<> share(const std::string& folder, const std::vector<std::string>& names, const std::string& shared,
               const std::string& adopted) {
  for (auto& name : names) {
    if (auto there = have(name, shared, adopted); !there) return there;
    if (auto way = make_way(folder, name); !way) return way;
    auto own = folder + "/" + name;
    if (!is_link(own))
      if (auto gone = remove_tree(own); !gone) return gone;
    if (auto linked = point(own, shared + "/" + name); !linked) return linked;
  }
  return {};
}

// The file system as a whole: of a hundred thousand files, one after the other takes minutes.
Result<> sync_tree(const std::string& path) {
  io::Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) return std::unexpected(io::system_error("syncing " + path));
  return {};
}

}  // namespace davy::folders
