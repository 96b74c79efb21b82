// davy.yaml -> Plan: text, tree, sections, and last what only the whole shows. A mistake never stops the reading.
#include <fmt/format.h>

#include "plan/parse/sections.h"
#include "plan/yaml/yaml.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

Keys section_names() {
  Keys out;
  for (auto& section : sections()) out.push_back(section.name);
  return out;
}

void read_section(Reader& r, const spec::Entry& entry) {
  for (auto& section : sections())
    if (section.name == entry.key) return section.read(r, entry.value);
  auto names = section_names();
  auto later = later_word("plan", entry.key);
  r.d.add(entry.mark, later.empty() ? "unknown section " + ticked(entry.key) : later, "one of " + spec::listed(names),
          nearest(entry.key, names));
}

// The beginning of a sentence, to stand inside another one.
std::string in_short(std::string_view doc) {
  std::string out(doc.substr(0, doc.find_first_of(".:,")));
  out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  return out;
}

void read_plan(Reader& r, const spec::Value& root) {
  if (!root.map()) return r.d.add(root.mark, spec::describe(root), "a plan, which begins with `davy: 1`");
  for (auto& entry : *root.map()) read_section(r, entry);
  for (auto& section : sections())
    if (section.required && !root.find(section.name))
      r.d.add(root.mark, "no " + ticked(section.name), in_short(section.doc));
}

constexpr std::size_t kMostTold = 1000;  // nobody reads more, and a hostile file can make a million

// A value that could not be read at all was left out, and its absence is no second mistake. What else is wrong in a
// line is told only where it was read; places are counted as a person counts them.
spec::Diagnostics told(const spec::Diagnostics& yaml, const spec::Diagnostics& plan, const std::set<int>& broken,
                       std::string_view text) {
  spec::Diagnostics out;
  auto lines = lines_of(text);
  auto add = [&](spec::Diagnostic d) {
    if (auto line = static_cast<std::size_t>(d.at.line); line > 0 && line <= lines.size())
      d.at.column = character_column(lines[line - 1], d.at.column);
    out.add(d.at, d.found, d.expected, d.nearest);
  };
  std::set<spec::Mark> places;
  for (auto& d : yaml.sorted()) add(d), places.insert(d.at);
  for (auto& d : plan.sorted())
    if (!broken.contains(d.at.line) && !places.contains(d.at) && out.count() < kMostTold) add(d);
  return out;
}

}  // namespace

Parsed parse(std::string_view yaml, const spec::Vocabulary& words) {
  spec::Diagnostics in_yaml, in_plan;
  auto tree = read_yaml(yaml, in_yaml);
  Reader r(words, in_plan);
  if (tree.root) {
    read_plan(r, *tree.root);
    if (tree.broken.empty()) r.finish();
    // What follows from other mistakes is no news: who serves beside whom is asked of a plan that is right so far.
    if (in_yaml.empty() && in_plan.empty()) check_rollout(r);
    if (tree.broken.empty() && tree.root->map()) check_names(r, *tree.root);
  } else if (in_yaml.empty()) {
    in_plan.add({1, 1}, "an empty plan", "`davy: 1` first, then services, environments and a rollout");
  }
  if (r.plan.name.empty() && !r.plan.services.empty()) r.plan.name = r.plan.services.front().name;
  return {std::move(r.plan), told(in_yaml, in_plan, tree.broken, yaml)};
}

}  // namespace davy::plan
