#include "io/keeper/kept_logs.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "io/keeper/spool.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

namespace fs = std::filesystem;

std::string folder_beside(const std::string& instances) {
  return (fs::path(instances).parent_path() / "logs").string();
}

struct Kept {
  std::string path;
  std::int64_t at = 0;  // seconds since 1970, from its name
  std::uintmax_t size = 0;
};

// "KEY.SECONDS.log"
std::int64_t time_in(const std::string& name) {
  constexpr std::string_view kEnd = ".log";
  auto stem = std::string_view(name).substr(0, name.size() - std::min(name.size(), kEnd.size()));
  auto digits = stem.substr(stem.rfind('.') + 1);
  std::int64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

std::vector<Kept> all_in(const std::string& folder) {
  std::vector<Kept> out;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error))
    out.push_back({it->path().string(), time_in(it->path().filename().string()), it->file_size(error)});
  std::ranges::sort(out, {}, [](auto& one) { return std::pair(one.at, one.path); });
  return out;
}

void drop_old(const std::string& folder, std::int64_t now) {
  auto all = all_in(folder);
  std::uintmax_t size = 0;
  for (auto& one : all) size += one.size;
  auto oldest = now - std::chrono::duration_cast<std::chrono::seconds>(kLogsKept).count();
  for (auto& one : all) {
    if (one.at >= oldest && size <= kLogsInAll) break;
    ::unlink(one.path.c_str());
    size -= one.size;
  }
}

}  // namespace

void keep_log(const std::string& instances, const std::string& key, const std::string& log, Time now) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  auto folder = folder_beside(instances);
  auto text = read_end(log, kLogKept).value_or("");
  text.insert(0, read_end(log + ".1", kLogKept - text.size()).value_or(""));  // it may have been turned a moment ago
  if (text.empty()) return;
  ::mkdir(folder.c_str(), 0700);
  (void)replace_file(fmt::format("{}/{}.{}.log", folder, file_name(key), seconds), text, 0600, Sync::no);
  drop_old(folder, seconds);
}

std::vector<std::string> kept_logs(const std::string& instances, const std::string& key_prefix) {
  std::vector<std::string> out;
  auto folder = folder_beside(instances);
  auto begins = folder + "/" + (key_prefix.empty() ? "" : file_name(key_prefix));
  for (auto& one : all_in(folder))
    if (one.path.starts_with(begins)) out.push_back(one.path);
  return out;
}

}  // namespace davy::io
