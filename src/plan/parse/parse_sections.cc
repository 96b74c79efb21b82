// The sections, in the order in which a plan reads best.
#include <fmt/format.h>

#include "plan/parse/sections.h"
#include "plan/words/names.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

// Calls `each` with every entry of a map; false and a mistake when it is none.
template <class F>
bool each_entry(Reader& r, const spec::Value& v, std::string_view expected, F each) {
  if (!v.map() || v.map()->empty()) {
    r.d.add(v.mark, described(v), std::string(expected));
    return false;
  }
  for (auto& entry : *v.map()) each(entry);
  return true;
}

void read_format(Reader& r, const spec::Value& v) {
  std::int32_t format = 0;
  if (!spec::decode(v, format, r.d)) return;
  if (format > kFormat)
    r.d.add(v.mark, fmt::format("a plan of form {}, which is newer than this Davy", format),
            fmt::format("at most {}; upgrade Davy to read it", kFormat));
  else if (format != kFormat)
    r.d.add(v.mark, fmt::format("a plan of form {}", format), fmt::format("`davy: {}`", kFormat));
}

void read_name(Reader& r, const spec::Value& v) {
  if (spec::decode(v, r.plan.name, r.d)) check_name("the plan", r.plan.name, v.mark, r.d);
}

void read_router(Reader& r, const spec::Value& v, Service& out) {
  if (auto kind = kind_of(v, {"router", r.words.names("router"), {}, "router"}, r.d))
    out.router = read_provider(r, "router", v, *kind, {});
}

// What it says is the version, so it must say something, and cannot be told the answer.
void read_serves(Reader& r, const spec::Value& v, Service& out) {
  auto kind = kind_of(v, {"probe", r.words.names("probe"), {}, "serves"}, r.d);
  if (!kind) return;
  out.serves = read_provider(r, "probe", v, *kind, {});
  if (!out.serves) return;
  auto& term = *r.words.find("probe", out.serves->name);
  auto finds = term.finds ? term.finds(out.serves->options) : std::nullopt;
  if (finds && !finds->find("value"))
    r.d.add(v.mark, fmt::format("{} as what tells the version that serves: it finds no `value`", ticked(term.name)),
            "`serves: { http: \"${url}/health\", json: version }`, or a `command` that prints it");
  for (auto name : {"version", "previous"})
    if (spec::dump(spec::to_json(out.serves->options)).contains(fmt::format("${{{}}}", name)))
      r.d.add(v.mark, fmt::format("`${{{}}}` in `serves`, which is to tell it", name), "an address that serves now");
}

// `secrets: [DATABASE_URL]`, the only ones that reach it; `[]`: none.
void read_secrets_of(Reader& r, const spec::Value& v, Service& out) {
  std::vector<std::string> names;
  if (!spec::decode(v, names, r.d)) return;
  check_secrets(r, names, v.mark);
  out.secrets = std::move(names);
}

const Keys kBesidePlatform{"router", "serves", "secrets", "releases", "adopt"};

// A health check of one address, whichever release listens there: it would say of one what the other answers.
bool asks_anybody(const spec::Value& health) {
  auto url = spec::scalar_text(health).value_or("");
  return url.contains("://") && !url.contains("$port");
}

bool can(const Reader& r, const Provider& platform, std::string_view what) {
  auto term = r.words.find("platform", platform.name);
  return term && std::ranges::find(term->can, what) != term->can.end();
}

}  // namespace

bool has_room_for_two(const Reader& r, const Provider& platform) {
  if (!can(r, platform, "side-by-side")) return false;
  auto unit = platform.options.find(platform.name);
  auto name = unit ? spec::scalar_text(*unit).value_or("") : "";
  return !can(r, platform, "templates") || name.ends_with('@') || name.contains("@.");
}

