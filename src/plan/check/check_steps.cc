// What a table cannot say of a step.
#include <fmt/format.h>

#include <set>

#include "plan/parse/step_kinds.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

struct Asked {
  Reader& r;
  const spec::Value& own;  // the kind and the options beside it
  const Step& step;
  const spec::Value& at(std::string_view key) const { return *own.find(key); }
  const spec::Value& kind() const { return own.map()->front().value; }
};

std::vector<const spec::Value*> items(const spec::Value& v) {
  std::vector<const spec::Value*> out;
  if (!v.list()) return {&v};
  for (auto& item : *v.list()) out.push_back(&item);
  return out;
}

void above_zero(Reader& r, Duration length, const spec::Value& v, std::string_view what) {
  if (length <= Duration{}) r.d.add(v.mark, fmt::format("a {} of {}", what, spec::describe(v)), "a duration above 0s");
}

void not_blank(Reader& r, std::string_view text, const spec::Value& v) {
  if (trimmed(text).empty())
    r.d.add(v.mark, "an empty command", "a command; leave the step out where nothing is to be done");
}

// Names of groups or services: each there, none twice.
template <class Known>
void check_named(Reader& r, const spec::Value& names, std::string_view what, Known known) {
  std::set<std::string> seen;
  for (auto name : items(names)) {
    auto text = spec::scalar_text(*name);
    if (!text) continue;
    if (!seen.insert(*text).second) {
      r.d.add(name->mark, fmt::format("the {} {} again", what, ticked(*text)), "it once");
      continue;
    }
    r.later([&r, known, text = *text, at = name->mark, what] {
      auto all = known(r.plan);
      if (std::ranges::find(all, text) != all.end()) return;
      Keys words(all.begin(), all.end());
      auto valid =
          words.empty() ? fmt::format("a {} of the plan, which has none", what) : "one of " + spec::listed(words);
      r.d.add(at, fmt::format("no {} {}", what, ticked(text)), valid, nearest(text, words));
    });
  }
}

std::vector<std::string> names_of(const auto& all) {
  std::vector<std::string> out;
  for (auto& each : all) out.push_back(each.name);
  return out;
}

void check_services(const Asked& a) {
  check_named(a.r, a.kind(), "service", [](const Plan& p) { return names_of(p.services); });
}

// Shares rise, so that `step back` has a place to return to, and end with everybody.
void check_shares(Reader& r, const std::vector<std::pair<Ratio, spec::Mark>>& shares) {
  Ratio before{};
  for (auto [share, at] : shares) {
    if (share <= before)
      r.d.add(at, "traffic of " + human(share) + (before.value > 0 ? " after " + human(before) : ""),
              before.value > 0 ? "more than the phase before" : "more than 0%");
    before = share;
  }
  if (before != Ratio{1}) r.d.add(shares.back().second, "a last phase of " + human(before), "100% at the end");
}

void check_phase(const Asked& a, const Phase& phase, const spec::Value& v, bool first, bool last) {
  auto& r = a.r;
  if (auto bake = v.find("bake"))
    above_zero(r, phase.bake, *bake, "bake");
  else if (!phase.pass.empty())
    r.d.add(v.find("pass")->mark, "`pass` without a `bake`", "`bake: 10m` beside it: the conditions hold over a bake");
  else if (!last)
    r.d.add(v.mark, "a phase that nobody watches", "`bake: 10m` beside `traffic`");
  if (auto pass = v.find("pass")) check_passed(r, *pass);
  if (first && phase.on_trouble == run::Trouble::step_back)
    r.d.add(v.find("on-trouble")->mark, "`step-back` in the first phase",
            "roll-back or hold: there is no phase before it");
}

void check(const Asked& a, const Canary& canary) {
  auto phases = items(a.kind());
  if (canary.phases.empty()) return a.r.d.add(a.kind().mark, "a canary without phases", "a list of phases");
  std::vector<std::pair<Ratio, spec::Mark>> shares;
  for (std::size_t i = 0; i < canary.phases.size(); ++i) {
    shares.emplace_back(canary.phases[i].traffic, phases[i]->find("traffic")->mark);
    check_phase(a, canary.phases[i], *phases[i], i == 0, i + 1 == canary.phases.size());
  }
  check_shares(a.r, shares);
}

void check_bake(const Asked& a, Duration bake) {
  above_zero(a.r, bake, *a.kind().find("bake"), "bake");
  if (auto pass = a.kind().find("pass")) check_passed(a.r, *pass);
}

