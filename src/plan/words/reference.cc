// The reference page: every section and kind with its options, from the tables that read them. No second description.
#include <fmt/format.h>

#include "plan/parse/step_kinds.h"
#include "plan/words/schema_parts.h"

namespace davy::plan {
namespace {

using spec::Json;

constexpr std::string_view kIntroduction = R"(# The plan: `davy.yaml`

<!-- Generated from the tables that read a plan. Do not edit. -->

A plan is one YAML file. `davy validate` tells all that is wrong with it, each with line and column.

- Keys are written in kebab-case.
- A step, a probe, a platform, a router and a signal is a map whose **first key is its kind**. The kind's options stand
  beside it, and so do the siblings that every step may carry: `timeout`, `retry`, `optional`, `on-trouble`, `undo`.
- Where a list is expected, one thing may stand alone: `check: infrastructure`.
- Durations are `500ms`, `30s`, `5m`, `2h`, `3d`; shares `5%`; sizes `512 KB`, `10 GB`, `4 GiB`; rates `2000/s`, `50/min`.
- Switches are `on` and `off` (or `true` and `false`).
- `${name}` expands in every text except commands under `run`, `migrate` and `undo`: those get the same names as
  environment variables (`$version`). Names are `version`, `previous`, `environment`, `service`, `run`, `url`, and the
  environment's own variables. `$$` is a dollar. `$NAME` without braces is left alone: secrets and shells mean it.

)";

constexpr std::string_view kConditions = R"(## Conditions

One form everywhere, in checks, rules, drains and phases: **name, operator, value**, and then how long.

| written | means |
|---|---|
| `free > 10 GB` | `<` `<=` `=` (or `==`) `!=` `>=` `>` compare with a number and its unit |
| `pool = 15..20`, `pool in 15..20`, `active not in 15..20` | within a range, both ends included, or outside of it |
| `status is healthy`, `health is not healthy` | a state; a text with blanks stands in quotes |
| `output contains ready`, `output lacks "error"` | a part of a text that a probe found |
| `database is away for 30s` | the signal `database` cannot be read; other conditions on it cannot tell meanwhile |
| `latency.p95 > 5s` | a field of a series: `p50`, `p90`, `p95`, `p99`, `mean`, `max` |
| `latency.p95 over 5m > 5s` | read from a window of 5 minutes; of 1 minute without `over` |
| `error_rate > 5% for 5m` | must hold without a break for 5 minutes, of which time without users is none (it has stepped aside); in a check it is looked at for so long, from its beginning |
| `database is up`, `database is down` | it answers and says of itself that it is well, whatever its word for that; or not, also while it is away |
| `database.up over 30m > 99%` | the share of its looks that were well |
| `latency.p95 > 150% of baseline` | compared with the previous release beside, else with the minute before the candidate's first user; `of previous`, `of before` name one of the two |
| `latency.p95 > 150% of yesterday` | compared with what `judge: baselines:` calls so |
| `memory grows > 100 MB/min`, `memory rises` | a slope over 5 minutes or as long as `over` says, robust against wild readings; `> 2%/h` is a share of its own level |

Units: `%`; `us` `ms` `s` `m` `h` `d`; `B` `KB` `MB` `GB` `TB` (1000) and `KiB` `MiB` `GiB` `TiB` (1024); `/s` `/min` `/h`.

`expect` beside a probe reads what that probe finds, as its table below names it, and adds to its own idea of well: an
answer with status 500 is not well however fast it came, unless `expect` says something of `status` itself. A rule reads
the number or the state of a signal by the signal's own name, and what else it finds behind a dot: `database.size > 1 TB`.
A probe under `signals` gives all that it finds so, its `value` by the signal's name alone. Signals that look at traffic
give series that need no name before them (see Signals below).

)";

constexpr std::string_view kYaml = R"(## What YAML reads otherwise than written

Davy reads YAML strictly. Scalars stay as they are written (`1.10` keeps its zero, `no` is no switch, `15:30` is text).
Refused, each with the fix: duplicate keys, numbers with leading zeros (`0600`), tabs that indent, tags (`!x`), merge
keys (`<<`), unused anchors, more than one document, more than 1 MiB, 32 levels or 20,000 values.

