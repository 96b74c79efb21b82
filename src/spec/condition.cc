// Text -> Condition. The grammar finds where a text stops making sense; what only a person would ask for (`=>`, a rate
// without its %, a range that falls) is looked at here, so that each such message can tell the fix.
#include "spec/condition.h"

#include <fmt/format.h>

#include <cmath>

#include "spec/condition_grammar.h"
#include "spec/condition_mistakes.h"

namespace davy::spec {
namespace {

// A quantity before its unit has become a factor: in `15..20%` the 15 takes the unit of the 20.
struct Written {
  std::size_t offset = 0;
  double number = 0, factor = 1;
  Unit unit = Unit::none;
  bool per_time = false;
  bool bare() const { return unit == Unit::none && !per_time; }
};

struct Reading {
  std::string_view text;
  Condition out;
  Written current, low;
  std::optional<Written> high;
  std::size_t dots = 0;
  double length = 0;
  bool negated = false;

  std::size_t offset(const auto& in) const { return static_cast<std::size_t>(in.begin() - text.data()); }
};

template <class Rule>
struct Control : grammar::normal<Rule> {
  template <class Input>
  [[noreturn]] static void raise(const Input& in, Reading& r) {
    auto at = start_of_signs(r.text, static_cast<std::size_t>(in.current() - r.text.data()));
    refuse(r.text, at, meant(r.text, at, grammar::kExpected<Rule>));
  }
};

constexpr std::pair<std::string_view, double> kPer[] = {{"s", 1}, {"min", 60}, {"h", 3600}};
double number(std::string_view digits, std::string_view text, std::size_t at) {
  double n{};
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(n)) refuse(text, at, "a number that fits");
  return n;
}

void take_unit(std::string_view unit, std::size_t at, Reading& r) {
  auto& q = r.current;
  if (unit == "%") {
    q.unit = Unit::ratio, q.factor = 0.01;
  } else if (auto length = duration_unit(unit)) {
    q.unit = Unit::seconds, q.factor = seconds(*length);
  } else if (auto bytes = byte_unit(unit)) {
    q.unit = Unit::bytes, q.factor = *bytes;
  } else {
    refuse(r.text, at, meant_unit(unit, "a unit: %, ms, s, m, h, d, B, KB, MB, GB, TB, KiB, MiB, GiB or TiB"));
  }
}

void take_per(std::string_view per, std::size_t at, Reading& r) {
  for (auto [name, length] : kPer)
    if (name == per) {
      r.current.per_time = true;
      r.current.factor /= length;
      return;
    }
  bool minutes = per == "m" || per == "minute";
  refuse(r.text, at, minutes ? "`/min`" : grammar::kExpected<grammar::PerWord>);
}

Duration length_of(std::string_view unit, std::size_t at, const Reading& r) {
  auto found = duration_unit(unit);
  if (!found) refuse(r.text, at, meant_unit(unit, grammar::kExpected<grammar::LengthUnit>));
  auto ns = r.length * static_cast<double>(found->count());
  if (ns > 9e18) refuse(r.text, at, "a duration below 290 years");
  return Duration(std::llround(ns));
}

Operator sign(std::string_view s) {
  if (s == "<") return Operator::less;
  if (s == "<=") return Operator::less_equal;
  if (s == ">") return Operator::greater;
  if (s == ">=") return Operator::greater_equal;
  return s == "!=" ? Operator::not_equal : Operator::equal;
}

template <class Rule>
struct Action : grammar::nothing<Rule> {};

template <auto Do>
struct Then {
  static void apply(const auto& in, Reading& r) { Do(in.string_view(), r.offset(in), r); }
};

using View = std::string_view;
template <>
struct Action<grammar::Series> : Then<[](View s, std::size_t, Reading& r) {
  auto dot = s.rfind('.');
  r.out.series = s.substr(0, dot);
  if (dot != s.npos) r.out.field = s.substr(dot + 1);
}> {};
template <>
struct Action<grammar::Number>
    : Then<[](View s, std::size_t at, Reading& r) { r.current = {.offset = at, .number = number(s, r.text, at)}; }> {};
template <>
struct Action<grammar::UnitWord> : Then<take_unit> {};
template <>
struct Action<grammar::PerWord> : Then<take_per> {};
template <>
struct Action<grammar::Quantity> : Then<[](View, std::size_t, Reading& r) { r.low = r.current; }> {};
template <>
struct Action<grammar::Slope> : Action<grammar::Quantity> {};
template <>
struct Action<grammar::High> : Then<[](View, std::size_t, Reading& r) { r.high = r.current; }> {};
template <>
struct Action<grammar::Dots> : Then<[](View, std::size_t at, Reading& r) { r.dots = at; }> {};
template <>
struct Action<grammar::Baseline> : Then<[](View s, std::size_t, Reading& r) { r.out.baseline = s; }> {};
template <>
struct Action<grammar::Sign> : Then<[](View s, std::size_t, Reading& r) { r.out.op = sign(s); }> {};
template <>
struct Action<grammar::InWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::equal; }> {};
template <>
struct Action<grammar::NotInWords> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::not_in_range; }> {};
template <>
struct Action<grammar::ContainsWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::contains; }> {};
template <>
struct Action<grammar::LacksWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::lacks; }> {};
template <>
struct Action<grammar::IsWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::is; }> {};
template <>
struct Action<grammar::NotWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::is_not; }> {};
template <>
struct Action<grammar::BareWord> : Then<[](View s, std::size_t, Reading& r) { r.out.word = s; }> {};
template <>
struct Action<grammar::QuotedWord>
    : Then<[](View s, std::size_t, Reading& r) { r.out.word = s.substr(1, s.size() - 2); }> {};