namespace {

// What the platform can do, unless the service says of itself that it cannot.
bool runs_two(const Reader& r, const Provider& platform) {
  auto alone = platform.options.find("one-at-a-time");
  auto health = platform.options.find("health");
  bool says_so = alone && spec::Leaf<bool>::parse(*alone).value_or(false);
  return has_room_for_two(r, platform) && !says_so && !(health && asks_anybody(*health));
}

void read_services(Reader& r, const spec::Value& v) {
  each_entry(r, v, "a map of services, each with its platform", [&](const spec::Entry& entry) {
    check_name("a service", entry.key, entry.mark, r.d);
    auto kind = kind_of(entry.value, {"platform", r.words.names("platform"), kBesidePlatform, "platform"}, r.d);
    Service service{.name = entry.key, .mark = entry.mark};
    if (kind) service.platform = *read_provider(r, "platform", entry.value, *kind, kBesidePlatform);
    if (kind) service.side_by_side = runs_two(r, service.platform);
    if (kind) service.replaces = can(r, service.platform, "replaces");
    if (auto router = entry.value.find("router")) read_router(r, *router, service);
    if (auto serves = entry.value.find("serves")) read_serves(r, *serves, service);
    if (auto secrets = entry.value.find("secrets")) read_secrets_of(r, *secrets, service);
    if (kind) read_releases(r, entry.value, service);
    r.plan.services.push_back(std::move(service));
  });
}

bool zone_like(std::string_view zone) {
  auto ok = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_+-/").contains(c);
  };
  return zone == "UTC" || (zone.contains('/') && std::ranges::all_of(zone, ok));
}

void check_variables(Reader& r, const spec::Value& v) {
  if (!v.map()) return;
  for (auto& entry : *v.map()) {
    if (!check_name("a variable", entry.key, entry.mark, r.d)) continue;
    bool built_in = entry.key == "url" || std::ranges::find(kVariables, entry.key) != std::end(kVariables);
    if (built_in) r.d.add(entry.mark, "the variable " + ticked(entry.key) + ", which Davy sets itself", "another name");
  }
}

void check_environment(Reader& r, const Environment& e, const spec::Value& v) {
  if (!e.url.empty() && !e.url.starts_with("http://") && !e.url.starts_with("https://"))
    r.d.add(v.find("url")->mark, ticked(e.url) + " as a url", "a text that begins with http:// or https://");
  if (!zone_like(e.timezone))
    r.d.add(v.find("timezone")->mark, ticked(e.timezone) + " as a time zone", "UTC, or a name such as America/Chicago");
  if (auto variables = v.find("variables")) check_variables(r, *variables);
}

void read_environments(Reader& r, const spec::Value& v) {
  each_entry(r, v, "a map of environments, such as `production: { url: http://localhost:8080 }`",
             [&](const spec::Entry& entry) {
               check_name("an environment", entry.key, entry.mark, r.d);
               Environment environment;
               // `production:` alone is an environment that needs nothing said.
               if (!entry.value.null()) read(r, entry.value, environment);
               if (entry.value.map()) check_environment(r, environment, entry.value);
               environment.name = entry.key;
               r.plan.environments.push_back(std::move(environment));
             });
}

void check_secret(Reader& r, const std::string& name, spec::Mark at) {
  if (!is_name(name) || name.contains('-'))
    return r.d.add(at, ticked(name) + " as the name of a secret",
                   "a name of the environment, such as DATABASE_URL; never its value");
  if (std::ranges::find(r.plan.secrets, name) != r.plan.secrets.end())
    r.d.add(at, "the secret " + ticked(name) + " again", "it once");
  r.later([&r, name, at] {
    bool variable = name == "url" || std::ranges::find(kVariables, name) != std::end(kVariables);
    for (auto& environment : r.plan.environments) variable |= environment.variables.contains(name);
    if (variable)
      r.d.add(at, "the secret " + ticked(name) + ", which is a variable too", "another name for one of them");
  });
}

void read_secret_source(Reader& r, const spec::Entry& entry) {
  if (entry.value.null()) return;
  SecretFrom from;
  if (!read(r, entry.value, from)) return;
  if (from.command.empty() + from.file.empty() + from.credential.empty() != 2)
    return r.d.add(
        entry.value.mark,
        "where " + ticked(entry.key) + " comes from said " +
            (from.command.empty() && from.file.empty() && from.credential.empty() ? "not at all" : "more than once"),
        "one of `command`, `file` and `credential`");
  r.plan.secret_sources.push_back({entry.key, from.command, from.file, from.credential});
}

