#include "notices/turns.h"

#include <algorithm>
#include <charconv>

namespace davy::notices {
namespace {

using namespace std::chrono;

// Months from the day `first`, each beginning on its day of the month or on the last that there is.
int months_between(year_month_day first, sys_days now) {
  year_month_day today{now};
  auto months = (static_cast<int>(today.year()) - static_cast<int>(first.year())) * 12 +
                static_cast<int>(static_cast<unsigned>(today.month())) -
                static_cast<int>(static_cast<unsigned>(first.month()));
  auto last = year_month_day_last{today.year(), month_day_last{today.month()}}.day();
  return today.day() < std::min(first.day(), last) ? months - 1 : months;
}

}  // namespace

std::optional<sys_days> day_of(std::string_view text) {
  auto number = [&](std::size_t from, std::size_t size) {
    int out = -1;
    auto begin = text.data() + from;
    auto [end, error] = std::from_chars(begin, begin + size, out);
    return error == std::errc{} && end == begin + size ? out : -1;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
  auto y = number(0, 4), m = number(5, 2), d = number(8, 2);
  if (y < 0 || m < 0 || d < 0) return {};
  year_month_day day{year{y}, month{static_cast<unsigned>(m)}, std::chrono::day{static_cast<unsigned>(d)}};
  return day.ok() ? std::optional(sys_days{day}) : std::nullopt;
}

const std::string& on_turn(const Person& person, Time at) {
  auto first = day_of(person.from).value_or(sys_days{});
  auto today = floor<days>(at);
  auto passed = (today - first).count();
  if (person.every == Each::week) passed /= 7;
  if (person.every == Each::month) passed = months_between(year_month_day{first}, today);
  auto n = static_cast<std::int64_t>(person.turns.size());
  return person.turns[static_cast<std::size_t>(today < first ? 0 : passed % n)];
}

}  // namespace davy::notices