void check(const Asked& a, const BlueGreen& it) { check_bake(a, it.bake); }

void check(const Asked& a, const Rolling& it) {
  check_bake(a, it.bake);
  auto& batches = *a.kind().find("batches");
  if (it.batches.empty()) return a.r.d.add(batches.mark, "no batches", "shares that rise to 100%");
  std::vector<std::pair<Ratio, spec::Mark>> shares;
  auto marks = items(batches);
  for (std::size_t i = 0; i < it.batches.size(); ++i) shares.emplace_back(it.batches[i], marks[i]->mark);
  check_shares(a.r, shares);
}

void check(const Asked& a, const Check& it) {
  if (it.groups.empty()) a.r.d.add(a.kind().mark, "no group to check", "the name of a group under `checks:`");
  check_named(a.r, a.kind(), "group", [](const Plan& p) { return names_of(p.checks); });
}

void check(const Asked& a, const Drain& it) {
  if (auto within = a.own.find("within")) above_zero(a.r, it.within, *within, "limit");
  if (!it.until) return;
  check_judged(a.r, a.kind());
  check_read_once(a.r, a.kind());
}

// What this Davy can copy, by the kind of its signal.
constexpr std::string_view kCopied[] = {"postgres", "redis"};

// What only a PostgreSQL has.
void check_of_redis(Reader& r, const spec::Value& own, const Backup& it) {
  if (auto format = own.find("format"))
    r.d.add(format->mark, "`format` of a Redis, whose copy is its own dump", "nothing");
  if (std::ranges::find(it.prove, Proving::contents) != it.prove.end())
    r.d.add(own.find("prove")->mark, "`contents` of a Redis, which has no hash of them to compare", "`prove: restore`");
}

void check_copied(Reader& r, const spec::Value& own, const Backup& it) {
  constexpr const char* kWhat = "a signal of kind `postgres` or `redis`, or a path, which has a `/`";
  auto at = own.map()->front().value.mark;
  auto copied = [](auto& signal) { return std::ranges::find(kCopied, signal.provider.name) != std::end(kCopied); };
  auto found = std::ranges::find(r.plan.signals, it.what, &Signal::name);
  if (found == r.plan.signals.end()) {
    Keys names;
    for (auto& one : r.plan.signals)
      if (copied(one)) names.push_back(one.name);
    r.d.add(at, "no signal " + ticked(it.what),
            names.empty() ? std::string("the name of ") + kWhat
                          : "one of " + spec::listed(names) + ", or a path, which has a `/`",
            nearest(it.what, names));
  } else if (!copied(*found)) {
    r.d.add(at, fmt::format("a backup of {}, a signal of kind {}", ticked(it.what), ticked(found->provider.name)),
            kWhat);
  } else if (found->provider.name == "redis") {
    check_of_redis(r, own, it);
  }
}

void check(const Asked& a, const Backup& it) {
  not_blank(a.r, it.what, a.kind());
  if (trimmed(it.into).empty()) a.r.d.add(a.at("into").mark, "an empty folder", "`into: /var/backups/NAME`");
  if (it.of_files() && a.own.find("format"))
    a.r.d.add(a.at("format").mark, "`format` of files, which are always one archive of tar", "nothing");
  if (std::ranges::find(it.prove, Proving::contents) != it.prove.end() &&
      std::ranges::find(it.prove, Proving::restore) == it.prove.end())
    a.r.d.add(a.at("prove").mark, "`contents` without `restore`", "`prove: [restore, contents]`");
  if (!it.of_files()) a.r.later([&r = a.r, own = a.own, it] { check_copied(r, own, it); });
}

void check(const Asked& a, const Run& it) { not_blank(a.r, it.text, a.kind()); }

// A key that means something beside `database` alone, or of a folder alone.
void only_beside(const Asked& a, std::string_view key, bool right, std::string_view instead) {
  if (auto v = a.own.find(key); v && !right)
    a.r.d.add(v->mark, ticked(key) + " beside a command", std::string(instead));
}

