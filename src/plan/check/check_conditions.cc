// Conditions that parse, but that nothing could ever answer.
#include <fmt/format.h>

#include "plan/parse/reader.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

// The conditions of a value, one or a list of them, with their places; what does not parse was told already.
std::vector<std::pair<spec::Condition, spec::Mark>> conditions_of(const spec::Value& v) {
  std::vector<std::pair<spec::Condition, spec::Mark>> out;
  auto add = [&](const spec::Value& one) {
    auto text = spec::scalar_text(one);
    if (!text) return;
    if (auto parsed = spec::parse_condition(*text)) out.emplace_back(*std::move(parsed), one.mark);
  };
  if (auto list = v.list())
    for (auto& item : *list) add(item);
  else
    add(v);
  return out;
}

void refuse_slope(Reader& r, const spec::Condition& c, spec::Mark at) {
  r.d.add(at, ticked(c.text) + ", where only a value is read",
          "a comparison with a value; slopes are for rules under `judge:`");
}

const spec::Term* giver_of(const Reader& r, std::string_view series) {
  for (auto& term : r.words.terms())
    for (auto& given : term.series)
      if (given.name == series) return &term;
  return nullptr;
}

// p95, p999.
bool quantile(std::string_view field) {
  return field.size() > 1 && field[0] == 'p' &&
         std::ranges::all_of(field.substr(1), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// `errors > 5%` is true of no number of errors, or of any.
bool is_no_count(const spec::Condition& c) {
  bool counted = (c.series == "errors" || c.series == "requests") && c.field.empty();
  return counted && !c.relative() && c.value.unit != spec::Unit::none;
}

void check_counted(Reader& r, const spec::Condition& c, spec::Mark at) {
  if (!is_no_count(c)) return;
  r.d.add(
      at, fmt::format("{} of {}, which are counted", ticked(spec::print(c.value)), ticked(c.series)),
      c.value.unit == spec::Unit::ratio ? "a number of them, or `error_rate`" : "a number of them: `over 1s > 2000`");
}

// A gauge's readings are few and keep no distribution; its newest one would be taken for the quantile.
bool no_quantile(const spec::Condition& c) { return quantile(c.field) && c.series != "latency"; }

void check_field(Reader& r, const spec::Condition& c, spec::Mark at) {
  if (no_quantile(c))
    r.d.add(at, fmt::format("a quantile, {}, of {}, which has none", ticked(c.field), ticked(c.series)),
            "max, min, mean, or no field for the newest; quantiles are those of latency");
  check_counted(r, c, at);
}

bool statistic(std::string_view field) { return field == "max" || field == "min" || field == "mean"; }

// What every signal has: whether it is there, and well.
bool of_any(const spec::Condition& c) {
  return c.word == "away" || c.word == "up" || c.word == "down" || c.field == "up";
}

struct Named {
  std::string signal, field;  // `app`, `ERROR`; a bare series: `error_rate`, ""
};
Named named(const spec::Condition& c) {
  auto name = c.field.empty() || statistic(c.field) ? c.series : c.series + "." + c.field;
  auto dot = name.find('.');
  return {name.substr(0, dot), dot == name.npos ? "" : name.substr(dot + 1)};
}

// Of what a rule reads.
std::optional<spec::Measured> measured(const Reader& r, const spec::Condition& c) {
  auto [own, field] = named(c);
  auto& all = r.plan.signals;
  auto signal = std::ranges::find(all, own, &Signal::name);
  if (signal == all.end()) {  // a bare name: of `traffic`, or of the only one that gives it
    auto gives = [&](auto& one) { return std::ranges::find(one.gives, own) != one.gives.end(); };
    signal = std::ranges::find_if(all, [&](auto& one) { return one.name == "traffic" && gives(one); });
    if (signal == all.end()) signal = std::ranges::find_if(all, gives);
    field = own;
  }
  if (signal == all.end()) return {};
  if (field == "up") return spec::Measured{spec::Unit::ratio};
  if (auto known = signal->finds ? signal->finds->measured(field) : std::nullopt) return known;
  auto term = r.words.find("signal", signal->provider.name);
  for (auto& given : term ? term->series : std::vector<spec::GivenSeries>{})
    if (given.unit && given.name == field.substr(0, field.find('.'))) return spec::Measured{*given.unit};
  return {};
}

constexpr std::string_view how_to_say(const spec::Condition& c) {
  bool size_grows = spec::of_slope(c.op) && c.value.unit == spec::Unit::bytes_rate;
  switch (size_grows ? spec::Unit::bytes : c.value.unit) {
    case spec::Unit::ratio:
      return "`unit: percent` (it says 75) or `unit: share` (0.75)";
    case spec::Unit::seconds:
      return "`unit: ms` or `unit: s`, whichever it says";
    case spec::Unit::bytes:
      return "`unit: B`, `unit: MB` or whichever it says";
    default:
      return "`unit: /s` or `unit: MB/s`, whichever it says";
  }
}

// 70% of what says 75, or 0.75? 300ms of what says 300, or 0.3? Never a guess.
void check_unit(Reader& r, const spec::Condition& c, std::optional<spec::Measured> is, spec::Mark at) {
  if (!is || spec::comparable(c, is->unit)) return;
  auto name = ticked(c.field.empty() || statistic(c.field) ? c.series : c.series + "." + c.field);
  if (is->own && is->unit == spec::Unit::none)
    return r.d.add(at, fmt::format("{}, and {} says no unit", ticked(c.text), name), std::string(how_to_say(c)));
  auto noun = spec::noun(is->unit);
  r.d.add(at, fmt::format("{}, and {} is {}", ticked(c.text), name, noun.substr(0, noun.find(','))),
          "a comparison with " + std::string(noun));
}

// A text is no number, and a number has no parts.
bool check_kind(Reader& r, const spec::Condition& c, const spec::Finding& f, const std::string& name, spec::Mark at) {
  bool part = c.op == spec::Operator::contains || c.op == spec::Operator::lacks;
  bool number = f.as.kind == spec::As::Kind::unit || f.as.kind == spec::As::Kind::any;
  if (part && number)
    r.d.add(at, fmt::format("{}, and {} is {}", ticked(c.text), ticked(name), spec::noun(f.as)),
            "a comparison: <, <=, =, !=, >=, >, in or not in");
  else if (!spec::of_words(c.op) && f.as.kind == spec::As::Kind::word)
    r.d.add(at, fmt::format("{}, and {} is a word", ticked(c.text), ticked(name)), "is, is not, contains or lacks");
  else
    return true;
  return false;
}

// `app.EROR` of a signal whose series are known beforehand.
void check_known(Reader& r, const spec::Condition& c, spec::Mark at) {
  auto [own, field] = named(c);
  auto signal = std::ranges::find(r.plan.signals, own, &Signal::name);
  if (signal == r.plan.signals.end() || !signal->finds || of_any(c) || no_quantile(c)) return;
  if (auto found = signal->finds->find(field)) {
    check_kind(r, c, *found, field.empty() ? own : own + "." + field, at);
    return;
  }
  auto known = signal->finds->names();
  auto said = field.empty() ? ticked(own) + " alone, which is neither a number nor a word"
                            : fmt::format("{}, which the signal {} does not have", ticked(field), ticked(own));
  r.d.add(at, said, fmt::format("`{}.` and one of {}", own, spec::listed(known)), nearest(field, known));
}

void check_baseline(Reader& r, const std::string& name, spec::Mark at) {
  Keys known{"baseline", "previous", "before"};
  for (auto& one : r.plan.judge.baselines) known.push_back(one.name);
  if (std::ranges::find(known, name) == known.end())
    r.d.add(at, fmt::format("the baseline {}, which nothing recorded", ticked(name)),
            "one of " + spec::listed(known) + "; others are named under `judge: baselines:`", nearest(name, known));
}

}  // namespace

void check_measured(Reader& r, const std::string& series, spec::Mark at) {
  if (r.plan.sees(series)) return;
  auto nothing = fmt::format("the series {}, which nothing measures", ticked(series));
  if (auto term = giver_of(r, series))
    return r.d.add(at, nothing, fmt::format("a signal that does, such as `traffic: {}`", term->example));
  Keys known;
  for (auto& signal : r.plan.signals) {
    known.push_back(signal.name);
    known.insert(known.end(), signal.gives.begin(), signal.gives.end());
  }
  auto expected = known.empty() ? "a signal under `signals:`" : "one of " + spec::listed(known);
  for (auto& term : r.words.terms())
    for (auto& given : term.series) known.push_back(given.name);
  r.d.add(at, nothing, expected, nearest(series, known));
}

void check_compared_series(Reader& r, const std::string& series, spec::Mark at) {
  check_measured(r, series, at);
  if (series != "latency" && giver_of(r, series))
    r.d.add(at, ticked(series) + " among what is compared",
            "latency or a gauge; errors are compared without being asked");
}

void check_judged(Reader& r, const spec::Value& conditions) {
  for (auto& [c, at] : conditions_of(conditions)) {
    if (c.op == spec::Operator::contains || c.op == spec::Operator::lacks)
      r.d.add(at, fmt::format("{} of a signal, whose words are compared whole", ticked(c.text)),
              "`is` or `is not`; parts of a text are looked for by `expect` beside a probe");
    r.later([&r, series = c.series, at] { check_measured(r, series, at); });
    check_field(r, c, at);
    r.later([&r, c, at] { check_known(r, c, at); });
    if (!is_no_count(c)) r.later([&r, c, at] { check_unit(r, c, measured(r, c), at); });
    if (c.relative()) r.later([&r, name = c.baseline, at] { check_baseline(r, name, at); });
  }
}

void check_passed(Reader& r, const spec::Value& conditions) {
  for (auto& [c, at] : conditions_of(conditions))
    if (spec::of_slope(c.op)) refuse_slope(r, c, at);
  check_judged(r, conditions);
}

void check_read_once(Reader& r, const spec::Value& conditions) {
  for (auto& [c, at] : conditions_of(conditions)) {
    if (spec::of_slope(c.op)) refuse_slope(r, c, at);
    if (c.relative()) r.d.add(at, ticked(c.text) + ", where there is no baseline", "a comparison with a value");
    if (c.over > Duration{})
      r.d.add(at, ticked(c.text) + " beside a look, which nobody took before",
              "`for`, to look for so long, or a signal and a rule under `judge:`");
  }
}

void check_found(Reader& r, const spec::Term& term, const spec::Value& options, const spec::Value& conditions) {
  auto finds = term.finds ? term.finds(options) : std::nullopt;
  if (!finds) return;
  auto known = finds->names();
  for (auto& [c, at] : conditions_of(conditions)) {
    auto name = c.field.empty() ? c.series : c.series + "." + c.field;
    auto found = finds->find(name);
    if (!found && known.empty())
      r.d.add(at, fmt::format("a condition beside {}, which finds nothing to compare", ticked(term.name)),
              "no condition: it is well or it is not");
    else if (!found)
      r.d.add(at, fmt::format("{}, which `{}` does not find here", ticked(name), term.name),
              "one of " + spec::listed(known), nearest(name, known));
    else if (bool share = !found->part_of.empty() && c.value.unit == spec::Unit::ratio;
             check_kind(r, c, *found, name, at) && !share)
      check_unit(r, c, finds->measured(name), at);
  }
}

}  // namespace davy::plan
