#include "ports/calendar.h"

#include <date/tz.h>

#include <algorithm>

namespace davy::ports {
namespace {

using namespace std::chrono_literals;
using date::local_days;
using Local = date::local_time<Duration>;

constexpr int kDaysAhead = 2 * 366;
const spec::Window kAnyTime{"", 0x7f, 0, 24 * 60};

const date::time_zone* zone_of(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {  // no such zone, or no database
    return nullptr;
  }
}

Local local(const date::time_zone& zone, Time t) { return zone.to_local(t); }
Time instant(const date::time_zone& zone, Local t) {
  return std::chrono::time_point_cast<Duration>(zone.to_sys(t, date::choose::earliest));
}
local_days day_of(Local t) { return date::floor<date::days>(t); }

const spec::Freeze* frozen_on(const Calendar& c, local_days day) {
  auto n = day.time_since_epoch().count();
  auto it = std::ranges::find_if(c.freeze.all, [&](auto& f) { return f.first <= n && n <= f.last; });
  return it == c.freeze.all.end() ? nullptr : &*it;
}

bool on_day(const spec::Window& window, local_days day) {
  return (window.days >> (date::weekday(day).iso_encoding() - 1) & 1) != 0;
}

// Within the window that begins on that day.
std::optional<Time> first_in(const Calendar& c, const date::time_zone& zone, const spec::Window& window, local_days day,
                             Time now) {
  auto length = std::chrono::minutes(window.to - window.from + (window.to <= window.from ? 24 * 60 : 0));
  Local begins = day + std::chrono::minutes(window.from), ends = begins + length;
  auto at = std::max(instant(zone, begins), now);
  while (at < instant(zone, ends)) {
    auto today = day_of(local(zone, at));
    if (!frozen_on(c, today)) return at;
    at = instant(zone, today + date::days(1));
  }
  return {};
}

}  // namespace

Calendar calendar_of(const spec::Value& args) {
  Calendar out;
  if (auto zone = args.find("zone")) out.zone = spec::scalar_text(*zone).value_or(out.zone);
  if (auto windows = args.find("windows"))
    out.windows = spec::Leaf<spec::Windows>::parse(*windows).value_or(out.windows);
  if (auto freeze = args.find("freeze")) out.freeze = spec::Leaf<spec::Freezes>::parse(*freeze).value_or(out.freeze);
  return out;
}

bool is_zone(const std::string& name) { return zone_of(name) != nullptr; }

std::optional<spec::Freeze> frozen(const Calendar& c, Time now) {
  auto* zone = zone_of(c.zone);
  auto* freeze = zone ? frozen_on(c, day_of(local(*zone, now))) : nullptr;
  return freeze ? std::optional(*freeze) : std::nullopt;
}

std::optional<Time> opens(const Calendar& c, Time now) {
  auto* zone = zone_of(c.zone);
  if (!zone) return {};
  std::span<const spec::Window> windows(&kAnyTime, 1);
  if (!c.windows.all.empty()) windows = c.windows.all;
  auto today = day_of(local(*zone, now));
  for (int ahead = -1; ahead < kDaysAhead; ++ahead) {  // one of yesterday may go past midnight
    std::optional<Time> first;
    for (auto& window : windows) {
      auto day = today + date::days(ahead);
      auto at = on_day(window, day) ? first_in(c, *zone, window, day, now) : std::nullopt;
      if (at && (!first || *at < *first)) first = at;
    }
    if (first) return first;
  }
  return {};
}

std::int32_t local_day(const std::string& name, Time t) {
  auto* zone = zone_of(name);
  auto at = zone ? local(*zone, t) : Local(t.time_since_epoch());
  return static_cast<std::int32_t>(day_of(at).time_since_epoch().count());
}

Time local_moment(const std::string& name, std::int32_t day, std::int32_t minute) {
  Local at = local_days(date::days(day)) + std::chrono::minutes(minute);
  auto* zone = zone_of(name);
  return zone ? instant(*zone, at) : Time(at.time_since_epoch());
}

std::string local_text(const std::string& name, Time t) {
  auto* zone = zone_of(name);
  auto seconds = date::floor<std::chrono::seconds>(t);
  return zone ? date::format("%a %F %H:%M %Z", date::zoned_time(zone, seconds))
              : date::format("%a %F %H:%M UTC", seconds);
}

}  // namespace davy::ports