template <>
struct Action<grammar::GrowsWord> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::grows; }> {};
template <>
struct Action<grammar::Slower> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::grows_less; }> {};
template <>
struct Action<grammar::Rises> : Then<[](View, std::size_t, Reading& r) { r.out.op = Operator::rises; }> {};
template <>
struct Action<grammar::LengthNumber>
    : Then<[](View s, std::size_t at, Reading& r) { r.length = number(s, r.text, at); }> {};
template <>
struct Action<grammar::LengthUnit>
    : Then<[](View s, std::size_t at, Reading& r) { r.out.held = length_of(s, at, r); }> {};
template <>
struct Action<grammar::OverLength>
    : Then<[](View, std::size_t, Reading& r) { r.out.over = std::exchange(r.out.held, {}); }> {};

bool judged(Operator op) { return !of_words(op) && op != Operator::rises; }

Unit unit_of(const Written& w, const Reading& r) {
  if (!w.per_time) return w.unit;
  if (w.unit == Unit::seconds) refuse(r.text, w.offset, "a count, a size or a share per time, such as 100 MB/min");
  return w.unit == Unit::bytes ? Unit::bytes_rate : w.unit == Unit::ratio ? Unit::ratio_rate : Unit::rate;
}

Quantity quantity(const Written& w, const Reading& r) {
  // 5 * 0.01 is not 0.05, 5 / 100 is: shares are divided, so that `5%` equals what the rest of the program calls 5 %.
  auto value = w.factor == 0.01 ? w.number / 100 : w.number * w.factor;
  if (!std::isfinite(value)) refuse(r.text, w.offset, "a number that fits");
  return {value, unit_of(w, r)};
}

void settle_range(Reading& r) {
  if (!r.high) return;
  bool outside = r.out.op == Operator::not_in_range;
  if (r.out.op != Operator::equal && !outside)
    refuse(r.text, r.dots, "one value; a range goes with `=` or `in`: `pool = 15..20`");
  if (!outside) r.out.op = Operator::in_range;
  if (r.low.bare()) r.low.unit = r.high->unit, r.low.factor = r.high->factor, r.low.per_time = r.high->per_time;
  r.out.value = quantity(r.low, r);
  r.out.high = quantity(*r.high, r);
  if (r.out.value.unit != r.out.high.unit) refuse(r.text, r.high->offset, "both ends of the range in one kind of unit");
  if (r.out.value.value > r.out.high.value) refuse(r.text, r.low.offset, "a range that rises, such as `15..20`");
}

