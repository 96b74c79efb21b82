#include "signals/traffic/figures.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

bool digit(char c) { return c >= '0' && c <= '9'; }

// `n` digits at p, n small; negative when one is none.
[[gnu::always_inline]] inline int few(const char* p, int n) {
  int out = 0, wrong = 0;
  for (int i = 0; i < n; ++i) {
    auto d = static_cast<unsigned>(p[i] - '0');
    wrong |= d > 9;
    out = out * 10 + static_cast<int>(d & 15);
  }
  return wrong ? -1 : out;
}

// Days since 1970 of a date in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_of(int year, int month, int day) {
  year -= month <= 2;
  auto era = year / 400;
  auto of_era = year - era * 400;
  auto of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

constexpr std::uint32_t letters(const char* p) {
  return std::uint32_t{static_cast<unsigned char>(p[0])} | std::uint32_t{static_cast<unsigned char>(p[1])} << 8 |
         std::uint32_t{static_cast<unsigned char>(p[2])} << 16;
}

int month_of(const char* p) {
  constexpr const char* kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto name = letters(p);
  for (int m = 0; m < 12; ++m)
    if (letters(kNames[m]) == name) return m + 1;
  return -1;
}

// hh:mm:ss; a leap second is the second after.
bool clock_of(const char* p, Duration& out) {
  if (p[2] != ':' || p[5] != ':') return false;
  int h = few(p, 2), m = few(p + 3, 2), s = few(p + 6, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return false;
  out = std::chrono::seconds(h * 3600 + m * 60 + s);
  return true;
}

// ".123456" and whatever stands behind it; more than nine digits are cut.
Duration fraction_of(std::string_view& text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return {};
  text.remove_prefix(1);
  std::int64_t ns = 0, place = 100'000'000;
  for (; !text.empty() && digit(text[0]); text.remove_prefix(1), place /= 10) ns += (text[0] - '0') * place;
  return Duration(ns);
}

// "Z", "+0100", "+01:00", " +0100", or nothing: then `zone` as it was.
bool zone_of(std::string_view text, Duration& zone) {
  if (text == " +0000") return zone = {}, true;
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return true;
  if (text == "Z" || text == "z") return zone = {}, true;
  if (text.size() != 5 && !(text.size() == 6 && text[3] == ':')) return false;
  int h = few(text.data() + 1, 2), m = few(text.data() + text.size() - 2, 2);
  if ((text[0] != '+' && text[0] != '-') || h < 0 || h > 24 || m < 0 || m > 59) return false;
  zone = (text[0] == '-' ? -1 : 1) * (std::chrono::hours(h) + std::chrono::minutes(m));
  return true;
}

int days_in(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool date_of(int year, int month, int day, Duration clock, Duration zone, Time& out) {
  if (year < 1970 || year > 2255 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  out = Time(std::chrono::hours(24) * days_of(year, month, day) + clock - zone);
  return true;
}

bool iso_time(std::string_view text, Duration zone, Time& out) {
  if (text.size() < 19 || text[7] != text[4]) return false;
  Duration clock{};
  if (!clock_of(text.data() + 11, clock)) return false;
  int year = few(text.data(), 4), month = few(text.data() + 5, 2), day = few(text.data() + 8, 2);
  text.remove_prefix(19);
  auto fraction = fraction_of(text);
  return zone_of(text, zone) && date_of(year, month, day, clock + fraction, zone, out);
}

// The size tells the unit: seconds have eleven digits at most until the year 5138.
bool epoch_time(std::string_view text, Time& out) {
  auto dot = text.find('.');
  std::int64_t whole = 0, nanoseconds = 0;
  if (text.size() == 19 && dot == text.npos && text[0] < '9') {
    if (!read_digits(text.substr(0, 10), whole) || !read_digits(text.substr(10), nanoseconds)) return false;
    out = Time(std::chrono::seconds(whole) + Duration(nanoseconds));
    return true;
  }
  if (!read_digits(text.substr(0, dot), whole)) return false;
  auto unit = whole < 100'000'000'000           ? 1'000'000'000ll
              : whole < 100'000'000'000'000     ? 1'000'000ll
              : whole < 100'000'000'000'000'000 ? 1'000ll
                                                : 1ll;
  constexpr Time kFirst(std::chrono::seconds(946'684'800));  // 2000: what is less is how long something took
  constexpr std::int64_t kLast = 9'000'000'000'000'000'000;  // 2255: beyond it nanoseconds do not fit
  if (whole > kLast / unit) return false;
  auto rest = dot == text.npos ? std::string_view{} : text.substr(dot);
  auto part = fraction_of(rest);
  out = Time(Duration(whole * unit + static_cast<std::int64_t>(part.count() / (1'000'000'000 / unit))));
  return rest.empty() && out >= kFirst;
}

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr Unit kUnits[] = {{"ns", 1ns}, {"us", 1us}, {"µs", 1us}, {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}};

// "2m3.5s": numbers with units, added up. Zero is half of the unit.
bool with_units(std::string_view text, Duration& out) {
  double total = 0;
  Duration least{};
  while (!text.empty()) {
    double n = 0;
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed);
    if (error != std::errc{} || n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    auto letters = std::min(
        text.size(),
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), [](char c) { return digit(c) || c == '.'; }) -
                                 text.begin()));
    auto unit =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](auto& u) { return u.name == text.substr(0, letters); });
    if (unit == std::end(kUnits)) return false;
    total += n * static_cast<double>(unit->length.count());
    least = unit->length / 2;
    text.remove_prefix(letters);
  }
  if (total == 0) total = static_cast<double>(least.count());
  out = Duration(static_cast<std::int64_t>(std::min(total, static_cast<double>(kLongestLatency.count()))));
  return true;
}

bool scientific(std::string_view text, Duration unit, Duration& out) {
  double n = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || stop != text.data() + text.size() || !(n >= 0)) return false;
  auto ns = std::min(n * static_cast<double>(unit.count()), static_cast<double>(kLongestLatency.count()));
  out = std::max(Duration(static_cast<std::int64_t>(ns)), 1ns);
  return true;
}

}  // namespace