void check_database(const Asked& a, const Migrate& it) {
  auto at = a.at("database").mark;
  if (it.database.starts_with('$')) return check_secrets(a.r, {it.database.substr(1)}, at);
  a.r.later([&r = a.r, name = it.database, at] {
    Keys known;
    for (auto& signal : r.plan.signals)
      if (signal.provider.name == "postgres") known.push_back(signal.name);
    if (std::ranges::find(known, name) != known.end()) return;
    r.d.add(at, fmt::format("no database {}", ticked(name)),
            known.empty() ? "the `$NAME` of a secret, or a signal: `signals: { database: { postgres: $DATABASE_URL } }`"
                          : "the `$NAME` of a secret, or one of " + spec::listed(known),
            std::string(nearest(name, known)));
  });
}

void check(const Asked& a, const Migrate& it) {
  not_blank(a.r, it.what.text, a.kind());
  if (!it.database.empty()) check_database(a, it);
  if (it.what.command && it.database.empty())
    a.r.d.add(a.kind().mark, "`{ command: … }` without a `database`", "the command alone: `migrate: ./migrate up`");
  only_beside(a, "lock-timeout", !it.database.empty(), "`database` beside it: Davy must know which one");
  only_beside(a, "adopt", it.folder(), "it in a folder of SQL, with its `database` beside it");
  only_beside(a, "program", it.folder(), "it beside a folder of alembic's or Prisma's, with its `database`");
  if (auto limit = a.own.find("lock-timeout")) above_zero(a.r, it.lock_timeout, *limit, "lock-timeout");
  if (auto status = a.own.find("status"); status && it.folder())
    a.r.d.add(status->mark, "`status` beside a folder", "nothing: Davy itself looks into the database");
  bool number = it.adopt.find_first_not_of("0123456789") == it.adopt.npos;
  if (!number) a.r.d.add(a.at("adopt").mark, described(a.at("adopt")), "the number of a migration, such as \"0012\"");
}
void check(const Asked& a, const Wait& it) { above_zero(a.r, it.length, a.kind(), "pause"); }
void check(const Asked& a, const Start&) { check_services(a); }
void check(const Asked& a, const Stop&) { check_services(a); }
void check(const Asked& a, const Restart&) { check_services(a); }
void check(const Asked& a, const Ship&) { check_services(a); }
void check(const Asked&, const auto&) {}

// `nohting` is no command: who meant `nothing` would learn it in the middle of a rollback.
std::string_view meant_word(std::string_view undo) {
  static constexpr std::string_view kWords[] = {"nothing", "impossible"};
  auto word = std::string(trimmed(undo));
  if (word.find_first_of(" \t\n/.$") != word.npos) return {};
  for (auto& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (auto one : kWords)
    if (trimmed(undo) != one && (word == one || nearest(word, kWords) == one)) return one;
  return {};
}

// What a rollback shall do is said with the step. In a release list `run` needs none: the list is carried out again.
bool needs_undo(const Step& step, bool inside_release) {
  return std::holds_alternative<Migrate>(step.what) || (std::holds_alternative<Run>(step.what) && !inside_release);
}

}  // namespace

void check_siblings(Reader& r, const spec::Value& v, const Step& step) {
  if (step.common.on_trouble == run::Trouble::step_back && !std::holds_alternative<Canary>(step.what))
    r.d.add(v.find("on-trouble")->mark, "`step-back` where there are no phases", "roll-back or hold");
  auto& undo = step.common.undo;
  if (!undo || !v.find("undo")->scalar()) return;
  if (trimmed(undo->text) == "restore")
    r.d.add(v.find("undo")->mark, "`undo: restore` of what", "`{ restore: database }`, a backup of this rollout");
  else if (trimmed(undo->text).empty())
    r.d.add(v.find("undo")->mark, "an empty undo", "a command, `nothing`, or `impossible` for a point of no return");
  else if (auto meant = meant_word(undo->text); !meant.empty())
    r.d.add(v.find("undo")->mark, "`" + undo->text + "` as an undo", "a command, `nothing`, or `impossible`",
            std::string(meant));
}

void check_step(Reader& r, const spec::Value& own, const Step& step, bool inside_release) {
  auto migrate = std::get_if<Migrate>(&step.what);
  if (!step.common.undo && needs_undo(step, inside_release) && !(migrate && migrate->folder()))
    r.d.add(step.mark, "no `undo`: what a rollback does about it must be said",
            "`undo:` beside it: a command, `nothing` (it may stay), `impossible` (a point of no return), or "
            "`{ restore: NAME }` (a backup of this rollout)");
  Asked a{r, own, step};
  std::visit([&](auto& what) { check(a, what); }, step.what);
}

}  // namespace davy::plan
