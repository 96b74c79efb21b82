// ${names} in the texts that Davy expands: known, and known in every environment.
#include <fmt/format.h>

#include "notices/bodies.h"
#include "notices/news.h"
#include "plan/parse/reader.h"
#include "plan/words/names.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr std::string_view kInstance = "instance";  // host:port of each instance, known when the step looks

class NameCheck {
 public:
  // more: what only these texts may name. later: where words of a later Davy are told as such.
  explicit NameCheck(Reader& r, Keys more = {}, std::string_view later = {})
      : r_(r), later_(later), everywhere_(std::begin(kVariables), std::end(kVariables)) {
    everywhere_.insert(everywhere_.end(), more.begin(), more.end());
    for (auto name : everywhere_)
      if (std::ranges::find(known_, name) == known_.end()) known_.push_back(name);
    known_.push_back("url");
    for (auto& environment : r.plan.environments)
      for (auto& [name, value] : environment.variables)
        if (std::ranges::find(known_, name) == known_.end()) known_.push_back(name);
  }

  // A name of the plan's own would mean two things.
  void may_be_kept(const std::string& name, spec::Mark at) {
    if (std::ranges::find(known_, name) != known_.end())
      r_.d.add(at, fmt::format("what is kept as {}, which the plan knows already", ticked(name)), "another name");
  }

  void see(const spec::Value& v) {
    if (auto list = v.list())
      for (auto& item : *list) see(item);
    if (auto map = v.map())
      for (auto& entry : *map) {
        see(entry.value);
        if (entry.key == "headers" || entry.key == "post") see_sent(entry.key, entry.value);
        if (entry.key == "post" && entry.value.text()) no_secret_alone(entry.value);
      }
    if (auto text = v.text()) see_text(*text, v);
  }

 private:
  // What a probe sends is sent as it is written; only a value that is `$NAME` alone is put in.
  void see_sent(const std::string& key, const spec::Value& v) {
    if (auto list = v.list())
      for (auto& item : *list) see_sent(key, item);
    if (auto map = v.map())
      for (auto& entry : *map) see_sent(key, entry.value);
    if (v.text()) see_sent_text(key, *v.text(), v.mark);
  }

  void see_sent_text(const std::string& key, const std::string& text, spec::Mark at) {
    for (auto& secret : r_.plan.secrets)
      if (text != "$" + secret && text.contains("$" + secret))
        return r_.d.add(at,
                        fmt::format("the secret {} within a text of {}, where it would be sent as it is written",
                                    ticked("$" + secret), ticked(key)),
                        fmt::format("`${}` alone as the whole value; or `token: ${}` for a Bearer", secret, secret));
  }

  // A text is posted as it is; only within JSON Davy knows what a value is.
  void no_secret_alone(const spec::Value& v) {
    for (auto& secret : r_.plan.secrets)
      if (*v.text() == "$" + secret)
        r_.d.add(v.mark, fmt::format("the secret {} as all that is posted", ticked("$" + secret)),
                 "a map with it as one of the values");
  }

  void see_text(const std::string& text, const spec::Value& v) {
    auto place = [&](std::size_t at) {
      auto mark = v.mark;
      mark.column += static_cast<int>(at) + (v.quoted ? 1 : 0);
      return mark;
    };
    each_name(text, {[&](std::string_view name, std::size_t at) { see_name(name, place(at)); },
                     [&](std::size_t at) {
                       r_.d.add(place(at), "`${` without a name and `}`",
                                "`${version}` and the like, or `$$` for a dollar");
                     }});
  }

  void see_name(std::string_view name, spec::Mark at) {
    auto shown = ticked("${" + std::string(name) + "}");
    if (std::ranges::find(r_.plan.secrets, name) != r_.plan.secrets.end())
      return r_.d.add(at, shown + ", which is a secret", ticked("$" + std::string(name)) + ", which no log will show");
    if (auto later = later_word(later_, name); !later.empty()) return r_.d.add(at, later);
    if (!later_.empty() && is_series(name)) return check_measured(r_, spec::parse_series(name)->series, at);
    if (std::ranges::find(known_, name) == known_.end())
      return r_.d.add(at, "unknown name " + shown, "one of " + spec::listed(known_), nearest(name, known_));
    if (name == kInstance) return only_one_service(at);
    if (name == "url") return missing_url(at);
    if (name != kInstance && std::ranges::find(everywhere_, name) != everywhere_.end()) return;
    for (auto& environment : r_.plan.environments)
      if (!environment.variables.contains(std::string(name)))
        r_.d.add(at, fmt::format("{}, which the environment {} does not define", shown, ticked(environment.name)),
                 "it under `variables:` of each environment");
  }

