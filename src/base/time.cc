#include "base/time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>

namespace davy {
namespace {

using namespace std::chrono;

std::string two(std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
  return small == 0 ? fmt::format("{}{}", big, big_unit) : fmt::format("{}{} {}{}", big, big_unit, small, small_unit);
}

}  // namespace

std::string human(Duration d) {
  if (d < Duration::zero()) return "-" + human(-d);
  if (d == Duration::zero()) return "0s";
  if (d < 1us) return fmt::format("{}ns", d.count());
  if (d < 999'500ns) return fmt::format("{:.3g}us", static_cast<double>(d.count()) / 1e3);  // beyond it is 1e+03
  if (d < 999'500us) return fmt::format("{:.3g}ms", static_cast<double>(d.count()) / 1e6);
  if (d < 1min) return fmt::format("{:.3g}s", seconds(d));
  auto whole = duration_cast<std::chrono::seconds>(d).count();
  if (d < 1h) return two(whole / 60, "m", whole % 60, "s");
  if (d < 48h) return two(whole / 3600, "h", whole / 60 % 60, "m");
  return two(whole / 86400, "d", whole / 3600 % 24, "h");
}

std::string clock_text(Time t) {
  return fmt::format("{:%H:%M:%S}", fmt::gmtime(system_clock::to_time_t(floor<std::chrono::microseconds>(t))));
}

std::string timestamp(Time t) {
  auto whole = floor<std::chrono::seconds>(t);
  auto ms = duration_cast<milliseconds>(t - whole).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), ms);
}

std::optional<Time> parse_timestamp(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size() || text.back() != 'Z') return {};
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return {};
  auto number = [&](std::size_t at, std::size_t digits) {
    int out = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, out);
    return out;
  };
  year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                      day(static_cast<unsigned>(number(8, 2)))};
  auto h = number(11, 2), min = number(14, 2), s = number(17, 2);
  if (!date.ok() || h > 23 || min > 59 || s > 59) return {};
  return Time(sys_days(date)) + hours(h) + minutes(min) + std::chrono::seconds(s);
}

}  // namespace davy
