#include "backups/postgres/programs.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "backups/tool/child.h"

namespace davy::backups {
namespace {

struct Close {
  void operator()(DIR* d) const { ::closedir(d); }
};

// Debian and Red Hat lay each release into a folder of its own.
std::vector<std::string> folders() {
  std::vector<std::string> out;
  std::unique_ptr<DIR, Close> debian(::opendir("/usr/lib/postgresql"));
  while (auto entry = debian ? ::readdir(debian.get()) : nullptr)
    if (entry->d_name[0] != '.') out.push_back(fmt::format("/usr/lib/postgresql/{}/bin", entry->d_name));
  for (int major = 10; major < 40; ++major) out.push_back(fmt::format("/usr/pgsql-{}/bin", major));
  if (auto own = in_path("pg_dump"); !own.empty()) out.push_back(own.substr(0, own.rfind('/')));
  return out;
}

}  // namespace

int major_in(const std::string& version) {
  auto at = version.find(") ");
  if (at == version.npos) return 0;
  int major = 0;
  std::from_chars(version.data() + at + 2, version.data() + version.size(), major);
  return major;
}

std::vector<Programs> found_programs() {
  std::vector<Programs> out;
  for (auto& folder : folders()) {
    if (::access((folder + "/pg_dump").c_str(), X_OK) != 0) continue;
    auto version = output_of({{folder + "/pg_dump", "--version"}});
    if (version && major_in(*version) > 0) out.push_back({major_in(*version), folder});
  }
  return out;
}

Result<Programs> to_dump(int server, const std::vector<Programs>& all) {
  const Programs* best = nullptr;
  for (auto& one : all)
    if (one.major >= server && (!best || one.major < best->major)) best = &one;
  if (best) return *best;
  std::string there;
  for (auto& one : all) there += fmt::format("{}{}", there.empty() ? "" : ", ", one.major);
  return fail(
      Code::invalid,
      fmt::format("the server is PostgreSQL {}, and {}", server,
                  there.empty() ? "there is no pg_dump here" : "pg_dump here is " + there),
      fmt::format("install the client programs of PostgreSQL {} (Debian: postgresql-client-{})", server, server));
}

const Programs* to_serve(int server, const std::vector<Programs>& all) {
  for (auto& one : all)
    if (one.major == server && ::access(one.path("initdb").c_str(), X_OK) == 0 &&
        ::access(one.path("postgres").c_str(), X_OK) == 0)
      return &one;
  return nullptr;
}

}  // namespace davy::backups
