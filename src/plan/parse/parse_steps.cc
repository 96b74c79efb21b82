// Steps: the kind first, its options and the common siblings beside it.
#include <fmt/format.h>

#include "plan/parse/step_kinds.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

const Keys kCommand{"timeout", "retry", "optional", "on-trouble", "undo", "repeatable", "name", "only-in", "secrets"};
const Keys kAction{"timeout", "retry", "on-trouble", "only-in"};
const Keys kTrouble{"on-trouble", "only-in"};
const Keys kStrategy{"on-trouble", "drain-within", "only-in"};
const Keys kStops{"timeout", "retry", "on-trouble", "drain-within", "only-in"};
const Keys kEnvironments{"only-in"};

void mark_phases(const spec::Value& v, Canary& canary) {
  for (std::size_t i = 0; i < canary.phases.size(); ++i)
    canary.phases[i].mark = v.list() ? (*v.list())[i].mark : v.mark;
}

template <class T>
void beside(Reader& r, const spec::Value& own, Step& out) {
  T what;
  read(r, own, what);
  if constexpr (std::same_as<T, Canary>) mark_phases(own.map()->front().value, what);
  out.what = std::move(what);
}

template <class T>
void inside(Reader& r, const spec::Value& own, Step& out) {
  T what;
  read(r, own.map()->front().value, what);
  out.what = std::move(what);
}

void verify(Reader& r, const spec::Value& own, Step& out) {
  out.what = Verify{read_probes(r, own.map()->front().value)};
}

void release(Reader& r, const spec::Value& own, Step& out) {
  out.what = Releasing{read_steps(r, own.map()->front().value, true)};
}

template <class T>
spec::Json table() {
  return schema_with_lists<T>();
}

// `what` is the key, a table's schema (or null: somebody else's) its value.
template <class T>
spec::Json under(std::string_view key, std::string_view what) {
  auto value = schema_with_lists<T>();
  value["description"] = std::string(what);
  return {{"type", "object"}, {"properties", {{std::string(key), value}}}, {"required", {std::string(key)}}};
}

template <class T>
StepKind kind(std::string_view doc, std::string_view example, Keys siblings, bool word = false,
              bool in_release = false) {
  auto own = spec::keys_of<T>();
  return {own.front(), doc, example, own, std::move(siblings), word, in_release, beside<T>, table<T>};
}

const StepKind kKinds[] = {
    kind<Check>("The groups of `checks:` that must be complete before the run goes on.",
                "- check: [infrastructure, agreement]", {"timeout", "on-trouble", "only-in"}),
    {"verify",
     "Checks in place, after something changed. They run in parallel. `${instance}` in one is the address of each "
     "instance of "
     "the release, past the router: between `maintenance: on` and `off` nothing else shows what was started.",
     "- verify:\n    Healthy: { http: \"${url}/health\", json: status, expect: value is healthy }",
     {"verify"},
     kAction,
     false,
     false,
     verify,
     [] { return spec::Json{{"type", "object"}, {"properties", {{"verify", nullptr}}}, {"required", {"verify"}}}; }},
    kind<Run>("A command.", "- run: ./announce \"$version\"\n  undo: ./unannounce \"$version\"", kCommand, false, true),
    kind<Migrate>(
        "A command that changes the data's schema. A rollback runs its `undo`, never the command itself. Beside "
        "`database` it is a folder of migrations that Davy carries out or has carried out, and takes back by "
        "their ways down where `undo` says nothing else (docs/migrations.md).",
        "- migrate: ./migrate up\n  undo: ./migrate down\n  compatible-with-previous: true\n"
        "# or, of a folder:\n- migrate: migrations\n  database: database\n  compatible-with-previous: true",
        kCommand, false, true),
    kind<Wait>("A pause.", "- wait: 30s", kEnvironments),
    kind<Start>("Starts what was released: with all users, but for a rollout that gives it shares.", "- start", kAction,
                true),
    kind<Stop>("Ends what serves: asked first, killed after the platform's grace.", "- stop", kStops, true),
    kind<Restart>("Replaces services, in this order. Where both releases can run at once the candidate is well before "
                  "the previous one is stopped; else what serves is stopped first.",
                  "- restart: [backend, frontend]", kStops, true),
    kind<Ship>(
        "Has a platform that replaces by itself do so, for these services in this order, and follows it to its end. "
        "Users may meet the candidate from its first moment on.",
        "- ship: api", kAction, true),
    kind<Maintenance>("Users meet the maintenance page, or no longer.", "- maintenance: on", kAction),
    kind<Drain>("Waits until little enough goes on: by a signal that can be asked, or by the router.",
                "- drain: active_connections < 5\n  within: 2m\n  otherwise: hold", kTrouble, true),
    kind<Traffic>("Gives the candidate a share of the traffic, and goes on at once.", "- traffic: 50%", kAction),
    kind<Canary>(
        "The candidate beside the previous release, with a share of the traffic that rises phase by phase.",
        "- canary:\n    - { traffic: 5%, bake: 10m, pass: error_rate < 0.5%, on-trouble: roll-back }\n"
        "    - { traffic: 25%, bake: 10m, pass: [error_rate < 0.5%, latency.p95 < 500ms], on-trouble: step-back }\n"
        "    - { traffic: 100%, bake: 10m }",
        kStrategy),
    {"blue-green",
     "The candidate beside the previous release; then all traffic at once, and the previous one stays ready.",
     "- blue-green: { bake: 5m, pass: [error_rate < 0.5%, latency.p95 < 500ms] }",
     {"blue-green"},
     kStrategy,
     false,
     false,
     inside<BlueGreen>,
     [] { return under<BlueGreen>("blue-green", "how the candidate is watched"); }},
    {"rolling",
     "The candidate takes the traffic in batches, each watched.",
     "- rolling: { batches: [25%, 50%, 75%, 100%], bake: 5m }",
     {"rolling"},
     kStrategy,
     false,
     false,
     inside<Rolling>,
     [] { return under<Rolling>("rolling", "the batches and how they are watched"); }},
    {"release",
     "The list of `run` and `migrate` that makes a version stand ready. A rollback carries it out again with the "
     "previous version, without its migrations.",
     "- release:\n    - run: git fetch && git checkout --force \"$version\"\n    - migrate: ./migrate up\n      undo: "
     "./migrate down",
     {"release"},
     kEnvironments,
     false,
     false,
     release,
     [] { return spec::Json{{"type", "object"}, {"properties", {{"release", nullptr}}}, {"required", {"release"}}}; }},
    kind<Confirm>("Asks a person and waits for the answer.", "- confirm: team-lead\n  expires: 4h", kEnvironments),
    kind<Approve>("Waits until a role has approved this very runbook.", "- approve: production-owner", kEnvironments),
    kind<Notify>(
        "Tells people something of the plan's own, and goes on at once: `notify:` says whom, and in which words.",
        "- notify: announcement", kEnvironments),
    kind<Backup>(
        "Copies a database or files, and proves the copy. A step behind it may name it as its undo: `undo: { restore: "
        "database }`.",
        "- backup: database\n  into: /var/backups/shop\n  keep: 14\n  prove: restore", kAction)};

