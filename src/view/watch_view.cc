#include "view/watch_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::view {
namespace {

using watch::Seen;

constexpr std::string_view kCannotTell = "cannot tell: ";

std::string ago(Time then, Time now) {
  auto passed = std::chrono::floor<std::chrono::seconds>(now - then);
  return passed < std::chrono::seconds(1) ? "now" : human(passed) + " ago";
}
std::string ahead(Time then, Time now) {
  auto left = std::chrono::ceil<std::chrono::seconds>(then - now);
  return left <= std::chrono::seconds(0) ? "now" : "in " + human(left);
}

Status status_of(const DutyView& d) {
  if (!d.looked_at) return Status::waiting;
  return d.seen == Seen::well ? Status::done : Status::failed;
}

std::string found(const DutyView& d, Time now) {
  if (!d.looked_at) return "not looked at yet";
  auto looked = ", looked at " + ago(*d.looked_at, now);
  if (d.seen == Seen::well) return (d.says.contains("; ") ? "well: " + d.says : "well") + looked;
  std::string_view says = d.says;
  if (says.starts_with(kCannotTell)) says.remove_prefix(kCannotTell.size());
  return fmt::format("{} for {}: {}{}", d.seen == Seen::failed ? "failed" : "cannot tell",
                     human(std::chrono::floor<std::chrono::seconds>(now - d.since)), says, looked);
}

std::string counted(const DutyView& d) {
  return d.missed == 0 ? fmt::format("{} looks", d.looks) : fmt::format("{} looks, {} missed", d.looks, d.missed);
}

std::string whose(const WatchView& w) {
  return fmt::format("{} {} in {}", joined(w.services, ", "), w.version, w.environment);
}

// Who looks, or why nobody does.
std::string kept(const WatchView& w) {
  if (!w.suspended_by.empty())
    return fmt::format("suspended: run {} is under way{}", w.suspended_by, w.stuck.empty() ? "" : "; " + w.stuck);
  if (w.kept_by.empty() && !w.served_by.empty())
    return fmt::format("NOT KEPT, though davy serve ({}) runs: what it prints says why", w.served_by);
  return w.kept_by.empty() ? "NOBODY KEEPS IT: start `davy serve`" : "kept by davy serve, " + w.kept_by;
}

}  // namespace

WatchView view_of(std::string id, const watch::State& s, Time now, const watch::Zone& zone) {
  WatchView out{.id = std::move(id), .run = s.run, .environment = s.book.environment, .since = s.since};
  out.version = s.book.subjects.empty() ? s.book.version : s.book.subjects.front().candidate.version;
  for (auto& subject : s.book.subjects) out.services.push_back(subject.service);
  out.routine = s.routine;
  if (in_window(s, now)) out.window = s.since + s.book.rollback_window;
  out.alarms = s.alarms;
  out.wanted = s.back_wanted.value_or("");
  for (watch::DutyIx i = 0; i < std::ssize(s.duties); ++i) {
    if (!belongs(s, i)) continue;
    auto& duty = s.book.watch[static_cast<std::size_t>(i)];
    auto& state = s.duties[static_cast<std::size_t>(i)];
    DutyView one{.name = duty.name,
                 .when = watch::in_words(duty.when),
                 .next = next_due(s, i, now, zone),
                 .looks = state.looks,
                 .missed = state.missed};
    if (state.last)
      one.looked_at = state.last_at, one.seen = state.last->seen, one.says = state.last->says,
      one.items = state.last->items, one.since = state.since;
    out.duties.push_back(std::move(one));
  }
  return out;
}

bool needs_people(const WatchView& w) {
  auto wrong = [](auto& d) { return d.looked_at && d.seen != Seen::well; };
  return !w.alarms.empty() || !w.wanted.empty() || !w.stuck.empty() || std::ranges::any_of(w.duties, wrong) ||
         (w.kept_by.empty() && w.suspended_by.empty());
}

std::string in_a_line(const WatchView& w) {
  if (!w.wanted.empty()) return "it is to be taken back: " + w.wanted;
  if (!w.alarms.empty()) return w.alarms.begin()->second.says;
  for (auto& d : w.duties)
    if (d.looked_at && d.seen != Seen::well) return d.name + ": " + d.says;
  return kept(w);
}

