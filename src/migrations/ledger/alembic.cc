#include "migrations/ledger/alembic.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace davy::migrations {
namespace {

// What stands behind `name =` or `name: type =` at the beginning of a line; a tuple may go on over lines.
std::optional<std::string_view> assigned(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.starts_with(name)) {
      auto rest = line.substr(name.size());
      auto equals = rest.find('=');
      auto between = trimmed(rest.substr(0, equals));
      if (equals != rest.npos && (between.empty() || between.starts_with(':'))) {
        auto from = at + name.size() + equals + 1;
        auto value = trimmed(text.substr(from, end - from));
        if (!value.starts_with('(') && !value.starts_with('[')) return value;
        auto close = text.find(value.starts_with('(') ? ')' : ']', from);
        return close == text.npos ? value : text.substr(from, close + 1 - from);
      }
    }
    at = end + 1;
  }
  return {};
}

std::vector<std::string> strings_in(std::string_view value) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    char quote = value[at];
    if (quote == '#') break;
    if (quote != '\'' && quote != '"') continue;
    auto end = value.find(quote, at + 1);
    if (end == value.npos) break;
    out.emplace_back(value.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

std::optional<Revision> revision_of(const File& file, std::vector<std::string>& faults) {
  auto id = assigned(file.text, "revision");
  if (!id) return {};
  auto ids = strings_in(*id);
  auto down = assigned(file.text, "down_revision");
  if (ids.size() != 1 || !down) {
    faults.push_back(
        fmt::format("{}: `revision` and `down_revision` are not what alembic writes", printable(file.name)));
    return {};
  }
  Revision out{ids.front(), file.name, strings_in(*down), strings_in(*down)};
  if (auto needs = assigned(file.text, "depends_on"))
    for (auto& one : strings_in(*needs)) out.after.push_back(one);
  return out;
}

const Revision* find(const Revisions& revisions, const std::string& id) {
  auto it = std::ranges::find(revisions.all, id, &Revision::id);
  return it == revisions.all.end() ? nullptr : &*it;
}

void with_ancestors(const Revisions& revisions, const std::string& id, std::vector<std::string>& out) {
  if (std::ranges::find(out, id) != out.end()) return;
  std::vector<std::pair<std::string, bool>> stack{{id, false}};
  std::set<std::string> entered;
  while (!stack.empty()) {
    auto [one, left] = stack.back();
    stack.pop_back();
    if (left) {
      if (std::ranges::find(out, one) == out.end()) out.push_back(one);
      continue;
    }
    if (!entered.insert(one).second) continue;
    stack.emplace_back(one, true);
    if (auto revision = find(revisions, one))
      for (auto& before : revision->after) stack.emplace_back(before, false);
  }
}

}  // namespace

Revisions revisions_of(const std::vector<File>& files) {
  Revisions out;
  for (auto& file : files)
    if (auto revision = revision_of(file, out.faults)) {
      if (auto twin = find(out, revision->id))
        out.faults.push_back(fmt::format("{}: the revision of {}, too", printable(file.name), printable(twin->file)));
      out.all.push_back(std::move(*revision));
    }
  std::set<std::string> below;
  for (auto& one : out.all)
    for (auto& id : one.down) {
      below.insert(id);
      if (!find(out, id))
        out.faults.push_back(
            fmt::format("{}: it comes after {}, which is not in the folder", printable(one.file), printable(id)));
    }
  for (auto& one : out.all)
    if (!below.contains(one.id)) out.heads.push_back(one.id);
  std::ranges::sort(out.heads);
  if (out.heads.size() > 1)
    out.faults.push_back(
        fmt::format("two heads, {}: `alembic merge heads` makes them one", joined(out.heads, " and ")));
  return out;
}

Seen seen_of(const Revisions& revisions, const std::vector<std::string>& current) {
  Seen out{.by = "alembic", .head = joined(current, " "), .faults = revisions.faults};
  for (auto& id : current) {
    if (!find(revisions, id))
      out.faults.push_back(fmt::format("{} stands in the database and has no file here: put it back", printable(id)));
    with_ancestors(revisions, id, out.applied);
  }
  std::vector<std::string> all;
  for (auto& head : revisions.heads) with_ancestors(revisions, head, all);
  for (auto& id : all)
    if (auto revision = find(revisions, id); revision && std::ranges::find(out.applied, id) == out.applied.end())
      out.pending.push_back({id, revision->file, true});
  return out;
}

std::string script_location(std::string_view ini) {
  for (auto line : split(ini, '\n')) {
    constexpr std::string_view kKey = "script_location";
    line = trimmed(line);
    if (!line.starts_with(kKey)) continue;
    auto rest = trimmed(line.substr(kKey.size()));
    if (!rest.starts_with('=') && !rest.starts_with(':')) continue;
    auto value = trimmed(rest.substr(1));
    constexpr std::string_view kHere = "%(here)s/";
    return std::string(value.starts_with(kHere) ? value.substr(kHere.size()) : value);
  }
  return {};
}

}  // namespace davy::migrations
