#include "spec/calendar.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"

namespace davy::spec {
namespace {

constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::uint8_t kEveryDay = 0x7f;

std::optional<int> digits(std::string_view text, std::size_t length) {
  if (text.size() != length || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return {};
  int n = 0;
  for (auto c : text) n = 10 * n + (c - '0');
  return n;
}

// "a..b": both; "a": a twice, where one alone is meant.
std::pair<std::string_view, std::string_view> ends(std::string_view text) {
  auto dots = text.find("..");
  if (dots == text.npos) return {text, text};
  return {text.substr(0, dots), text.substr(dots + 2)};
}

std::optional<int> minute(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return {};
  auto hour = digits(text.substr(0, 2), 2), minutes = digits(text.substr(3), 2);
  if (!hour || !minutes || *minutes > 59 || *hour * 60 + *minutes > 24 * 60) return {};
  return *hour * 60 + *minutes;
}

std::optional<int> day_of_week(std::string_view text) {
  auto it = std::ranges::find(kDays, text);
  return it == std::end(kDays) ? std::nullopt : std::optional(static_cast<int>(it - std::begin(kDays)));
}

// "mon..thu", "sat,sun", "fri..mon".
std::optional<std::uint8_t> days_of_week(std::string_view text) {
  std::uint8_t out = 0;
  for (auto part : split(text, ',')) {
    auto [a, b] = ends(part);
    auto first = day_of_week(a), last = day_of_week(b);
    if (!first || !last) return {};
    for (int day = *first;; day = (day + 1) % 7) {
      out = static_cast<std::uint8_t>(out | (1U << day));
      if (day == *last) break;
    }
  }
  return out;
}

// "2026-12-20"
std::optional<std::int32_t> day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  auto y = digits(text.substr(0, 4), 4), m = digits(text.substr(5, 2), 2), d = digits(text.substr(8), 2);
  if (!y || !m || !d) return {};
  std::chrono::year_month_day date{std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)),
                                   std::chrono::day(static_cast<unsigned>(*d))};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
  auto out = minute(text);
  return out && *out < 24 * 60 ? out : std::nullopt;
}

std::optional<std::int32_t> parse_day_of_week(std::string_view text) {
  auto out = day_of_week(text);
  return out ? std::optional(*out + 1) : std::nullopt;
}

std::optional<Window> parse_window(std::string_view text) {
  Window out{.text = std::string(trimmed(text)), .days = kEveryDay};
  auto hours = std::string_view(out.text);
  if (auto space = hours.find(' '); space != hours.npos) {
    auto days = days_of_week(hours.substr(0, space));
    if (!days) return {};
    out.days = *days;
    hours = trimmed(hours.substr(space));
  }
  auto [a, b] = ends(hours);
  auto from = minute(a), to = minute(b);
  if (!from || !to || *from == *to || *from == 24 * 60) return {};
  out.from = *from, out.to = *to;
  return out;
}

std::optional<Freeze> parse_freeze(std::string_view days, std::string why) {
  auto [a, b] = ends(trimmed(days));
  auto first = day(a), last = day(b);
  if (!first || !last || *last < *first) return {};
  return Freeze{std::string(trimmed(days)), *first, *last, std::move(why)};
}

std::string text_of(const Windows& windows) {
  std::vector<std::string> all;
  for (auto& one : windows.all) all.push_back(one.text);
  return joined(all, ", ");
}

std::optional<Windows> Leaf<Windows>::parse(const Value& v) {
  Windows out;
  std::vector<Value> one{v};
  for (auto& item : v.list() ? *v.list() : one) {
    auto text = item.text();
    auto window = text ? parse_window(*text) : std::nullopt;
    if (!window) return {};
    out.all.push_back(std::move(*window));
  }
  return out;
}

Json Leaf<Windows>::print(const Windows& windows) {
  auto out = Json::array();
  for (auto& one : windows.all) out.push_back(one.text);
  return out;
}

Json Leaf<Windows>::schema() {
  Json one{{"type", "string"},
           {"pattern", R"(^([a-z]{3}(\.\.[a-z]{3})?(,[a-z]{3}(\.\.[a-z]{3})?)* +)?\d\d:\d\d\.\.\d\d:\d\d$)"}};
  return {{"anyOf", {one, {{"type", "array"}, {"items", one}}}}};
}

std::optional<Freezes> Leaf<Freezes>::parse(const Value& v) {
  if (!v.map()) return {};
  Freezes out;
  for (auto& entry : *v.map()) {
    auto why = scalar_text(entry.value);
    auto freeze = why && !why->empty() ? parse_freeze(entry.key, *why) : std::nullopt;
    if (!freeze) return {};
    out.all.push_back(std::move(*freeze));
  }
  return out;
}

Json Leaf<Freezes>::print(const Freezes& freezes) {
  auto out = Json::object();
  for (auto& one : freezes.all) out[one.text] = one.why;
  return out;
}

Json Leaf<Freezes>::schema() {
  return {{"type", "object"},
          {"patternProperties", {{R"(^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$)", {{"type", "string"}}}}},
          {"additionalProperties", false}};
}

}  // namespace davy::spec
