#include "engine/children/folder_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace davy::engine {
namespace {

using ports::Home;

bool within(std::string_view path, std::string_view folder) {
  return !folder.empty() && path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Also of one that stands in quotes or behind a `=`.
bool names(const std::string& program, const std::string& folder) {
  for (std::size_t at = 0; !folder.empty() && (at = program.find(folder, at)) != program.npos; ++at)
    if (within(std::string_view(program).substr(at), folder) || at + folder.size() == program.size() ||
        std::string_view(" \t'\"").contains(program[at + folder.size()]))
      return true;
  return false;
}

std::string instead(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; !from.empty() && (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

struct Places {
  std::string place, adopted, current;
  // Folders that do not change with a release.
  bool stays(const Home& one) const {
    for (auto& folder : {adopted, place + "/folders", place + "/releases"})
      if ((!one.given && within(one.directory, folder)) || names(one.program, folder)) return true;
    return false;
  }
  bool fits(const Home& one) const {
    if (stays(one)) return false;
    return one.given ? !names(one.program, current) : within(one.directory, current) || names(one.program, current);
  }
};

// A command line as people may read it: what it runs, and what of it names a folder that counts here. Its other words
// may be secrets.
std::string shown(const std::string& program, const Places& p) {
  std::string out;
  bool first = true, left_out = false;
  for (auto word : split(program, ' ')) {
    bool counts =
        std::ranges::any_of(std::array{p.place, p.adopted}, [&](auto& f) { return names(std::string(word), f); });
    if (first || counts) out += fmt::format("{}{}", out.empty() ? "" : " ", word);
    if (!first && !counts && !left_out) out += " …";
    left_out = !first && !counts, first = false;
  }
  return out;
}

Error wrong_home(const Home& one, const Places& p) {
  auto program = shown(one.program, p);
  auto says = fmt::format("{}{}, {}{}", one.directory_line, one.directory, one.program_line, program);
  if (one.given)
    return {Code::invalid,
            fmt::format("{} names a folder that is not its own release's: {}{}", one.what, one.program_line, program),
            fmt::format("each instance runs in its own: a path that is relative to it, such as {}/usr/bin/env ./{}",
                        one.program_line, "server")};
  auto directory = within(one.directory, p.adopted) ? instead(one.directory, p.adopted, p.current) : p.current;
  return {Code::invalid, fmt::format("{} does not run from {}: it has {}", one.what, p.current, says),
          fmt::format("{}, these two lines: {}{} and {}{}", one.where, one.directory_line, directory, one.program_line,
                      instead(program, p.adopted, p.current))};
}

}  // namespace

Result<std::string> current_link(ports::Files& files, const std::string& place) {
  auto there = files.stat(place);
  if (!there) return std::unexpected(there.error());
  if (!*there) return "";
  auto names = files.list(place);
  if (!names) return std::unexpected(names.error());
  if (std::ranges::find(*names, "current") == names->end()) return "";
  return files.link(run::current_at(place));
}

Result<std::string> current_folder(ports::Files& files, const std::string& place) {
  auto link = current_link(files, place);
  if (!link || link->empty()) return link;
  auto path = run::linked(place, *link);
  auto above = path.substr(0, path.rfind('/'));
  if (above != place + "/releases") return path;
  auto to = files.link(path);
  return to ? Result<std::string>(run::linked(above, *to)) : to;
}

Result<run::FoldersSeen> folders_in(ports::Files& files, const std::string& place) {
  run::FoldersSeen out;
  for (auto [kind, into] : {std::pair("/folders", &out.folders), {"/releases", &out.whole}}) {
    auto there = files.stat(place + kind);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    auto names = files.list(place + kind);
    if (!names) return std::unexpected(names.error());
    *into = *std::move(names);
  }
  return out;
}

Result<> runs_from(const std::string& place, const std::string& adopted, const std::vector<Home>& homes) {
  Places places{place, adopted, run::current_at(place)};
  for (auto& one : homes)
    if (!places.fits(one)) return std::unexpected(wrong_home(one, places));
  return {};
}

}  // namespace davy::engine
