// JSON Schema, draft 2020-12, for editors: completion, a sentence on every key, red lines. It knows what tables and
// vocabulary know; what only the whole plan shows (a group that is not there) stays with `davy validate`.
#include <fmt/format.h>

#include "plan/parse/step_kinds.h"
#include "plan/words/schema_parts.h"

namespace davy::plan {
namespace {

using spec::Json;

Json ref(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

Json map_of(const Json& item, std::string_view doc) {
  return {{"type", "object"}, {"description", std::string(doc)}, {"minProperties", 1}, {"additionalProperties", item}};
}

// One schema a form; what they have in common is left to `anyOf`, so that an editor offers all of them.
Json any_of(std::vector<Json> forms) {
  auto all = Json::array();
  for (auto& form : forms) all.push_back(std::move(form));
  return {{"anyOf", all}};
}

void close(Json& object) { object["additionalProperties"] = false; }

Json siblings(const Keys& allowed) {
  auto all = schema_with_lists<Common>()["properties"];
  Json out = Json::object();
  for (auto key : allowed) out[std::string(key)] = all[std::string(key)];
  return out;
}

Json provider(const spec::Term& term, const Json& beside) {
  auto out = object_form(term);
  out["description"] = term.doc;
  out["required"] = required_with(out, term.name);
  for (auto& [key, property] : beside.items()) out["properties"][key] = property;
  close(out);
  return out;
}

// What `expect` may read beside this probe, so that an editor offers it.
Json expected_of(const spec::Term& term, Json expect) {
  std::string names;
  auto examples = Json::array();
  for (auto& one : term.table) {
    names += fmt::format("{}`{}` ({}): {}", names.empty() ? "" : "; ", one.name, spec::noun(one.as), one.doc);
    if (!one.name.ends_with('*')) examples.push_back(spec::example_of(one));
  }
  if (names.empty()) return expect;
  expect["description"] = expect.value("description", std::string()) + ". " + names;
  expect["examples"] = examples;
  return expect;
}

Json providers(const spec::Vocabulary& words, std::string_view port, const Json& beside) {
  std::vector<Json> forms;
  for (auto& term : words.terms())
    if (term.port == port) {
      forms.push_back(provider(term, beside));
      auto& properties = forms.back()["properties"];
      for (auto key : {"expect", "degraded"})
        if (beside.contains(key)) properties[key] = expected_of(term, properties[key]);
    }
  return any_of(std::move(forms));
}

Json person(Json form, std::string_view doc) {
  form["description"] = std::string(doc);
  for (auto& [key, property] : siblings({"optional", "only-in"}).items()) form["properties"][key] = property;
  close(form);
  return form;
}

// A check that is a condition on signals of the plan: alone, several, or with something beside it.
std::vector<Json> conditions(const Json& beside) {
  constexpr std::string_view kDoc = "a condition on signals of the plan, such as `error_rate over 15m < 1%`";
  Json one{{"type", "string"}, {"description", std::string(kDoc)}};
  Json object{{"type", "object"}, {"description", std::string(kDoc)}, {"properties", beside}, {"required", {"expect"}}};
  close(object);
  return {one, {{"type", "array"}, {"items", one}, {"minItems", 1}}, object};
}

Json probe(const spec::Vocabulary& words) {
  auto beside = siblings({"timeout", "retry", "optional", "only-in"});
  auto expect = schema_with_lists<Expect>();
  for (auto& [key, property] : expect["properties"].items()) beside[key] = property;
  auto out = providers(words, "probe", beside);
  for (auto& form : conditions(beside)) out["anyOf"].push_back(form);
  out["anyOf"].push_back(person(schema_with_lists<Confirm>(), "Ticked by a person."));
  out["anyOf"].push_back(person(schema_with_lists<Approve>(), "Approved by a role."));
  return out;
}

Json checklist() { return map_of(ref("probe"), "titles, each with a probe or a person"); }

Json step(const StepKind& kind) {
  auto out = kind.schema();
  out["description"] = std::string(kind.doc);
  auto& value = out["properties"][std::string(kind.name)];
  if (kind.name == "verify") value = checklist();
  if (kind.name == "release")
    value = {
        {"type", "array"}, {"description", "`run` and `migrate`"}, {"minItems", 1}, {"items", ref("release-step")}};
  auto beside = siblings(kind.siblings);
  for (auto& [key, property] : beside.items()) out["properties"][key] = property;
  out["required"] = required_with(out, kind.name);
  close(out);
  return out;
}

// What stands in `prepare`: a release's own folder is all that there is to change.
Json prepare_step() {
  for (auto& kind : step_kinds())
    if (kind.name == "run") return step(kind);
  return {};
}

Json steps(bool in_release) {
  std::vector<Json> forms;
  auto words = Json::array();
  for (auto& kind : step_kinds()) {
    if (in_release && !kind.in_release) continue;
    forms.push_back(step(kind));
    if (kind.word) words.push_back(std::string(kind.name));
  }
  if (!words.empty()) forms.push_back({{"enum", words}, {"description", "a step that needs no more than its name"}});
  return any_of(std::move(forms));
}

Json signal(const spec::Vocabulary& words) {
  auto every = spec::schema<Every>()["properties"];
  auto out = providers(words, "signal", every);
  auto probes = providers(words, "probe", every);
  for (auto& form : probes["anyOf"])
    if (auto kind = form["required"][0].get<std::string>();
        !words.find("signal", kind) && later_word("signal", kind).empty())
      out["anyOf"].push_back(form);
  return out;
}

Json environment() {
  auto plain = spec::schema<Environment>();
  return {{"anyOf", {plain, {{"type", "null"}}}}};
}

Json secrets() {
  constexpr auto kName = "^[A-Za-z_][A-Za-z0-9_]*$";
  Json names{{"type", "array"}, {"items", {{"type", "string"}, {"pattern", kName}}}};
  Json from{{"anyOf", {spec::schema<SecretFrom>(), {{"type", "null"}}}}};
  Json sources{{"type", "object"}, {"patternProperties", {{kName, from}}}, {"additionalProperties", false}};
  return {{"anyOf", {names, sources}}};
}

// One key an event, so that an editor offers them.
Json notify() {
  auto events = Json::object();
  for (auto& [word, event] : spec::kWords<notices::Event>) {
    auto& one = events[std::string(word)] = schema_with_lists<notices::Telling>();
    one["description"] = notices::when(event);
  }
  return {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", false}, {"properties", events}};
}

// A trigger beside one step, or beside a list of them under `do`.
Json watch() {
  std::vector<Json> forms;
  auto trigger = watch_schema();
  auto list = trigger;
  list["required"] = {"do"};
  close(list);
  forms.push_back(std::move(list));
  trigger["properties"].erase("do");
  for (auto& kind : step_kinds()) {
    if (!watches(kind.name)) continue;
    auto form = step(kind);
    for (auto& [key, property] : trigger["properties"].items()) form["properties"][key] = property;
    forms.push_back(std::move(form));
  }
  return {{"type", "array"}, {"minItems", 1}, {"items", any_of(std::move(forms))}};
}

Json watch_step() {
  std::vector<Json> forms;
  for (auto& kind : step_kinds())
    if (watches(kind.name)) forms.push_back(step(kind));
  return any_of(std::move(forms));
}

Json sections_of() {
  return {{"davy", {{"const", kFormat}}},
          {"name", {{"type", "string"}}},
          {"services", map_of(ref("service"), "")},
          {"environments", map_of(environment(), "")},
          {"secrets", secrets()},
          {"maintenance", spec::schema<MaintenanceMode>()},
          {"signals", map_of(ref("signal"), "")},
          {"checks", map_of(checklist(), "")},
          {"rollout", {{"type", "array"}, {"minItems", 1}, {"items", ref("step")}}},
          {"judge", schema_with_lists<JudgeSection>()},
          {"watch", watch()},
          {"people", map_of(spec::schema<notices::Person>(), "")},
          {"notify", notify()},
          {"mail", spec::schema<notices::MailServer>()},
          {"silence", spec::schema<notices::Silence>()},
          {"answers", spec::schema<notices::Answers>()},
          {"rollback-window", spec::schema<Duration>()},
          {"urgent", {{"enum", {"yes", "no"}}}}};
}

Json releases() {
  auto out = releases_schema();
  out["description"] = "a folder for each release, from which it is started";
  return out;
}

Json adopt() {
  return {{"type", "string"},
          {"description",
           "beside `releases`: the folder of what ran before Davy came, which becomes the previous release"}};
}

Json service(const spec::Vocabulary& words) {
  auto router = providers(words, "router", Json::object());
  router["description"] = "what sends users to the service";
  auto serves = providers(words, "probe", Json::object());
  serves["description"] = "a probe whose `value` is the version that serves: where no run of Davy's tells, it is asked";
  Json secrets{{"type", "array"},
               {"items", {{"type", "string"}}},
               {"description", "the only ones of the plan's secrets that reach it; without it all do"}};
  return providers(
      words, "platform",
      {{"router", router}, {"serves", serves}, {"secrets", secrets}, {"releases", releases()}, {"adopt", adopt()}});
}

}  // namespace

Json schema(const spec::Vocabulary& words) {
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
           {"title", "davy.yaml"},
           {"description", "A production deployment, from the first check to the way back."},
           {"type", "object"},
           {"additionalProperties", false},
           {"required", Json::array()},
           {"properties", sections_of()}};
  for (auto& section : sections()) {
    out["properties"][std::string(section.name)]["description"] = std::string(section.doc);
    if (section.required) out["required"].push_back(std::string(section.name));
  }
  out["$defs"] = {{"service", service(words)}, {"signal", signal(words)},     {"probe", probe(words)},
                  {"step", steps(false)},      {"release-step", steps(true)}, {"prepare-step", prepare_step()},
                  {"watch-step", watch_step()}};
  return out;
}

}  // namespace davy::plan
