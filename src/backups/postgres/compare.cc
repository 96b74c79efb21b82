#include "backups/postgres/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace davy::backups {
namespace {

template <class T>
std::map<std::string, T> by_name(const std::vector<T>& all) {
  std::map<std::string, T> out;
  for (auto& one : all) out[one.name] = one;
  return out;
}

// Names that one of two lists lacks.
template <class T>
void compare_names(const std::map<std::string, T>& source, const std::map<std::string, T>& restored, const char* what,
                   std::vector<std::string>& out) {
  for (auto& [name, one] : source)
    if (!restored.contains(name)) out.push_back(fmt::format("the {} {} is missing", what, name));
  for (auto& [name, one] : restored)
    if (!source.contains(name)) out.push_back(fmt::format("the {} {} was not in the source", what, name));
}

void compare(const Table& source, const Table& restored, std::vector<std::string>& out) {
  if (source.rows != restored.rows)
    out.push_back(fmt::format("{} has {} rows, and had {}", source.name, restored.rows, source.rows));
  else if (source.hash && restored.hash && *source.hash != *restored.hash)
    out.push_back(fmt::format("the contents of {} are others", source.name));
}

std::string said(const std::optional<std::int64_t>& value) { return value ? fmt::format("{}", *value) : "nothing yet"; }

void compare(const Sequence& source, const Sequence& restored, std::vector<std::string>& out) {
  auto [least, most] = std::minmax(source.before, source.after);  // nothing is less than any value
  auto now = restored.before;
  if (now < least || now > most)
    out.push_back(fmt::format("the sequence {} is at {}, and was between {} and {}", source.name, said(now),
                              said(least), said(most)));
}

}  // namespace

std::vector<std::string> differences(const Counts& source, const Counts& restored) {
  std::vector<std::string> out;
  auto tables = by_name(source.tables), tables_now = by_name(restored.tables);
  compare_names(tables, tables_now, "table", out);
  for (auto& [name, one] : tables)
    if (auto now = tables_now.find(name); now != tables_now.end()) compare(one, now->second, out);
  auto sequences = by_name(source.sequences), sequences_now = by_name(restored.sequences);
  compare_names(sequences, sequences_now, "sequence", out);
  for (auto& [name, one] : sequences)
    if (auto now = sequences_now.find(name); now != sequences_now.end()) compare(one, now->second, out);
  if (source.large_objects != restored.large_objects)
    out.push_back(fmt::format("there are {} large objects, and were {}", restored.large_objects, source.large_objects));
  return out;
}

std::string without_comments(std::string_view schema) {
  std::string out;
  while (!schema.empty()) {
    auto end = std::min(schema.find('\n'), schema.size());
    auto line = schema.substr(0, end);
    schema.remove_prefix(std::min(end + 1, schema.size()));
    if (line.empty() || line.starts_with("--") || line.starts_with("\\restrict") || line.starts_with("\\unrestrict"))
      continue;
    out += line;
    out += '\n';
  }
  return out;
}

}  // namespace davy::backups