  // Only notices are written at a moment at which a series stands somewhere.
  bool is_series(std::string_view name) const {
    auto series = spec::parse_series(name);
    return series && (r_.plan.sees(name) || r_.plan.sees(series->series));
  }

  void only_one_service(spec::Mark at) {
    if (r_.plan.services.size() > 1)
      r_.d.add(at, "`${instance}` in a plan of several services: whose?", "`${url}`, or a plan for each service");
  }

  void missing_url(spec::Mark at) {
    for (auto& environment : r_.plan.environments)
      if (environment.url.empty())
        r_.d.add(at, fmt::format("`${{url}}`, which the environment {} does not define", ticked(environment.name)),
                 "`url:` in each environment");
  }

  Reader& r_;
  std::string_view later_;
  Keys everywhere_;  // need no environment
  Keys known_;
};

// more: what they may name besides. What a probe keeps, it may name itself.
void see_options(Reader& r, const spec::Value& options, Keys more = {}) {
  auto kept = kept_names(options);
  for (auto& name : kept) NameCheck(r, more).may_be_kept(name, options.mark);
  more.insert(more.end(), kept.begin(), kept.end());
  NameCheck(r, std::move(more)).see(options);
}

void see_probes(Reader& r, const std::vector<Probe>& probes, const Keys& more = {}) {
  for (auto& probe : probes) see_options(r, probe.provider.options, more);
}

// What webhooks are handed.
void see_people(Reader& r, const spec::Map& people) {
  Keys more(std::begin(notices::kNames), std::end(notices::kNames));
  more.insert(more.end(), std::begin(notices::kNamesOfBodies), std::end(notices::kNamesOfBodies));
  NameCheck names(r, std::move(more), "text");
  for (auto& person : people)
    for (auto key : {"body", "form", "headers"})
      if (auto said = person.value.find(key)) names.see(*said);
}

// Of a service with a releases folder; of a plan, where that is its only one.
Keys known_of(const Service& service) { return service.releases ? Keys{"folder"} : Keys{}; }
Keys known_of(const Plan& plan) { return plan.services.size() == 1 ? known_of(plan.services.front()) : Keys{}; }

void see_service(Reader& r, const Service& service, const spec::Value& root) {
  NameCheck names(r, known_of(service));
  names.see(service.platform.options);
  if (service.router) names.see(service.router->options);
  if (service.serves) names.see(service.serves->options);
  auto given = root.find("services") ? root.find("services")->find(service.name) : nullptr;
  NameCheck before(r);  // before there is a folder
  auto releases = given ? given->find("releases") : nullptr;
  if (auto at = releases ? releases->find("at") : nullptr) before.see(*at);
  for (auto key : {"git", "archive", "sha256"})
    if (auto from = releases ? releases->find("from") : nullptr; from && from->map() && from->find(key))
      before.see(*from->find(key));
  if (auto adopt = given ? given->find("adopt") : nullptr) before.see(*adopt);
}

// Commands are handed to a shell untouched; where they run is not.
void see_folders(Reader& r, const std::vector<Step>& steps) {
  NameCheck names(r, known_of(r.plan));
  auto see = [&](const std::string& cwd, spec::Mark at) { names.see({cwd, at}); };
  for (auto& step : steps) {
    if (auto run = std::get_if<Run>(&step.what)) see(run->cwd, step.mark);
    if (auto migrate = std::get_if<Migrate>(&step.what)) see(migrate->cwd, step.mark);
    if (auto list = std::get_if<Releasing>(&step.what)) see_folders(r, list->steps);
  }
}

}  // namespace

void check_names(Reader& r, const spec::Value& root) {
  NameCheck names(r, known_of(r.plan));
  for (auto& service : r.plan.services) see_service(r, service, root);
  see_folders(r, r.plan.rollout);
  for (auto& signal : r.plan.signals) see_options(r, signal.provider.options);
  for (auto& group : r.plan.checks) see_probes(r, group.items, known_of(r.plan));
  auto more = known_of(r.plan);
  more.push_back(kInstance);
  for (auto& step : r.plan.rollout)
    if (auto verify = std::get_if<Verify>(&step.what)) see_probes(r, verify->items, more);
  if (auto maintenance = root.find("maintenance")) names.see(*maintenance);
  NameCheck of_notices(r, Keys(std::begin(notices::kNames), std::end(notices::kNames)), "text");
  if (auto notify = root.find("notify")) of_notices.see(*notify);
  if (auto people = root.find("people"); people && people->map()) see_people(r, *people->map());
}

}  // namespace davy::plan