| instead of | write | because |
|---|---|---|
| `{ http: ${url}/health }` | `{ http: "${url}/health" }` | in { } a brace begins a map |
| `{ http: http://x/?a=b }` | `{ http: "http://x/?a=b" }` | in { } a `?` ends a text |
| `expect: > 10 GB` | `expect: free > 10 GB` | `>` begins a block of text |
| `{ pass: a < 1, b < 2 }` | `{ pass: [a < 1, b < 2] }` | in { } a comma ends a value |
| `channel: #ops` | `channel: "#ops"` | ` #` begins a comment |
| `run: echo a: b` | `run: 'echo a: b'` | `: ` begins a value |
| `run: "./a" b` | `run: ./a b` | behind a closing quote nothing may follow |
| `%x`, `@x`, `` `x` ``, `*x`, `&x`, `!x` | the same in quotes | signs that YAML reserves |

)";

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

bool required(const Json& schema, const std::string& key) {
  for (auto& each : schema.value("required", Json::array()))
    if (each == key) return true;
  return false;
}

std::string default_of(const Json& schema, const std::string& key, const Json& property) {
  if (required(schema, key)) return "required";
  if (!property.contains("default")) return "";
  auto& value = property["default"];
  if (value.is_boolean()) return value.get<bool>() ? "`on`" : "`off`";
  if (value.is_object() || value.is_array()) return "";
  return "`" + (value.is_string() ? value.get<std::string>() : value.dump()) + "`";
}

// What may be said in short is a map all the same.
const Json& as_map(const Json& schema) {
  if (schema.contains("anyOf"))
    for (auto& one : schema["anyOf"])
      if (one.contains("properties")) return one;
  return schema;
}

std::string table(const Json& whole) {
  auto& schema = as_map(whole);
  std::string out = "| key | value | default | |\n|---|---|---|---|\n";
  for (auto& [key, property] : schema["properties"].items())
    out += fmt::format("| `{}` | {} | {} | {} |\n", key, cell(value_name(property)), default_of(schema, key, property),
                       cell(property.value("description", "")));
  return out + "\n";
}

std::string yaml(std::string_view example) { return fmt::format("```yaml\n{}\n```\n\n", example); }

std::string series(const spec::Term& term) {
  if (term.series.empty()) return "";
  std::string out = "| series it gives, by release | |\n|---|---|\n";
  for (auto& series : term.series) out += fmt::format("| `{}` | {} |\n", series.name, cell(series.doc));
  return out + "\n";
}

// The signal itself, and any name there may be, are said in words.
std::string named(const spec::Finding& f) {
  if (f.name.empty()) return "the signal itself";
  return f.name == "*" ? "any other" : "`" + f.name + "`";
}

std::string finds(const spec::Term& term) {
  if (term.table.empty() || !term.series.empty()) return "";
  std::string out = "| what it finds | reads as | |\n|---|---|---|\n";
  for (auto& one : term.table) out += fmt::format("| {} | {} | {} |\n", named(one), spec::noun(one.as), cell(one.doc));
  return out + "\n";
}

std::string term(const spec::Term& term) {
  return fmt::format("### {} `{}`\n\n{}\n\n{}{}{}{}", term.port, term.name, term.doc, yaml(term.example),
                     table(object_form(term)), finds(term), series(term));
}

std::string terms(const spec::Vocabulary& words, std::string_view port, std::string_view title, std::string_view says) {
  auto out = fmt::format("## {}\n\n{}\n\n", title, says);
  for (auto& each : words.terms())
    if (each.port == port) out += term(each);
  return out;
}

std::string siblings(const Keys& keys) {
  std::string out;
  for (auto key : keys) out += (out.empty() ? "`" : ", `") + std::string(key) + "`";
  return out.empty() ? "" : "Siblings: " + out + ".\n\n";
}

// The table of a kind whose options stand inside it, and of the phases of a canary, is that of the inner map.
Json inner(const StepKind& kind, const Json& schema) {
  auto& value = schema["properties"][std::string(kind.name)];
  if (value.is_object() && value.contains("properties")) return value;
  if (value.is_object() && value.contains("anyOf") && value["anyOf"][0].contains("properties"))
    return value["anyOf"][0];
  return schema;
}