std::string below_a_run(const WatchView& w, Time now) {
  if (w.kept_by.empty() && w.suspended_by.empty() && w.served_by.empty())
    return "nobody looks on: `davy serve` keeps its watch (`davy watch` shows it)";
  if (needs_people(w)) return "watch: " + in_a_line(w);
  std::vector<std::pair<Time, std::string>> due;
  for (auto& d : w.duties)
    if (d.next) due.emplace_back(*d.next, d.name);
  auto next = std::ranges::min_element(due);
  if (next == due.end()) return "watch: " + kept(w);
  return fmt::format("watch: {}; next {}: {}", kept(w), ahead(next->first, now), next->second);
}

std::vector<std::string> rows_of(const WatchView& w, const Look& look, Time now) {
  std::vector<std::string> out;
  auto add = [&](auto fill) {
    Ink ink(look);
    fill(ink);
    out.push_back(ink.str());
  };
  bool alone = w.kept_by.empty() && w.suspended_by.empty();
  add([&](Ink& ink) { ink.add(clean(whose(w), look.unicode), Style::strong).right("run " + w.run); });
  add([&](Ink& ink) { ink.add(kept(w), alone ? Style::bad : Style::dim); });
  auto whole = w.routine  ? std::string("it came back: only what belongs to the service is looked at")
               : w.window ? "what fails may take it back by itself until " + timestamp(*w.window).substr(0, 16) + "Z"
                          : std::string("its rollback window is over: what fails calls people");
  add([&](Ink& ink) { ink.add(fmt::format("serves since {}; {}", ago(w.since, now), whole), Style::dim); });
  if (!w.wanted.empty())
    add([&](Ink& ink) { ink.add(clean("it is to be taken back: " + w.wanted, look.unicode), Style::bad); });
  for (auto& [rule, firing] : w.alarms)
    add([&](Ink& ink) {
      ink.add(clean(fmt::format("! {} for {}: {}", rule,
                                human(std::chrono::floor<std::chrono::seconds>(now - firing.since)), firing.says),
                    look.unicode),
              Style::bad);
    });
  for (auto& d : w.duties) {
    auto status = status_of(d);
    add([&](Ink& ink) {
      ink.add(mark_of(status, look.unicode) + " ", style_of(status)).add(clean(d.name, look.unicode)).gap(26);
      ink.add(d.when, Style::dim).right(d.next ? "next " + ahead(*d.next, now) : "done");
    });
    add([&](Ink& ink) {
      ink.add("    " + clean(found(d, now), look.unicode), status == Status::failed ? Style::bad : Style::dim)
          .right(counted(d));
    });
    for (auto& item : d.items)
      for (auto& row :
           wrapped(clean(fmt::format("{}: {}", item.path, item.says), look.unicode), look.width - 6, 3, look.unicode))
        add([&](Ink& ink) { ink.add("      " + row, Style::bad); });
  }
  return out;
}

spec::Json to_json(const WatchView& w) {
  spec::Json duties = spec::Json::array(), alarms = spec::Json::array();
  for (auto& d : w.duties) {
    spec::Json one{{"name", d.name}, {"when", d.when}, {"looks", d.looks}, {"missed", d.missed}};
    one["next"] = d.next ? spec::Json(timestamp(*d.next)) : spec::Json(nullptr);
    one["looked-at"] = d.looked_at ? spec::Json(timestamp(*d.looked_at)) : spec::Json(nullptr);
    one["seen"] = d.looked_at ? spec::encode(d.seen) : spec::Json(nullptr);
    one["says"] = d.says;
    for (auto& item : d.items)
      one["items"].push_back({{"path", item.path}, {"says", item.says}, {"seen", spec::encode(item.seen)}});
    duties.push_back(std::move(one));
  }
  for (auto& [rule, firing] : w.alarms)
    alarms.push_back({{"rule", rule}, {"says", firing.says}, {"since", timestamp(firing.since)}});
  return {{"watch", w.id},
          {"run", w.run},
          {"services", w.services},
          {"version", w.version},
          {"environment", w.environment},
          {"since", timestamp(w.since)},
          {"window", w.window ? spec::Json(timestamp(*w.window)) : spec::Json(nullptr)},
          {"kept-by", w.kept_by},
          {"suspended-by", w.suspended_by},
          {"wanted-back", w.wanted},
          {"alarms", alarms},
          {"duties", duties}};
}

}  // namespace davy::view