void read_secrets(Reader& r, const spec::Value& v) {
  if (!v.list() && !v.map())
    return r.d.add(v.mark, spec::describe(v),
                   "a list of names, such as [DATABASE_URL], or a map from names to where they come from");
  auto take = [&](const std::string& name, spec::Mark at) {
    check_secret(r, name, at);
    r.plan.secrets.push_back(name);
  };
  for (auto& entry : v.map() ? *v.map() : spec::Map{}) take(entry.key, entry.mark), read_secret_source(r, entry);
  for (auto& item : v.list() ? *v.list() : spec::List{})
    if (std::string name; spec::decode(item, name, r.d)) take(name, item.mark);
}

void read_maintenance(Reader& r, const spec::Value& v) {
  auto& mode = r.plan.maintenance.emplace();
  if (!read(r, v, mode)) return;
  if (mode.router == !mode.file.empty())
    r.d.add(v.mark, mode.router ? "both `file` and `router`" : "neither `file` nor `router: on`",
            "`file: /var/lib/app/MAINTENANCE` or `router: on`");
  if (!mode.router && !mode.page.empty())
    r.d.add(v.find("page")->mark, "`page` without `router: on`",
            "it beside `router: on`: with a file the service answers");
  r.later([&r, at = v.mark, router = mode.router] {
    for (auto& service : r.plan.services)
      if (router && !service.router)
        r.d.add(at, fmt::format("`router: on`, but the service {} has no router", ticked(service.name)),
                "a file, or a router in the service");
  });
}

Keys signal_kinds(const Reader& r) {
  auto kinds = r.words.names("signal");
  for (auto probe : r.words.names("probe"))
    if (std::ranges::find(kinds, probe) == kinds.end() && later_word("signal", probe).empty()) kinds.push_back(probe);
  return kinds;
}

// All that a probe finds is a series of the signal that reads it, but for words that nobody knows beforehand (headers):
// those would be kept at every look. Its `value` is the signal itself.
std::optional<spec::Findings> found_by(const spec::Term& term, const spec::Value& options) {
  auto out = term.finds ? term.finds(options) : std::nullopt;
  if (!out || term.port != "probe") return out;
  std::erase_if(out->all, [](auto& one) { return one.as.kind == spec::As::Kind::word && one.name.ends_with('*'); });
  for (auto& one : out->all)
    if (one.name == "value") one.name.clear();
  return out;
}

// What rules read of requests (judge/numbers/series.cc), and the states of every signal. A signal of that name would
// never be heard.
constexpr std::string_view kTaken[] = {
    "error_rate", "errors",       "requests", "request_rate", "latency", "client_error_rate", "client_errors", "aborts",
    "abort_rate", "redispatches", "up",       "down",         "away"};

void read_signal(Reader& r, const spec::Entry& entry) {
  check_name("a signal", entry.key, entry.mark, r.d);
  if (std::ranges::find(kTaken, entry.key) != std::end(kTaken))
    r.d.add(entry.mark, fmt::format("a signal called {}, which rules read of requests", ticked(entry.key)),
            fmt::format("another name, such as app-{}", entry.key));
  Signal signal{.name = entry.key};
  r.plan.signals.push_back(signal);
  auto kind = kind_of(entry.value, {"signal", signal_kinds(r), {"every"}, "signal"}, r.d);
  if (!kind) return;
  auto& name = (*entry.value.map())[*kind].key;
  auto term = r.words.find("signal", name);
  signal.provider = *read_provider(r, term ? "signal" : "probe", entry.value, *kind, {"every"});
  for (auto& series : term ? term->series : std::vector<spec::GivenSeries>{}) signal.gives.push_back(series.name);
  signal.finds = found_by(*(term ? term : r.words.find("probe", name)), signal.provider.options);
  Every every;
  read(r, only(entry.value, {"every"}), every);
  if (every.every < std::chrono::milliseconds(100))
    r.d.add(entry.value.find("every")->mark, "a reading every " + human(every.every), "100ms or more");
  signal.every = every.every;
  r.later([&r, name = entry.key, at = entry.mark] {
    for (auto& other : r.plan.signals)
      if (other.name != name && std::ranges::find(other.gives, name) != other.gives.end())
        r.d.add(at, fmt::format("a signal called {}, which is also a series of {}", ticked(name), ticked(other.name)),
                "another name");
  });
  r.plan.signals.back() = std::move(signal);
}

