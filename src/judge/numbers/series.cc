#include "judge/numbers/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "judge/numbers/well.h"

namespace davy::judge {
namespace {

using spec::Unit;

constexpr TrafficSeries kTraffic[] = {
    {"error_rate", Unit::ratio, true, "errors among requests: 5xx, terminations charged to the server, redispatches"},
    {"errors", Unit::none, false, "their number"},
    {"requests", Unit::none, false, "requests that reached the release"},
    {"request_rate", Unit::rate, false, "requests per second"},
    {"latency", Unit::seconds, false, "latency.p50, p90, p95, p99, max; a client that left counts with its wait"},
    {"client_error_rate", Unit::ratio, false, "4xx among requests"},
    {"client_errors", Unit::none, false, "their number"},
    {"aborts", Unit::none, false, "requests whose client went away"},
    {"abort_rate", Unit::ratio, false, "aborts among requests"},
    {"redispatches", Unit::none, false, "attempts that the router took away from the release"},
};

constexpr std::size_t kFewestPoints = 10;  // of a slope
constexpr const char* kAway = "away";      // `database is away for 30s`: whether a signal can be read at all
constexpr const char* kUp = "up";          // `database is up`: it answers and is well; else it is down, also while away
constexpr const char* kDown = "down";
constexpr double kChanceRise = 0.01;  // a `rises` that chance alone would bring more often is none

double real(std::uint64_t n) { return static_cast<double>(n); }
double share(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 0 : real(part) / real(whole); }

bool asks_for_more(spec::Operator op) { return op == spec::Operator::greater || op == spec::Operator::greater_equal; }

// The requests without which a series has no number: the quantile p99 needs 100.
std::uint64_t requests_needed(const spec::Condition& c, Least least) {
  auto q = c.series == "latency" ? quantile_of_field(c.field) : std::nullopt;
  if (!q || *q >= 1) return least.requests;
  return std::max(least.requests, static_cast<std::uint64_t>(std::ceil(1 / (1 - *q) - 1e-9)));
}

// `whole`: the tally covers all the time that was asked for.
Reading traffic(const spec::Condition& c, const Tally* found, Duration length, bool whole, Least least) {
  static const Tally kNone;
  auto& tally = found ? *found : kNone;
  Reading out{.requests = tally.attempts()};
  if (is_volume(c.series)) {  // no traffic is a number here, but a second of it is not a minute of it
    if (whole) out.number = traffic_number(c, tally, length);
    if (!whole) out.lacking = fmt::format("only {} were watched", human(length));
    return out;
  }
  auto number = traffic_number(c, tally, length);
  out.lacking = untold(c, tally);
  if (!out.lacking.empty()) return out;
  if (auto needed = requests_needed(c, least); tally.attempts() < needed)
    out.lacking = fmt::format("{} of {} requests", tally.attempts(), needed);
  else if (find_traffic_series(c.series)->convicts_by_errors && asks_for_more(c.op) && tally.trouble() > 0 &&
           tally.trouble() < least.errors && !c.relative() && spec::compare(number, c))
    out.lacking = fmt::format("{} of {} errors", tally.trouble(), least.errors), out.few_errors = true;
  else
    out.number = number;
  return out;
}

std::string untold_said(std::uint64_t untold, std::uint64_t requests) {
  if (untold * 100 <= requests) return {};
  return fmt::format(
      "nothing says how {} of {} requests ended: name it in the signal (`errors:`, or what has the status)", untold,
      requests);
}

double gauge_number(const spec::Condition& c, const Gauge& g) {
  if (c.field == "max") return g.most;
  if (c.field == "min") return g.least;
  if (c.field == "mean" || c.over > Duration{}) return g.sum / real(g.samples);
  return g.last;
}

std::vector<Point> points_of(const spec::Condition& c, const Rolling& rolling, const std::string& release,
                             Least least) {
  if (!find_traffic_series(c.series)) return rolling.points(series_of(c), release);
  return rolling.points(release, [&](const Tally& t, Duration length) -> std::optional<double> {
    if (!is_volume(c.series) && t.attempts() < least.requests) return {};
    return traffic_number(c, t, length);
  });
}

// `rises`: as steep as it is, or flat where chance alone may well rise like that. A share of it per time is a share of
// its own level, but for what is a share already.
double slope_number(const spec::Condition& c, const std::vector<Point>& points) {
  auto per_second = theil_sen(points).value_or(0);
  if (c.op == spec::Operator::rises && mann_kendall(points) >= kChanceRise) return std::min(per_second, 0.0);
  auto traffic = find_traffic_series(c.series);
  if (c.value.unit != Unit::ratio_rate || (traffic && traffic->unit == Unit::ratio)) return per_second;
  std::vector<double> levels;
  for (auto& point : points) levels.push_back(std::abs(point.value));
  auto level = median(std::move(levels));
  return level > 0 ? per_second / level : 0;
}

Reading slope(const spec::Condition& c, const Rolling& rolling, const std::string& release, Least least) {
  auto points = points_of(c, rolling, release, least);
  Reading out{.of_service = points.empty()};
  if (points.empty()) points = points_of(c, rolling, "", least);
  if (points.size() < kFewestPoints)
    out.lacking = fmt::format("{} of {} readings of {}", points.size(), kFewestPoints, c.series);
  else if (points.back().at - points.front().at < seconds(rolling.over()) / 2)
    out.lacking = fmt::format("only {} were watched", human(rolling.covered()));
  else
    out.number = slope_number(c, points);
  return out;
}

// More than so many is known at once; fewer only when all of the time was watched.
Reading counted(const spec::Condition& c, double count, const Rolling& rolling) {
  Reading out{.counted = true};
  auto watched = rolling.unbroken(c.series);
  bool whole = rolling.full() && watched >= rolling.over();
  if (whole || (asks_for_more(c.op) && c.value.unit != Unit::rate))
    out.number = count_number(c, count, rolling.covered());
  else
    out.lacking = fmt::format("only {} were watched", human(watched));
  return out;
}

Reading number(const spec::Condition& c, const Rolling& rolling, const std::string& release) {
  auto series = series_of(c);
  if (auto count = rolling.count(series, release)) return counted(c, *count, rolling);
  auto gauge = rolling.gauge(series, release);
  return gauge ? Reading{.number = gauge_number(c, *gauge)} : Reading{};
}

bool is_word(const spec::Condition& c) { return c.op == spec::Operator::is || c.op == spec::Operator::is_not; }

}  // namespace

bool is_up_or_down(const spec::Condition& c) { return c.word == kUp || c.word == kDown; }

bool is_volume(std::string_view series) { return series == "requests" || series == "request_rate"; }

std::span<const TrafficSeries> traffic_series() { return kTraffic; }

const TrafficSeries* find_traffic_series(std::string_view name) {
  auto found = std::ranges::find(kTraffic, name, &TrafficSeries::name);
  return found == std::end(kTraffic) ? nullptr : found;
}

std::optional<double> quantile_of_field(std::string_view field) {
  if (field == "max") return 1;
  int digits = 0;
  if (field.size() < 2 || field.size() > 5 || field[0] != 'p') return {};
  auto [stop, error] = std::from_chars(field.data() + 1, field.data() + field.size(), digits);
  if (error != std::errc{} || stop != field.data() + field.size() || digits < 0) return {};
  double scale = field.size() <= 3 ? 100 : std::pow(10, static_cast<double>(field.size() - 1));  // p999 is 99.9 %
  return digits / scale;
}

// A log without times is no fast service.
static std::string untimed(const Tally& t) {
  if (t.latency.count() * 2 >= t.requests) return {};
  return fmt::format("{} of {} requests do not say how long they took", t.requests - t.latency.count(), t.requests);
}

// What nobody knows may decide.
static std::string deciding(const spec::Condition& c, const Tally& t) {
  if (t.untold == 0 || c.relative()) return {};
  auto worst = t;
  worst.errors += t.untold;
  if (spec::compare(traffic_number(c, t, {}), c) == spec::compare(traffic_number(c, worst, {}), c)) return {};
  return fmt::format("nothing says how {} of {} requests ended, and `{}` hangs on them", t.untold, t.requests, c.text);
}

std::string untold(const spec::Condition& c, const Tally& t) {
  if (c.series == "latency") return untimed(t);
  if (c.series.starts_with("error")) {
    auto out = untold(t);
    return out.empty() ? deciding(c, t) : out;
  }
  return c.series.starts_with("client_error") ? untold_said(t.untold_client, t.requests) : std::string();
}

std::string untold(const Tally& t) { return untold_said(t.untold, t.requests); }

double traffic_number(const spec::Condition& c, const Tally& t, Duration length) {
  if (c.series == "error_rate") return share(t.trouble(), t.attempts());
  if (c.series == "errors") return real(t.trouble());
  if (c.series == "requests") return real(t.requests);
  if (c.series == "request_rate") return length > Duration{} ? real(t.requests) / seconds(length) : 0;
  if (c.series == "latency" && c.field == "mean") return seconds(t.latency.mean());
  if (c.series == "latency" && c.field == "min") return seconds(t.latency.quantile(0));
  if (c.series == "latency") return seconds(t.latency.quantile(quantile_of_field(c.field).value_or(0.95)));
  if (c.series == "client_error_rate") return share(t.client_errors, t.requests);
  if (c.series == "client_errors") return real(t.client_errors);
  if (c.series == "aborts") return real(t.aborts);
  if (c.series == "abort_rate") return share(t.aborts, t.requests);
  return real(t.redispatched);
}

std::string series_of(const spec::Condition& c) {
  static constexpr std::string_view kStatistics[] = {"max", "min", "mean"};
  bool statistic = std::ranges::find(kStatistics, c.field) != std::end(kStatistics) || quantile_of_field(c.field);
  return c.field.empty() || statistic ? c.series : c.series + "." + c.field;
}

std::optional<OfSignal> of_signal(const spec::Condition& c) {
  auto name = c.field.empty() ? c.series : c.series + "." + c.field;
  auto dot = name.find('.');
  if (dot == name.npos) return {};
  auto series = name.substr(dot + 1);
  auto field = series.find('.');
  OfSignal out{name.substr(0, dot), c};
  out.bare.series = series.substr(0, field);
  out.bare.field = field == series.npos ? "" : series.substr(field + 1);
  return find_traffic_series(out.bare.series) ? std::optional(std::move(out)) : std::nullopt;
}

std::string word_asked(const spec::Condition& c, const std::string& word) {
  return !is_up_or_down(c) || word == c.word ? word : says_well(word) ? kUp : kDown;
}

bool is_slope(const spec::Condition& c) { return spec::of_slope(c.op); }

namespace {

// The traffic of a signal of its own, where it tells any.
std::optional<Reading> read_of_signal(const spec::Condition& c, const Rolling& rolling, const std::string& release,
                                      Least least) {
  auto one = of_signal(c);
  if (!one || is_slope(c)) return {};
  auto own = rolling.tally(of_signal(one->signal, release)),
       all = own ? own : rolling.tally(of_signal(one->signal, ""));
  if (!all) return {};
  auto out = traffic(one->bare, all, rolling.covered(), rolling.full(), least);
  out.of_service = !own;
  return out;
}

// What a look said of itself, whatever its word: `200` of an address that answers is no word for well.
std::optional<Reading> up(const spec::Condition& c, const Rolling& rolling, const std::string& release) {
  auto series = series_of(c) + "." + kUp;
  auto own = rolling.gauge(series, release), any = own ? own : rolling.gauge(series, "");
  if (!any) return {};
  return Reading{.word = any->last > 0 ? kUp : kDown, .of_service = !own};
}

}  // namespace

Reading read(const spec::Condition& c, const Rolling& rolling, const std::string& release, Least least) {
  Reading out;
  auto why = rolling.away(c.series);
  if (is_word(c) && c.word == kAway) return {.word = why ? kAway : "there", .of_service = true};
  if (why && is_word(c) && is_up_or_down(c)) return {.word = kDown, .of_service = true};
  if (why && c.field != kUp) return {.lacking = c.series + ": " + *why};
  if (auto found = read_of_signal(c, rolling, release, least)) return *found;
  if (is_slope(c)) return slope(c, rolling, release, least);
  if (find_traffic_series(c.series)) {
    auto own = rolling.tally(release), any = own ? own : rolling.tally("");
    out = traffic(c, any, rolling.covered(), rolling.full(), least);
    out.of_service = !own && any;
  } else if (auto well = is_word(c) && is_up_or_down(c) ? up(c, rolling, release) : std::nullopt) {
    return *well;
  } else if (is_word(c)) {
    auto series = series_of(c);
    auto own = rolling.word(series, release), any = own ? own : rolling.word(series, "");
    if (any) out.word = word_asked(c, *any);
    out.of_service = !own;
  } else {
    out = number(c, rolling, release);
    if (out.number || out.counted) return out;
    out = number(c, rolling, "");
    out.of_service = true;
  }
  if (!out.tells() && out.lacking.empty()) out.lacking = fmt::format("no {} in {}", c.series, human(rolling.over()));
  return out;
}

double at_traffic_of(const Tally* candidate, const Tally* previous, double count) {
  if (!candidate || !previous || previous->attempts() == 0) return count;
  return count * real(candidate->attempts()) / real(previous->attempts());
}

double count_number(const spec::Condition& c, double count, Duration length) {
  return c.value.unit != Unit::rate ? count : length > Duration{} ? count / seconds(length) : 0;
}

Reading read_recorded(const spec::Condition& c, const Window& then, const std::string& previous, Least least,
                      Duration over) {
  if (is_slope(c)) return {.lacking = "no slope"};
  if (find_traffic_series(c.series)) {
    Tally all;
    for (auto& [release, tally] : then.releases)
      if (!is_of_signal(release)) all.merge(tally);
    return traffic(c, &all, then.length(), true, least);
  }
  auto of = [&](auto& all) -> std::optional<double> {
    auto series = all.find(series_of(c));
    if (series == all.end() || series->second.empty()) return {};
    auto found = series->second.find(previous);
    return static_cast<double>((found == series->second.end() ? series->second.begin() : found)->second);
  };
  if (auto count = of(then.counts); count && then.length() > Duration{})
    return {.number = count_number(c, *count * seconds(over) / seconds(then.length()), over), .counted = true};
  if (auto number = of(then.numbers)) return {.number = number};
  return {.lacking = "no " + c.series};
}

std::string said(const spec::Condition& c, double number) {
  if (is_slope(c))
    return c.value.unit == Unit::none ? fmt::format("{:+.3g}/s", number) : spec::print({number, c.value.unit});
  if (auto traffic = find_traffic_series(c.series); traffic && traffic->unit == Unit::seconds)
    return spec::print({std::round(number * 1e4) / 1e4, Unit::seconds});
  else if (traffic && traffic->unit == Unit::ratio)
    return human(Ratio{number});
  else if (traffic)
    return fmt::format("{:.4g}{}", number, traffic->unit == Unit::rate ? "/s" : "");
  return c.relative() ? fmt::format("{:.4g}", number) : spec::print({number, c.value.unit});
}

}  // namespace davy::judge
