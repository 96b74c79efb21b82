#include "plan/parse/reader.h"

#include <fmt/format.h>

#include "plan/words/names.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

bool among(const Keys& keys, std::string_view key) { return std::ranges::find(keys, key) != keys.end(); }

Keys joined_keys(Keys a, const Keys& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The kind stands among the map's keys, but not first.
std::optional<std::size_t> kind_further_down(const spec::Map& map, const KindQuestion& q, spec::Diagnostics& d) {
  for (std::size_t i = 1; i < map.size(); ++i)
    if (among(q.kinds, map[i].key)) {
      d.add(map[0].mark, ticked(map[0].key) + " stands first", "the kind first: " + ticked(map[i].key));
      return i;
    }
  return {};
}

void unknown_kind(const spec::Entry& first, const KindQuestion& q, spec::Diagnostics& d) {
  auto kinds = "one of " + spec::listed(q.kinds);
  if (auto later = later_word(q.port, first.key); !later.empty()) return d.add(first.mark, later, kinds);
  if (among(q.siblings, first.key))
    return d.add(first.mark, fmt::format("a {} without a kind", q.noun), kinds + ", as its first key");
  d.unknown(first.mark, fmt::format("unknown {} {}", q.noun, ticked(first.key)), first.key, q.kinds, kinds);
}

}  // namespace

std::string described(const spec::Value& v) {
  if (v.map() && v.map()->empty()) return "an empty map";
  if (v.list() && v.list()->empty()) return "an empty list";
  return spec::describe(v);
}

void Reader::finish() {
  for (auto& check : later_) check();
}

std::optional<std::size_t> kind_of(const spec::Value& v, const KindQuestion& q, spec::Diagnostics& d) {
  auto map = v.map();
  if (!map || map->empty()) {
    d.add(v.mark, described(v), fmt::format("a {}: a map whose first key is one of {}", q.noun, spec::listed(q.kinds)));
    return {};
  }
  if (among(q.kinds, map->front().key)) return 0;
  if (among(q.siblings, map->front().key))
    if (auto found = kind_further_down(*map, q, d)) return found;
  unknown_kind(map->front(), q, d);
  return {};
}

spec::Value only(const spec::Value& v, const Keys& keys) {
  spec::Map out;
  for (auto& entry : *v.map())
    if (among(keys, entry.key)) out.push_back(entry);
  return spec::object(std::move(out), v.mark);
}

spec::Value without(const spec::Value& v, const Keys& keys) {
  spec::Map out;
  for (auto& entry : *v.map())
    if (!among(keys, entry.key)) out.push_back(entry);
  return spec::object(std::move(out), v.mark);
}

void refuse_others(const spec::Value& v, const Keys& all, std::string_view where, spec::Diagnostics& d) {
  for (auto& entry : *v.map())
    if (!among(all, entry.key))
      d.unknown(entry.mark, fmt::format("unknown key {} {}", ticked(entry.key), where), entry.key, all,
                "one of " + spec::listed(all));
}

// The keys of a provider's table, from its schema: a table that may be written short has two forms, one with keys.
std::vector<std::string> options_of(const spec::Term& term) {
  std::vector<std::string> out;
  auto take = [&](const spec::Json& form) {
    if (form.contains("properties"))
      for (auto& [key, property] : form["properties"].items()) out.push_back(key);
  };
  auto schema = term.schema();
  take(schema);
  if (schema.contains("anyOf"))
    for (auto& form : schema["anyOf"]) take(form);
  return out;
}

std::optional<Provider> read_provider(Reader& r, std::string_view port, const spec::Value& v, std::size_t kind,
                                      const Keys& siblings, const Keys& told_elsewhere) {
  auto& entries = *v.map();
  auto& term = *r.words.find(port, entries[kind].key);
  auto known = options_of(term);
  Keys options(known.begin(), known.end());
  if (!options.empty())
    refuse_others(without(v, told_elsewhere), joined_keys(options, siblings), "beside " + ticked(term.name), r.d);
  spec::Map kept{entries[kind]};
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (i != kind && !among(siblings, entries[i].key) && !among(told_elsewhere, entries[i].key) &&
        (options.empty() || among(options, entries[i].key)))
      kept.push_back(entries[i]);
  Provider out{term.name, spec::object(std::move(kept), v.mark), v.mark};
  term.check(out.options, r.d);
  return out;
}

void check_environments(Reader& r, const std::vector<std::string>& names, spec::Mark at) {
  r.later([&r, names, at] {
    Keys known;
    for (auto& environment : r.plan.environments) known.push_back(environment.name);
    for (auto& name : names)
      if (!r.plan.environment(name))
        r.d.add(at, fmt::format("{}, which is no environment", ticked(name)), "one of " + spec::listed(known),
                nearest(name, known));
  });
}

Common read_common(Reader& r, const spec::Value& v, const Keys& allowed, std::string_view kind) {
  Common out;
  for (auto& entry : *v.map())
    if (among(common_keys(), entry.key) && !among(allowed, entry.key))
      r.d.add(entry.mark, fmt::format("{} beside {}, where it means nothing", ticked(entry.key), ticked(kind)),
              allowed.empty() ? "" : "only " + spec::listed(allowed) + " there");
  if (!spec::decode(with_lists<Common>(only(only(v, allowed), common_keys())), out, r.d)) return out;
  if (out.timeout && *out.timeout <= Duration{})
    r.d.add(v.find("timeout")->mark, "a timeout of " + human(*out.timeout), "a duration above 0s");
  if (out.retry && (out.retry->tries < 1 || out.retry->tries > 1000))
    r.d.add(v.find("retry")->mark, fmt::format("{} tries", out.retry->tries), "1 to 1000");
  if (!out.only_in.empty()) check_environments(r, out.only_in, v.find("only-in")->mark);
  return out;
}

bool check_name(std::string_view what, const std::string& name, spec::Mark at, spec::Diagnostics& d) {
  if (is_name(name) && name.size() <= 60) return true;
  if (name.contains(':')) {
    d.add(at, ticked(name) + " as one name", "a space after the colon, such as `instances: 2`");
    return false;
  }
  d.add(at, fmt::format("{} as the name of {}", ticked(name), what), "letters, digits, _ and -, a letter first");
  return false;
}

}  // namespace davy::plan
