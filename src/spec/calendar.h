// When deployments may begin, as a plan says it: stretches of the week, and days on which nothing is changed. What they
// mean in a time zone is ports/calendar.h.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "spec/leaf.h"

namespace davy::spec {

// `02:00..04:00`, `mon..thu 09:00..16:00`, `sat,sun 10:00..12:00`. One that ends before it begins goes past midnight,
// and is of the day on which it begins.
struct Window {
  std::string text;
  std::uint8_t days = 0;          // bit 0 is Monday
  std::int32_t from = 0, to = 0;  // minutes since midnight; to = 1440: the end of the day
  bool operator==(const Window&) const = default;
};
struct Windows {
  std::vector<Window> all;  // none: at any time
  bool operator==(const Windows&) const = default;
};

// `2026-12-20..2027-01-02`, both days included, or one day; and why.
struct Freeze {
  std::string text;
  std::int32_t first = 0, last = 0;  // days since 1970
  std::string why;
  bool operator==(const Freeze&) const = default;
};
struct Freezes {
  std::vector<Freeze> all;
  bool operator==(const Freezes&) const = default;
};

// "06:00" in minutes since midnight, before 24:00; "mon" is 1, "sun" 7.
std::optional<std::int32_t> parse_time_of_day(std::string_view);
std::optional<std::int32_t> parse_day_of_week(std::string_view);

std::optional<Window> parse_window(std::string_view);
std::optional<Freeze> parse_freeze(std::string_view days, std::string why);
std::string text_of(const Windows&);

// One stretch, or a list of them.
template <>
struct Leaf<Windows> {
  static constexpr std::string_view kNoun =
      "a stretch such as 02:00..04:00 or mon..thu 09:00..16:00, or a list of them";
  static std::optional<Windows> parse(const Value&);
  static Json print(const Windows&);
  static Json schema();
};

// A map from days to the reason.
template <>
struct Leaf<Freezes> {
  static constexpr std::string_view kNoun = "days and why, such as { 2026-12-20..2027-01-02: holidays }";
  static std::optional<Freezes> parse(const Value&);
  static Json print(const Freezes&);
  static Json schema();
};

}  // namespace davy::spec