// Only what a name says for certain: `error_rate > 5` would be 500 %, `latency.p95 > 5` says nothing.
void check_dimension(const Reading& r) {
  auto& c = r.out;
  auto unit = c.value.unit;
  bool slope = of_slope(c.op);
  if (slope && unit != Unit::rate && unit != Unit::bytes_rate && unit != Unit::ratio_rate)
    refuse(r.text, r.low.offset, grammar::kExpected<grammar::Slope>);
  if (c.relative() && unit != Unit::ratio) refuse(r.text, r.low.offset, "a share, such as `> 150% of baseline`");
  if (slope || c.relative()) return;
  if (c.series.ends_with("_rate") && unit != Unit::ratio && unit != Unit::rate && unit != Unit::bytes_rate)
    refuse(r.text, r.low.offset, fmt::format("a share with its unit, such as {:.12g}%", r.low.number));
  if (c.series == "error_rate" && unit == Unit::ratio && c.value.value > 1)
    refuse(r.text, r.low.offset, "a share of at most 100%");
  if (c.series == "latency" && unit != Unit::seconds)
    refuse(r.text, r.low.offset, fmt::format("a duration with its unit, such as {:.12g}ms", r.low.number));
}

// White space inside quotes is the person's; outside it is layout.
std::string folded(std::string_view text) {
  std::string out;
  char quote = 0;
  for (char c : trimmed(text)) {
    bool space = quote == 0 && std::string_view(" \t\r\n").contains(c);
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    if (!space)
      out += c;
    else if (out.back() != ' ')
      out += ' ';
  }
  return out;
}

}  // namespace

std::expected<Condition, ConditionMistake> parse_condition(std::string_view text) try {
  Reading r{.text = text};
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> in(text.data(), text.size(), "");
  if (!tao::pegtl::parse<grammar::Whole, Action, Control>(in, r)) refuse(text, 0, grammar::kExpected<grammar::Series>);
  settle_range(r);
  if (judged(r.out.op) && !r.high) r.out.value = quantity(r.low, r);
  if (judged(r.out.op)) check_dimension(r);
  r.out.text = folded(text);
  return r.out;
} catch (const Refused& refused) {
  return std::unexpected(refused.mistake);
}

std::optional<Condition> parse_series(std::string_view name) {
  for (auto value : {" > 1", " > 1s", " > 1%"})
    if (auto c = parse_condition(std::string(name) + value);
        c && (c->field.empty() ? c->series : c->series + "." + c->field) == name)
      return *std::move(c);
  return {};
}

bool of_words(Operator op) {
  return op == Operator::is || op == Operator::is_not || op == Operator::contains || op == Operator::lacks;
}

bool holds(std::string_view word, const Condition& c) {
  bool whole = c.op == Operator::is || c.op == Operator::is_not;
  bool found = whole ? word == c.word : word.contains(c.word);
  return of_words(c.op) && found == (c.op == Operator::is || c.op == Operator::contains);
}

bool compare(double seen, const Condition& c) {
  if (!std::isfinite(seen)) return false;  // no verdict from what is not a number, not even `!=`
  auto near = [&](double a, double b) { return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)}); };
  switch (c.op) {
    case Operator::less:
      return seen < c.value.value;
    case Operator::less_equal:
      return seen <= c.value.value;
    case Operator::equal:
      return near(seen, c.value.value);
    case Operator::not_equal:
      return !near(seen, c.value.value);
    case Operator::greater_equal:
      return seen >= c.value.value;
    case Operator::greater:
      return seen > c.value.value;
    case Operator::in_range:
      return seen >= c.value.value && seen <= c.high.value;
    case Operator::not_in_range:
      return seen < c.value.value || seen > c.high.value;
    case Operator::is:
    case Operator::is_not:
    case Operator::contains:
    case Operator::lacks:
    case Operator::grows:
    case Operator::grows_less:
    case Operator::rises:
      return false;
  }
  return false;
}

bool Codec<Condition>::decode(const Value& v, Condition& out, Diagnostics& d) {
  auto text = scalar_text(v);
  if (!text) {
    d.add(v.mark, describe(v), "a condition, such as `error_rate < 0.5%`");
    return false;
  }
  auto parsed = parse_condition(*text);
  if (parsed) {
    out = *std::move(parsed);
    return true;
  }
  auto at = v.mark;
  at.column += static_cast<int>(parsed.error().offset) + (v.quoted ? 1 : 0);
  d.add(at, parsed.error().found + " in the condition " + describe(v), parsed.error().expected);
  return false;
}

Json Codec<Condition>::schema() {
  return {{"type", "string"},
          {"format", "condition"},
          {"description", "a condition: name, operator, value, such as `error_rate > 5% for 5m`"}};
}

}  // namespace davy::spec
