#include "watch/due.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::watch {
namespace {

using run::Every;
using run::Look;
using run::When;

constexpr std::int32_t kDaysAhead = 63;  // in which a month's day comes for sure
constexpr std::string_view kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// Civil from days: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
struct Civil {
  std::int64_t year = 0;
  std::int32_t month = 0, day = 0;
};
Civil civil(std::int32_t days) {
  auto ymd = std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days)));
  return {static_cast<int>(ymd.year()), static_cast<std::int32_t>(static_cast<unsigned>(ymd.month())),
          static_cast<std::int32_t>(static_cast<unsigned>(ymd.day()))};
}

bool last_of_month(std::int32_t days) { return civil(days + 1).day == 1; }

bool is_day(const When& when, std::int32_t days) {
  if (*when.every == Every::week)
    return std::chrono::weekday(std::chrono::sys_days(std::chrono::days(days))).iso_encoding() ==
           static_cast<unsigned>(when.day);
  if (*when.every == Every::month)
    return civil(days).day == when.day || (last_of_month(days) && civil(days).day < when.day);
  return true;
}

std::optional<Time> next_by_calendar(const When& when, Time t, const Zone& zone) {
  auto today = zone.day(t);
  for (auto day = today - 1; day <= today + kDaysAhead; ++day)
    if (is_day(when, day))
      if (auto at = zone.moment(day, when.at); at > t) return at;
  return {};
}

// The beats of one stretch that begins at `from`: the first is one pause later, the last at its end.
std::optional<Time> next_beat(const Look& look, Time from, Time t) {
  auto n = t < from ? 1 : (t - from) / look.every + 1;
  if (look.length > Duration{} && n * look.every > look.length) return {};
  return from + n * look.every;
}

std::optional<Time> next_of_beats(const When& when, Time since, Time t) {
  for (auto& look : when.beats) {
    if (auto at = next_beat(look, since, t)) return at;
    since += look.length;
  }
  return {};
}

void add(Stretch& out, std::int64_t times, Time first, Time last) {
  if (times <= 0) return;
  if (out.times == 0) out.first = first;
  out.times += times, out.last = last;
}

Stretch beats_between(const When& when, Time since, Time from, Time to) {
  Stretch out;
  for (auto& look : when.beats) {
    auto end = look.length > Duration{} ? std::min(to, since + look.length) : to;
    if (auto first = next_beat(look, since, from); first && *first <= end) {
      auto more = (end - *first) / look.every;
      add(out, more + 1, *first, *first + more * look.every);
    }
    since += look.length;
  }
  return out;
}

std::string pause(const Look& look) {
  auto out = "every " + human(look.every);
  return look.length > Duration{} ? out + " for " + human(look.length) : out;
}

}  // namespace

std::optional<Time> next_due(const When& when, Time since, Time t, const Zone& zone) {
  t = std::max(t, since);
  if (when.every) return next_by_calendar(when, t, zone);
  if (when.after > Duration{}) return since + when.after > t ? std::optional(since + when.after) : std::nullopt;
  return next_of_beats(when, since, t);
}

Stretch due_between(const When& when, Time since, Time from, Time to, const Zone& zone) {
  from = std::max(from, since);
  if (!when.every && when.after <= Duration{}) return beats_between(when, since, from, to);
  Stretch out;
  for (auto at = next_due(when, since, from, zone); at && *at <= to; at = next_due(when, since, *at, zone))
    add(out, 1, *at, *at);
  return out;
}

std::string in_words(const When& when) {
  if (when.after > Duration{}) return human(when.after) + " after the rollout";
  if (!when.every) {
    std::string out;
    for (auto& look : when.beats) out += (out.empty() ? "" : ", then ") + pause(look);
    return out;
  }
  auto at = fmt::format("at {:02}:{:02}", when.at / 60, when.at % 60);
  if (*when.every == Every::week) return fmt::format("each {} {}", kDays[(when.day + 6) % 7], at);
  if (*when.every == Every::month)
    return when.day == 31 ? "on the last day of each month " + at
                          : fmt::format("on day {} of each month {}", when.day, at);
  return "each day " + at;
}

}  // namespace davy::watch