bool tells_traffic(const Signal& s) { return std::ranges::find(s.gives, "error_rate") != s.gives.end(); }

// `error_rate` alone must be one signal's: of two that tell traffic one is called `traffic`.
void check_traffic(Reader& r, const spec::Value& v) {
  std::vector<std::string> telling;
  for (auto& signal : r.plan.signals)
    if (tells_traffic(signal)) telling.push_back(signal.name);
  if (telling.size() < 2 || std::ranges::find(telling, "traffic") != telling.end()) return;
  r.d.add(v.find(telling[1])->mark,
          fmt::format("{} and {}, which both tell traffic, and none is called `traffic`", ticked(telling[0]),
                      ticked(telling[1])),
          fmt::format("one called `traffic`, of which the bare names are; the other's is `{}.error_rate`", telling[1]));
}

void read_signals(Reader& r, const spec::Value& v) {
  r.later([&r, v] { check_traffic(r, v); });
  each_entry(r, v, "a map of signals, such as `traffic: { haproxy: /run/davy/haproxy.log }`",
             [&](const spec::Entry& entry) { read_signal(r, entry); });
}

void read_checks(Reader& r, const spec::Value& v) {
  each_entry(r, v, "a map of groups, each with its checks", [&](const spec::Entry& entry) {
    check_name("a group", entry.key, entry.mark, r.d);
    r.plan.checks.push_back({entry.key, read_probes(r, entry.value)});
  });
}

void read_rollout(Reader& r, const spec::Value& v) { r.plan.rollout = read_steps(r, v, false); }

void read_window(Reader& r, const spec::Value& v) { spec::decode(v, r.plan.rollback_window, r.d); }

void read_urgent(Reader& r, const spec::Value& v) {
  auto word = spec::scalar_text(v).value_or("");
  if (word != "yes" && word != "no") return r.d.add(v.mark, spec::describe(v), "yes or no");
  r.plan.urgent = word == "yes";
}

