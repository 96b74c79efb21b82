// The section `watch`: a trigger, then what to do.
#include <fmt/format.h>

#include <algorithm>

#include "plan/parse/sections.h"
#include "plan/parse/step_kinds.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr std::string_view kKinds[] = {"check", "notify", "backup", "run"};

spec::Mark place_of(const spec::Value& map, std::string_view key) {
  auto found = map.find(key);
  return found ? found->mark : map.mark;
}

class Reading {
 public:
  Reading(Reader& r, const spec::Value& v) : r_(r), v_(v) {}

  void read() {
    if (!v_.map())
      return r_.d.add(v_.mark, described(v_),
                      "a trigger with what to do, such as `{ check: daily, every: day, at: 06:00 }`");
    if (!plan::read(r_, only(v_, spec::keys_of<WatchSection>()), said_)) return;
    Watch out{.mark = v_.mark,
              .name = {},
              .when = when(),
              .steps = steps(),
              .on_trouble = said_.on_trouble,
              .only_in = said_.only_in};
    check_trouble();
    if (v_.find("only-in")) check_environments(r_, out.only_in, place_of(v_, "only-in"));
    for (auto& step : out.steps) check_step_of(step);
    out.name = name_of(out.steps);
    r_.plan.watch.push_back(std::move(out));
  }

 private:
  // One of the three, and what may stand beside it.
  run::When when() {
    bool after = said_.after.has_value(), look = !said_.look.empty(), every = v_.find("every") != nullptr;
    if (after + look + every != 1)
      r_.d.add(v_.mark, after + look + every == 0 ? "nothing that says when" : "several triggers",
               "one of `after: 5m`, `look: [{ every: 1m, for: 1h }]`, `every: day` with `at: 06:00`");
    run::When out;
    out.dated = !every || v_.find("for");
    if (after) out.after = above_zero("after", *said_.after);
    if (look) out.beats = said_.look, check_looks();
    if (every && said_.every.calendar) by_calendar(out);
    if (every && !said_.every.calendar) out.beats = {{above_zero("every", said_.every.beat), said_.length}};
    if (v_.find("for") && (!every || said_.every.calendar || said_.length < said_.every.beat))
      r_.d.add(place_of(v_, "for"), "`for` without a beat that fits into it",
               "it beside `every: 5m`, and longer than that");
    if (!said_.every.calendar) nothing_of_days();
    return out;
  }

  void nothing_of_days() {
    for (auto key : {"day", "at"})
      if (auto said = v_.find(key))
        r_.d.add(said->mark, fmt::format("{} without a calendar", ticked(key)),
                 "it beside `every: day`, `week` or `month`");
  }

  Duration above_zero(std::string_view key, Duration d) {
    constexpr auto kLeast = std::chrono::seconds(1);
    if (d < kLeast) r_.d.add(place_of(v_, key), fmt::format("{} of {}", ticked(key), human(d)), "1s or more");
    return std::max<Duration>(d, kLeast);
  }

  void check_looks() {
    for (auto& look : said_.look) {
      if (look.every < std::chrono::seconds(1))
        r_.d.add(place_of(v_, "look"), "a look every " + human(look.every), "1s or more");
      if (look.length < look.every)
        r_.d.add(place_of(v_, "look"), "a look without a `for` that is as long as its `every`",
                 "`for` beside each `every`: what goes on for good is `every` alone");
    }
  }

  void by_calendar(run::When& out) {
    auto each = *said_.every.calendar;
    out.every = each, out.at = std::max(said_.at.minute, 0);
    if (said_.at.minute < 0)
      r_.d.add(place_of(v_, "every"), "a day without a time", "`at: 06:00` beside it, in the environment's `timezone`");
    if (each == run::Every::day) {
      if (v_.find("day")) r_.d.add(place_of(v_, "day"), "`day` of `every: day`", "`every: week` or `month` with it");
      return;
    }
    bool of_week = each == run::Every::week;
    if (said_.day.number == 0 || said_.day.of_week != of_week)
      r_.d.add(place_of(v_, v_.find("day") ? "day" : "every"),
               of_week ? "a week without its day" : "a month without its day",
               of_week ? "`day: mon`, to `sun`" : "`day: 1`, to 31");
    out.day = std::max(said_.day.number, 1);
  }