Keys kind_names(bool inside_release) {
  Keys out;
  for (auto& kind : kKinds)
    if (!inside_release || kind.in_release) out.push_back(kind.name);
  return out;
}

const StepKind* find_kind(std::string_view name) {
  for (auto& kind : kKinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

// `- stop` is `- stop:` with nothing to add.
spec::Value as_map(const spec::Value& v) {
  auto word = v.text() ? find_kind(*v.text()) : nullptr;
  if (!word) return v;
  return spec::object({{*v.text(), v.mark, {std::monostate{}, v.mark}}}, v.mark);
}

// One step does one thing: `{ run: a, migrate: b }` would leave the order to the reader.
void refuse_second_kinds(Reader& r, const StepKind& kind, const spec::Value& v, std::size_t first) {
  auto& map = *v.map();
  auto all = kind.own;
  for (auto key : common_keys()) all.push_back(key);
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i == first || std::ranges::find(all, map[i].key) != all.end()) continue;
    if (find_kind(map[i].key))
      r.d.add(map[i].mark, fmt::format("a second kind {} beside {}", ticked(map[i].key), ticked(kind.name)),
              "one kind a step; this one with its own `-`");
    else if (map[i].key == "expect")
      r.d.add(map[i].mark, "`expect` beside " + ticked(kind.name), "`expect` in a probe: under `checks:` or `verify:`");
    else
      r.d.unknown(map[i].mark, fmt::format("unknown key {} beside {}", ticked(map[i].key), ticked(kind.name)),
                  map[i].key, all, "one of " + spec::listed(all));
  }
}

// The kind first, whatever the order in the file: the tables' readers look for it there.
spec::Value own_options(const StepKind& kind, const spec::Value& v) {
  auto out = only(v, kind.own);
  auto& map = std::get<spec::Map>(out.is);
  std::ranges::stable_partition(map, [&](auto& entry) { return entry.key == kind.name; });
  return out;
}

std::optional<Step> read_step(Reader& r, const spec::Value& given, bool inside_release) {
  auto before = r.d.count();
  auto v = as_map(given);
  auto siblings = common_keys();
  siblings.insert(siblings.end(), {"expires", "by-another", "within", "otherwise", "cwd", "status",
                                   "compatible-with-previous", "expect", "into", "keep", "prove", "format"});
  auto at = kind_of(v, {"step", kind_names(false), siblings, "step"}, r.d);
  if (!at) return {};
  auto& kind = *find_kind((*v.map())[*at].key);
  if (inside_release && !kind.in_release)
    r.d.add(v.mark, ticked(kind.name) + " in a `release` list, which is a function of the version",
            "only " + spec::listed(kind_names(true)) + " there, and the other steps beside `release`");
  refuse_second_kinds(r, kind, v, *at);
  Step out;
  out.mark = v.mark;
  out.common = read_common(r, v, kind.siblings, kind.name);
  auto own = own_options(kind, v);
  kind.read(r, own, out);
  check_siblings(r, v, out);
  if (auto sends = std::get_if<Notify>(&out.what)) check_sends(r, sends->name, out.mark);
  if (r.d.count() == before) check_step(r, own, out, inside_release);
  if (auto migrate = std::get_if<Migrate>(&out.what); migrate && migrate->folder() && !out.common.undo)
    out.common.undo = Undo{"down"};
  return out;
}

}  // namespace

std::span<const StepKind> step_kinds() { return kKinds; }

std::vector<Step> read_steps(Reader& r, const spec::Value& list, bool inside_release) {
  std::vector<Step> out;
  if (!list.list() || list.list()->empty()) {
    r.d.add(list.mark, described(list), "a list of steps, each with its own `-`");
    return out;
  }
  for (auto& item : *list.list())
    if (auto step = read_step(r, item, inside_release)) out.push_back(*std::move(step));
  return out;
}

}  // namespace davy::plan