const Section kSections[] = {
    {"davy", "The form of the plan. This Davy reads form 1.", "davy: 1", true, read_format},
    {"name", "What the plan is called, for people; without it, as its first service.", "name: storefront", false,
     read_name},
    {"services",
     "What is deployed: shipped in this order, taken back in reverse. The platform comes first, its options and "
     "`router` beside it.",
     "services:\n  storefront:\n    process: ./storefront --port \"$port\" --version \"$version\"\n    instances: 2\n  "
     "  "
     "router: { haproxy: /run/haproxy/admin.sock, backend: storefront }",
     true, read_services},
    {"environments", "Where it is deployed.",
     "environments:\n  production: { url: http://127.0.0.1:8080, variables: { region: us } }", true, read_environments},
    {"secrets",
     "Names whose values are never shown or written down; commands have them in their environment. A name alone comes "
     "from the environment of `davy deploy`, or from the environment's `env-file`; else say where it comes from. They "
     "are taken before a run begins, and anew when it is resumed.",
     "secrets:\n  DATABASE_URL:\n  JWT_SECRET: { command: vault kv get -field=jwt shop/$environment }\n  TLS_KEY: { "
     "file: "
     "/etc/shop/tls.key }",
     false, read_secrets},
    {"maintenance", "How users are told to come back later.", "maintenance: { file: /var/lib/app/MAINTENANCE }", false,
     read_maintenance},
    {"signals", "Streams of numbers to judge by: a signal's kind, or any probe, read every so often.",
     "signals:\n  traffic: { haproxy: /run/davy/haproxy.log, ignore: [/health] }\n  active_connections: { http: "
     "\"${url}/health\", json: active_connections, every: 5s }",
     false, read_signals},
    {"checks", "Checklists in named groups: title, then a probe, or a person to `confirm` or `approve`.",
     "checks:\n  infrastructure:\n    Disk space: { disk: /, expect: free > 10 GB }\n    Team lead knows: { confirm: "
     "team-lead, expires: 4h }",
     false, read_checks},
    {"rollout", "The steps, from the first check to the last.",
     "rollout:\n  - check: infrastructure\n  - canary:\n      - { traffic: 5%, bake: 10m, pass: error_rate < 0.5% }\n  "
     "    - { traffic: 100%, bake: 10m }",
     true, read_rollout},
    {"judge", "Rules, judged from the candidate's first user on; the strongest consequence wins.",
     "judge:\n  roll-back: [ error_rate > 5% for 5m, latency.p95 > 5s ]\n  hold: error_rate > 1%\n  usual: { "
     "requests: 2000/s, errors: 0.1% }",
     false, read_judge},
    {"watch",
     "What is looked at once the rollout is over, by `davy serve`: a trigger, then what to do. `after`, `look` and "
     "`for` "
     "count from the end of the rollout and belong to the release; `every` alone goes on for good. Steps: `check`, "
     "`notify`, `backup`, `run`.",
     "watch:\n"
     "  - { check: five-minutes, after: 5m }\n"
     "  - { check: metrics, look: [{ every: 1m, for: 1h }, { every: 5m, for: 7d }], on-trouble: roll-back }\n"
     "  - { check: daily, every: day, at: 06:00 }\n"
     "  - { every: week, day: mon, at: 09:00, do: [ check: weekly, notify: summary ] }",
     false, read_watch},
    {"people",
     "Who is told, each with the ways to them: `email`, `slack`, `webhook`, `command`, or `turns` of others. Turns "
     "pass "
     "at midnight UTC. A webhook gets JSON; with `sign` its header `Davy-Signature` is `sha256=` and the HMAC-SHA256 "
     "of the body in hex.",
     "people:\n"
     "  ana: { email: ana@example.com }\n"
     "  bo: { email: bo@example.com, command: ./ring bo }\n"
     "  team: { slack: $SLACK_WEBHOOK }\n"
     "  on-call: { turns: [ana, bo], every: week, from: 2026-01-05 }",
     false, read_people},
    {"notify",
     "What is told to whom: `started`, `phase` (one passed), `held`, `done`, `rolled-back`, and what rules of `judge` "
     "lead to: `page`, `warn`, `note`. `page` and `warn` are told of more than rules: docs/notices.md, which says what "
     "is certain as well.",
     "notify:\n"
     "  done: { to: team, text: \"shop ${version} serves, after ${duration}\" }\n"
     "  held: { to: [on-call, team] }\n"
     "  page: { to: on-call, only-in: production }",
     false, read_notify},
    {"mail", "Who takes mail for others. Without it this machine's own server, at port 25.",
     "mail: { server: \"smtp://mail.example.com:587\", from: davy@example.com, user: davy, password: $SMTP_PASSWORD }",
     false, read_mail},
    {"silence",
     "Which alerts of an Alertmanager call nobody while a run goes on: a lease of 25 minutes that is prolonged while "
     "the "
     "run acts, and lapses by itself where it waits for people, or where nobody drives it.",
     "silence: { alertmanager: \"http://localhost:9093\", matchers: [service=shop, severity=~page|warn] }", false,
     read_silence},
    {"answers",
     "A page on which people confirm and approve, by the link in what they are sent. It is served on this machine "
     "without "
     "TLS while a run of the plan is open; the team's own proxy stands before it.",
     "answers: { listen: \"127.0.0.1:9181\", url: \"https://ops.example.com/davy\" }", false, read_answers},
    {"rollback-window",
     "How long after the rollout a verdict may take the release back by itself; later it calls a person. 2h without "
     "it. It begins when the candidate has all its users and the last bake is over.",
     "rollback-window: 2h", false, read_window},
    {"urgent",
     "Whether `davy deploy --urgent` may leave out optional steps and shorten bakes to what their conditions need. Yes "
     "without it.",
     "urgent: no", false, read_urgent}};

}  // namespace

std::span<const Section> sections() { return kSections; }

}  // namespace davy::plan
