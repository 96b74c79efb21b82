#include "run/release_folders.h"

#include <algorithm>

#include "base/text.h"

namespace davy::run {
namespace {

std::string below(std::string_view place, std::string_view kind, std::string_view name) {
  return std::string(place).append("/").append(kind).append("/").append(name);
}

// NAME.archive, which is downloaded for NAME.
std::string_view without_download(std::string_view name) {
  for (auto kind : {kArchive, kSums})
    if (name.ends_with(kind)) return name.substr(0, name.size() - kind.size());
  return name;
}

}  // namespace

std::string folder_at(std::string_view place, std::string_view name) { return below(place, "folders", name); }
std::string whole_at(std::string_view place, std::string_view name) { return below(place, "releases", name); }
std::string current_at(std::string_view place) { return std::string(place) + "/current"; }
std::string shared_at(std::string_view place, std::string_view what) { return below(place, "shared", what); }

// A service's name has no @, a version may.
std::string folder_name(std::string_view release_id) {
  auto at = release_id.find('@');
  return std::string(at == release_id.npos ? release_id : release_id.substr(at + 1));
}

std::string_view name_in(std::string_view folder) { return folder.substr(folder.rfind('/') + 1); }

// Ids of runs begin with the time, so that those of folders can be put in order by them: store/run_id.h.
std::string_view run_of_folder(std::string_view name) {
  auto at = name.rfind('~');
  auto run = at == name.npos ? std::string_view() : name.substr(at + 1);
  auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; };
  bool dated = run.size() > 8 && std::ranges::all_of(run.substr(0, 8), [](char c) { return c >= '0' && c <= '9'; });
  return dated && std::ranges::all_of(run, fits) ? run : std::string_view();
}

std::string linked(std::string_view folder, std::string_view to) {
  std::string out(to.starts_with('/') ? "" : folder);
  for (auto part : split(to, '/')) {
    if (part == "..") out.erase(std::min(out.rfind('/'), out.size()));
    if (!part.empty() && part != "." && part != "..") out.append("/").append(part);
  }
  return out;
}

std::string from_place(std::string_view place, std::string_view to) {
  bool inside = to.starts_with(place) && to.substr(place.size()).starts_with('/');
  return std::string(inside ? to.substr(place.size() + 1) : to);
}

std::vector<std::string> leftovers(std::string_view place, const FoldersSeen& seen) {
  std::vector<std::string> out;
  for (auto& name : seen.folders) {
    auto release = without_download(name);
    bool whole = std::ranges::find(seen.whole, name) != seen.whole.end();
    bool ours = !run_of_folder(release).empty() && !seen.needed.contains(folder_at(place, release));
    if (!whole && ours) out.push_back(name);
  }
  return out;
}

std::vector<std::string> may_go(std::string_view place, const FoldersSeen& seen, std::size_t keep) {
  std::vector<std::string> ours;
  for (auto& name : seen.whole)
    if (!run_of_folder(name).empty()) ours.push_back(name);
  std::ranges::stable_sort(ours, {}, run_of_folder);
  auto many = ours.size() > keep ? ours.size() - keep : 0;
  std::vector<std::string> out;
  for (auto& name : ours)
    if (out.size() < many && !seen.needed.contains(folder_at(place, name))) out.push_back(name);
  return out;
}

}  // namespace davy::run