bool read_digits(std::string_view text, std::int64_t& out) {
  if (text.empty() || text.size() > 18) return false;
  std::int64_t n = 0;
  for (char c : text) {
    if (!digit(c)) return false;
    n = n * 10 + (c - '0');
  }
  out = n;
  return true;
}

bool read_latency(std::string_view text, Duration unit, Duration& out) {
  auto at = text.begin();
  std::int64_t whole = 0, part = 0, place = unit.count();
  for (; at != text.end() && digit(*at); ++at)
    if (whole < 1'000'000'000'000'000'000 / 10) whole = whole * 10 + (*at - '0');
  if (at == text.begin()) return false;
  if (at != text.end() && *at == '.')
    for (++at; at != text.end() && digit(*at); ++at)
      if (place >= 10) place /= 10, part += (*at - '0') * place;
  if (at != text.end()) {
    auto done = *at == 'e' || *at == 'E' ? scientific(text, unit, out) : with_units(text, out);
    return done && (out = std::max(out, 1ns), true);
  }
  auto longest = kLongestLatency.count() / unit.count();
  out = whole >= longest ? kLongestLatency : Duration(whole * unit.count() + part);
  if (out == Duration{}) out = std::max(Duration(place / 2), 1ns);
  return true;
}

bool read_clf_time(std::string_view text, Duration zone, Time& out) {
  if (text.size() < 20 || text[2] != '/' || text[6] != '/' || (text[11] != ':' && text[11] != ' ')) return false;
  Duration clock{};
  if (!clock_of(text.data() + 12, clock)) return false;
  int day = few(text.data(), 2), month = month_of(text.data() + 3), year = few(text.data() + 7, 4);
  text.remove_prefix(20);
  if (!text.empty() && text[0] == '.') clock += fraction_of(text);
  return zone_of(text, zone) && date_of(year, month, day, clock, zone, out);
}

bool read_time(std::string_view text, Duration zone, Time& out) {
  if (text.size() > 6 && text[2] == '/') return read_clf_time(text, zone, out);
  if (text.size() > 6 && (text[4] == '-' || text[4] == '/')) return iso_time(text, zone, out);
  return epoch_time(text, out);
}

bool MillisecondsReader::read(const char* line, std::string_view text, Time& out) {
  constexpr std::int64_t kLastYear = 9'000'000'000'000;  // 2255: beyond it nanoseconds do not fit
  std::int64_t ms = 0;
  if (!read_digits(text, ms) || ms > kLastYear) return false;
  out = Time(std::chrono::milliseconds(ms));
  if (text.size() == 13 && ms < kLastYear) {
    std::memcpy(begin_, line, sizeof begin_);
    second_ = std::chrono::floor<std::chrono::seconds>(out);
  }
  return true;
}

}  // namespace davy::signals
