// Checklists: titles, each with a probe or a person.
#include <fmt/format.h>

#include "plan/parse/reader.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

const Keys kBesideProbe{"timeout", "retry", "optional", "expect"};
const Keys kBesidePerson{"optional"};

Keys probe_kinds(const Reader& r) {
  auto kinds = r.words.names("probe");
  kinds.insert(kinds.end(), {"confirm", "approve"});
  return kinds;
}

Keys with_expect() {
  auto keys = common_keys();
  keys.push_back("expect");
  return keys;
}

void read_person(Reader& r, const spec::Value& v, Probe& out) {
  auto& kind = v.map()->front().key;
  refuse_others(without(v, common_keys()), {kind, "expires", "optional"}, "beside " + ticked(kind), r.d);
  auto own = only(v, {kind, "expires"});
  out.person = kind == "confirm" ? Person::confirm : Person::approve;
  if (out.person == Person::confirm) {
    Confirm asked;
    read(r, own, asked);
    out.who = asked.who, out.expires = asked.expires;
  } else {
    Approve asked;
    read(r, own, asked);
    out.who = asked.role, out.expires = asked.expires;
  }
}

void read_machine(Reader& r, const spec::Value& v, std::size_t kind, Probe& out) {
  auto& name = (*v.map())[kind].key;
  if (auto provider = read_provider(r, "probe", v, kind, kBesideProbe, common_keys()))
    out.provider = *std::move(provider);
  Expect expect;
  read(r, only(v, {"expect"}), expect);
  out.expect = std::move(expect.expect);
  auto conditions = v.find("expect");
  if (!conditions) return;
  check_read_once(r, *conditions);
  check_found(r, *r.words.find("probe", name), out.provider.options, *conditions);
}

std::optional<Probe> read_probe(Reader& r, const spec::Entry& entry) {
  auto kind = kind_of(entry.value, {"probe", probe_kinds(r), with_expect(), "probe"}, r.d);
  if (!kind) return {};
  Probe out;
  out.title = entry.key;
  auto& name = (*entry.value.map())[*kind].key;
  bool person = name == "confirm" || name == "approve";
  out.common = read_common(r, entry.value, person ? kBesidePerson : kBesideProbe, name);
  if (person)
    read_person(r, entry.value, out);
  else
    read_machine(r, entry.value, *kind, out);
  return out;
}

}  // namespace

std::vector<Probe> read_probes(Reader& r, const spec::Value& titles) {
  std::vector<Probe> out;
  auto map = titles.map();
  if (!map || map->empty()) {
    r.d.add(titles.mark, described(titles), "a map of titles, such as `Disk space: { disk: /, expect: free > 10 GB }`");
    return out;
  }
  for (auto& entry : *map)
    if (auto probe = read_probe(r, entry)) out.push_back(*std::move(probe));
  return out;
}

}  // namespace davy::plan
