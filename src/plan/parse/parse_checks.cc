// Checklists: titles, each with a probe or a person.
#include <fmt/format.h>

#include "plan/parse/reader.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

const Keys kBesideProbe{"timeout", "retry", "optional", "only-in", "expect", "degraded", "within", "secrets"};
const Keys kBesideCondition{"timeout", "retry", "optional", "only-in", "expect", "degraded", "within"};
const Keys kBesidePerson{"optional", "only-in"};

Keys probe_kinds(const Reader& r) {
  auto kinds = r.words.names("probe");
  kinds.insert(kinds.end(), {"confirm", "approve"});
  return kinds;
}

Keys with_expect() {
  auto keys = common_keys();
  for (auto key : spec::keys_of<Expect>()) keys.push_back(key);
  return keys;
}

void read_person(Reader& r, const spec::Value& v, Probe& out) {
  auto& kind = v.map()->front().key;
  out.person = kind == "confirm" ? Person::confirm : Person::approve;
  auto own_keys = out.person == Person::confirm ? Keys{kind, "expires"} : Keys{kind, "expires", "by-another"};
  auto known = own_keys;
  known.insert(known.end(), {"optional", "only-in"});
  refuse_others(without(v, common_keys()), known, "beside " + ticked(kind), r.d);
  auto own = only(v, own_keys);
  if (out.person == Person::confirm) {
    Confirm asked;
    read(r, own, asked);
    out.who = asked.who, out.expires = asked.expires;
  } else {
    Approve asked;
    read(r, own, asked);
    out.who = asked.role, out.expires = asked.expires, out.by_another = asked.by_another;
  }
}

// What is asked again must have time to be well for as long as is asked of it.
void check_within(Reader& r, const Probe& out, spec::Mark at) {
  if (*out.within <= Duration{}) return r.d.add(at, "`within` of " + human(*out.within), "a duration above 0s");
  for (auto& condition : out.expect)
    if (condition.held >= *out.within)
      r.d.add(at, fmt::format("{} within {}", ticked(condition.text), human(*out.within)),
              "a `within` that is longer than the `for`");
  if (out.common.retry) r.d.add(at, "`within` beside `retry`", "one of them: `within` asks again until it is well");
}

void read_expected(Reader& r, const spec::Value& v, Probe& out) {
  Expect said;
  read(r, only(v, spec::keys_of<Expect>()), said);
  out.expect = std::move(said.expect), out.degraded = std::move(said.degraded), out.within = said.within;
  if (out.within) check_within(r, out, v.find("within")->mark);
  for (auto& condition : out.degraded)
    if (condition.held > Duration{})
      r.d.add(v.find("degraded")->mark, fmt::format("{} under `degraded`", ticked(condition.text)),
              "it without `for`: each look is warned of");
}

// What is no option of it, but may stand beside it. The probe `secrets` is called as a sibling is.
Keys siblings_of(std::string_view kind) {
  auto out = common_keys();
  std::erase(out, kind);
  return out;
}

// `$NAME` alone, of a secret that does not reach this item, would be sent as it is written.
void check_reached(Reader& r, const spec::Value& v, const std::vector<std::string>& reached) {
  if (auto list = v.list())
    for (auto& item : *list) check_reached(r, item, reached);
  if (auto map = v.map())
    for (auto& entry : *map) check_reached(r, entry.value, reached);
  if (!v.text() || !v.text()->starts_with('$')) return;
  r.later([&r, name = v.text()->substr(1), at = v.mark, reached] {
    bool secret = std::ranges::find(r.plan.secrets, name) != r.plan.secrets.end();
    if (secret && std::ranges::find(reached, name) == reached.end())
      r.d.add(at, fmt::format("the secret {}, which `secrets` beside it leaves out", ticked("$" + name)),
              fmt::format("{} among `secrets`", name));
  });
}

void read_machine(Reader& r, const spec::Value& v, std::size_t kind, Probe& out) {
  auto& name = (*v.map())[kind].key;
  if (auto provider = read_provider(r, "probe", v, kind, kBesideProbe, siblings_of(name)))
    out.provider = *std::move(provider);
  read_expected(r, v, out);
  for (auto key : {"expect", "degraded"}) {
    auto conditions = v.find(key);
    if (!conditions) continue;
    check_read_once(r, *conditions);
    check_found(r, *r.words.find("probe", name), out.provider.options, *conditions);
  }
}

// `error_rate over 15m < 1%`, a list of such, or a map of `expect` and what may stand beside it.
bool is_condition(const Reader& r, const spec::Value& v) {
  if (auto map = v.map()) {
    auto fits = [](auto& entry) { return std::ranges::find(kBesideCondition, entry.key) != kBesideCondition.end(); };
    return v.find("expect") && std::ranges::all_of(*map, fits);
  }
  if (v.list()) return !v.list()->empty();
  auto kinds = probe_kinds(r);
  return v.text() && std::ranges::find(kinds, *v.text()) == kinds.end() && v.text()->contains(' ');
}

// Whose number it is, is known only once the run goes on.
void check_condition(Reader& r, const Probe& out, const spec::Value& said) {
  check_judged(r, said);
  for (auto conditions : {&out.expect, &out.degraded})
    for (auto& c : *conditions)
      if (c.relative())
        r.d.add(said.mark, ticked(c.text) + " in a checklist",
                "a comparison with a value; what compares is for `judge:`");
}

Probe read_condition(Reader& r, const spec::Entry& entry) {
  auto v = entry.value.map() ? entry.value : spec::object({{"expect", entry.mark, entry.value}}, entry.value.mark);
  Probe out;
  out.title = entry.key;
  out.provider = {"condition", spec::object({}), entry.value.mark};
  out.common = read_common(r, v, kBesideCondition, "a condition");
  auto before = r.d.count();
  read_expected(r, v, out);
  if (r.d.count() != before) return out;
  for (auto key : {"expect", "degraded"})
    if (auto said = v.find(key)) check_condition(r, out, *said);
  return out;
}

std::optional<Probe> read_probe(Reader& r, const spec::Entry& entry) {
  if (is_condition(r, entry.value)) return read_condition(r, entry);
  auto kind = kind_of(entry.value, {"probe", probe_kinds(r), with_expect(), "probe"}, r.d);
  if (!kind) return {};
  Probe out;
  out.title = entry.key;
  auto& name = (*entry.value.map())[*kind].key;
  bool person = name == "confirm" || name == "approve";
  auto beside = name == "secrets" ? without(entry.value, {"secrets"}) : entry.value;
  out.common = read_common(r, beside, person ? kBesidePerson : kBesideProbe, name);
  if (person)
    read_person(r, entry.value, out);
  else
    read_machine(r, entry.value, *kind, out);
  if (out.common.secrets) check_reached(r, out.provider.options, *out.common.secrets);
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