std::string step(const StepKind& kind) {
  auto out = fmt::format("### step `{}`\n\n{}\n\n{}", kind.name, kind.doc, yaml(kind.example));
  auto schema = inner(kind, kind.schema());
  if (!schema["properties"].contains(std::string(kind.name)) || !schema["properties"][std::string(kind.name)].is_null())
    out += table(schema);
  return out + siblings(kind.siblings);
}

std::string steps() {
  std::string out =
      "## Steps\n\nThe kinds of steps under `rollout`. Kinds without a value may stand alone: `- stop`.\n\n";
  for (auto& kind : step_kinds()) out += step(kind);
  return out +
         "### Siblings of steps\n\nEach kind says above which of these it takes; in probes stand `timeout`, `retry`, "
         "`optional`, `only-in` and what follows.\n\n" +
         table(schema_with_lists<Common>()) + "\n### Siblings of probes\n\n" + table(schema_with_lists<Expect>());
}

Json options_of_section(std::string_view name) {
  if (name == "environments") return spec::schema<Environment>();
  if (name == "maintenance") return spec::schema<MaintenanceMode>();
  if (name == "secrets") return spec::schema<SecretFrom>();
  if (name == "judge") return schema_with_lists<JudgeSection>();
  if (name == "watch") return watch_schema();
  if (name == "people") return spec::schema<notices::Person>();
  if (name == "notify") return schema_with_lists<notices::Telling>();
  if (name == "mail") return spec::schema<notices::MailServer>();
  if (name == "silence") return spec::schema<notices::Silence>();
  if (name == "answers") return spec::schema<notices::Answers>();
  return {};
}

std::string section(const Section& section) {
  auto out = fmt::format("### `{}`\n\n{}{}\n\n{}", section.name, section.doc, section.required ? " Required." : "",
                         yaml(section.example));
  auto options = options_of_section(section.name);
  return options.is_null() ? out : out + table(options);
}

std::string releases() {
  constexpr std::string_view kDoc =
      "## Releases folders\n\n`releases` beside `process`, `systemd` or `supervisor`: a folder for each release, made "
      "before anything that serves is touched, and `current`, a link to the one that is started from there. `adopt` "
      "beside it: the folder of what ran before, which becomes the previous release of the first run. `${folder}` is "
      "the release's own ([releases.md](releases.md)).\n\n";
  constexpr std::string_view kExample =
      "services:\n  shop:\n    systemd: shop\n    releases:\n      at: /srv/shop\n      from: { git: "
      "https://git.example/shop.git }\n      prepare: [ run: npm ci --omit=dev, run: npm run build ]\n      shared: "
      "[.env, uploads]\n    adopt: ~/app";
  return std::string(kDoc) + yaml(kExample) + table(releases_schema()) + "`from`:\n\n" +
         table(spec::schema<ReleasesFrom>());
}

}  // namespace

std::string reference(const spec::Vocabulary& words) {
  std::string out(kIntroduction);
  out += "## Sections\n\n";
  for (auto& each : sections()) out += section(each);
  out += steps() + std::string(kConditions);
  out += terms(
      words, "platform", "Platforms",
      "What runs a service: the first key of each map under `services`. Beside it `router`, `secrets` (the only ones "
      "that reach it), and `serves`: a probe whose "
      "`value` is the version that serves, which is asked where no run tells (a system that ran before Davy came), at "
      "the "
      "end of each rollout, where it must not say what the release before said, and after a way back, where it must "
      "say "
      "again what it said then, "
      "such as `serves: { http: \"${url}/health\", json: version }`.");
  out += releases();
  out += terms(words, "router", "Routers", "What sends users to a service: `router:` beside the platform.");
  out += terms(words, "probe", "Probes", "What checks and verifies; also `confirm` and `approve`, which ask people.");
  out += terms(words, "signal", "Signals", "Streams of numbers; any probe may stand here too, read `every` so often.");
  return out + std::string(kYaml);
}

}  // namespace davy::plan