  void check_trouble() {
    if (said_.on_trouble == run::Consequence::hold)
      r_.d.add(place_of(v_, "on-trouble"), "`hold` where no run goes on", "page, warn, note or roll-back");
  }

  // A single step beside its trigger, or those under `do`.
  std::vector<Step> steps() {
    auto single = without(v_, spec::keys_of<WatchSection>());
    if (!v_.find("do")) return one(single);
    if (!single.map()->empty())
      r_.d.add(single.map()->front().mark, fmt::format("{} beside `do`", ticked(single.map()->front().key)),
               "it in the list, or alone");
    std::vector<Step> out;
    auto list = v_.find("do")->list();
    if (!list || list->empty()) r_.d.add(v_.find("do")->mark, described(*v_.find("do")), "a list of steps");
    for (auto& item : list ? *list : spec::List{})
      for (auto& step : one(item)) out.push_back(std::move(step));
    return out;
  }

  // Nothing is rolled out here, so a command needs no way back.
  std::vector<Step> one(const spec::Value& v) {
    auto kind = v.map() && !v.map()->empty() ? v.map()->front().key : std::string();
    if (v.map() && v.map()->empty())
      return r_.d.add(v_.mark, "nothing to do", "`check: daily`, or steps under `do`"), std::vector<Step>{};
    auto known = r_.d.count();
    auto out = read_steps(r_, {spec::List{v}, v.mark}, kind == "run");
    if (r_.d.count() == known && !out.empty() && !watches(kind))
      r_.d.add(v.mark, fmt::format("{} under `watch`, which looks and rolls nothing out", ticked(kind)),
               "one of " + spec::listed(kKinds));
    return out;
  }

  void check_step_of(const Step& step) {
    if (step.common.undo) r_.d.add(step.mark, "`undo` under `watch`", "no `undo`: nothing is rolled back here");
    auto check = std::get_if<Check>(&step.what);
    for (auto& name : check ? check->groups : std::vector<std::string>{})
      r_.later([&r = r_, name, at = step.mark] {
        auto group = r.plan.group(name);
        if (!group) return;  // told as of any step
        for (auto& item : group->items)
          if (item.person != Person::nobody)
            r.d.add(at,
                    fmt::format("{} of {}, which asks a person: this version of Davy asks nobody between runs",
                                ticked(item.title), ticked(name)),
                    "a group of machine checks, or `only-in` beside that item");
      });
  }

  static std::string name_of(const std::vector<Step>& steps) {
    std::string out;
    auto add = [&](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
    for (auto& step : steps) {
      if (auto check = std::get_if<Check>(&step.what))
        for (auto& group : check->groups) add(group);
      if (auto notify = std::get_if<Notify>(&step.what)) add("notify " + notify->name);
      if (auto backup = std::get_if<Backup>(&step.what)) add("backup " + backup->what);
      if (auto run = std::get_if<Run>(&step.what))
        add(step.common.name.empty() ? run->text.substr(0, run->text.find('\n')) : step.common.name);
    }
    return out;
  }

  Reader& r_;
  const spec::Value& v_;
  WatchSection said_;
};

}  // namespace

bool watches(std::string_view kind) { return std::ranges::find(kKinds, kind) != std::end(kKinds); }

void read_watch(Reader& r, const spec::Value& v) {
  if (!v.list() || v.list()->empty())
    return r.d.add(v.mark, described(v), "a list, such as `- { check: daily, every: day, at: 06:00 }`");
  for (auto& item : *v.list()) Reading(r, item).read();
}

}  // namespace davy::plan
