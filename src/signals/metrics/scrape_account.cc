// A page is read whole before anything is counted: whether the process is a new one, and which release it is, may stand
// at its end; and a page that was cut off must not look like counters that fell.
#include "signals/metrics/scrape_account.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "signals/metrics/request_end.h"
#include "signals/metrics/scrape_window.h"

namespace davy::signals {
namespace {

constexpr double kStale = 300;        // seconds, as in Prometheus
constexpr double kClocksDiffer = 60;  // seconds between a process's clock and this one
constexpr int kLooksBack = 10, kFallsOfSeveral = 3, kMixedFor = 60;
constexpr std::size_t kMostStarts = 100, kMostShown = 6;
constexpr std::string_view kStarted = "process_start_time_seconds";

constexpr std::string_view kUsualRequests[] = {
    "http_requests_total",
    "http_server_requests_total",
    "http_server_requests_seconds_count",          // Micrometer: Spring Boot, Quarkus
    "http_server_request_duration_seconds_count",  // OpenTelemetry
    "http_request_duration_seconds_count",
    "traefik_service_requests_total",
    "caddy_http_request_duration_seconds_count",
    "starlette_requests_total",
    "flask_http_request_total",
};
constexpr std::string_view kUsualLatencies[] = {
    "http_request_duration_seconds",
    "http_server_requests_seconds",
    "http_server_request_duration_seconds",
    "http_requests_duration_seconds",
    "traefik_service_request_duration_seconds",
    "caddy_http_request_duration_seconds",
    "starlette_request_duration_seconds",
    "flask_http_request_duration_seconds",
    "http_request_duration_milliseconds",
};
constexpr std::string_view kRisingParts[] = {"_total", "_count", "_sum", "_bucket"};
constexpr std::string_view kPathLabels[] = {"path", "handler", "uri", "route", "endpoint", "url", "http_route"};

bool is_path(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with('*')) return pattern == path;
  return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool counts(MetricType type, std::string_view name) {
  if (type != MetricType::unknown) return type == MetricType::counter;
  return name.ends_with("_total");
}

// The parts of histograms and summaries that only rise have the family's type.
MetricType type_of(const ExpositionReader& reader, std::string_view name) {
  if (auto own = reader.type(name); own != MetricType::unknown) return own;
  for (auto part : kRisingParts)
    if (name.ends_with(part)) {
      auto family = reader.type(name.substr(0, name.size() - part.size()));
      if (family == MetricType::counter || family == MetricType::histogram || family == MetricType::summary)
        return MetricType::counter;
    }
  return MetricType::unknown;
}

// Where no page says the type of a metric, its name does.
bool only_rises(std::string_view name) {
  return std::ranges::any_of(kRisingParts, [&](auto part) { return name.ends_with(part); });
}

// The same series whatever the order of its labels.
std::string identity(const std::string& address, const Sample& s) {
  auto sorted = s.labels;
  std::ranges::sort(sorted, {}, &Label::name);
  auto out = address + '\0' + std::string(s.name);
  for (auto& [name, value] : sorted) ((out += '\0') += name) += '\1', out += value;
  return out;
}

void add_ended(std::optional<RequestEnd> end, std::uint64_t n, judge::Tally& into) {
  into.requests += n;
  if (!end) into.untold += n, into.untold_client += n;
  if (end == RequestEnd::server_error) into.errors += n;
  if (end == RequestEnd::client_error) into.client_errors += n;
  if (end == RequestEnd::left) into.aborts += n;
}

std::uint64_t whole(double n) { return n > 0 ? static_cast<std::uint64_t>(std::llround(std::min(n, 1e15))) : 0; }

}  // namespace

struct ScrapeAccount::Kept {
  const std::vector<Want>* wants;
  std::vector<std::size_t> which;  // of wants, those whose labels fit
  std::string series, label, le, quantile;
  double value;
  std::optional<RequestEnd> end;
  bool counter;
};

struct ScrapeAccount::Page {
  std::string address;
  std::string target;  // the address, and its number where several pages have that one
  std::vector<Kept> kept;
  std::set<std::string, std::less<>> known;  // the series of `kept`
  bool errors_typed = false, client_errors_typed = false;
  std::uint64_t broken = 0, repeated = 0;
  std::optional<double> started;
  std::string info;                   // the release, by an info metric
  std::string no_number = {};         // a counter that ends of requests are told by, and shows NaN
  std::set<std::string> likely = {};  // counters that nobody named, of requests by their names
  std::map<std::size_t, std::set<std::string>> labels = {};  // those of the requests' candidates that are there
};

std::span<const std::string_view> usual_requests() { return kUsualRequests; }
std::span<const std::string_view> usual_latencies() { return kUsualLatencies; }

ScrapeAccount::ScrapeAccount(ScrapeRules rules) : rules_(std::move(rules)) {
  if (auto dot = rules_.release_by.find('.'); dot != rules_.release_by.npos) {
    info_metric_ = rules_.release_by.substr(0, dot);
    info_label_ = rules_.release_by.substr(dot + 1);
  }
  if (rules_.requests) want(Role::requests, *rules_.requests);
  if (rules_.errors) want(Role::errors, *rules_.errors);
  if (rules_.client_errors) want(Role::client_errors, *rules_.client_errors);
  if (rules_.latency) want_latency(*rules_.latency, 0);
  want_usual();
  for (auto& [name, own] : rules_.series) {
    want(Role::own, own.metric, 0, name);
    if (own.among) want(Role::among, *own.among, 0, name);
  }
}

void ScrapeAccount::want_usual() {
  if (!rules_.requests)
    for (std::size_t i = 0; i < std::size(kUsualRequests); ++i)
      want(Role::requests, {.text = {}, .name = std::string(kUsualRequests[i]), .matchers = {}}, i);
  if (!rules_.latency)
    for (std::size_t i = 0; i < std::size(kUsualLatencies); ++i)
      want_latency({.text = {}, .name = std::string(kUsualLatencies[i]), .matchers = {}}, i);
}

void ScrapeAccount::want(Role role, Selector selector, std::size_t candidate, std::string series, double unit) {
  auto& wants = wanted_[selector.name];
  wants.push_back({role, candidate, std::move(selector), std::move(series), unit});
}

void ScrapeAccount::want_latency(const Selector& family, std::size_t candidate) {
  auto& said = rules_.latency_unit;
  auto unit = rules_.latency && said.unit == spec::Unit::seconds ? said.factor : unit_of(family.name).value_or(0);
  want(Role::bucket, renamed(family, family.name + "_bucket"), candidate, {}, unit);
  want(Role::sum, renamed(family, family.name + "_sum"), candidate, {}, unit);
  want(Role::count, renamed(family, family.name + "_count"), candidate, {}, unit);
  want(Role::quantile, family, candidate, {}, unit);
}

Result<judge::Window> ScrapeAccount::look(std::span<const ScrapedPage> pages, Time from, Time to) {
  std::vector<Page> read_pages;
  double broken = 0, repeated = 0;
  std::map<std::string, int> of_address;
  for (auto& page : pages) {
    auto one = read(page, of_address[page.address]++, to);
    if (!one) return std::unexpected(one.error());
    broken += static_cast<double>(one->broken), repeated += static_cast<double>(one->repeated);
    read_pages.push_back(std::move(*one));
  }
  said_ = say(read_pages);
  for (auto& page : read_pages)
    if (!page.no_number.empty())
      return fail(Code::invalid, fmt::format("{}: `{}` shows no number, so how requests ended nobody can tell",
                                             page.address, page.no_number));
  auto out = account(read_pages, from, to);
  if (!mixed_.empty())
    return fail(Code::invalid,
                fmt::format("{}: several processes answer by turns, so what their counters gained nobody can tell",
                            mixed_.substr(0, mixed_.find(' '))),
                "name each instance, past the load balancer");
  if (broken > 0) out.numbers["broken_lines"][""] = broken;
  if (repeated > 0) out.numbers["repeated_series"][""] = repeated;
  return out;
}

judge::Window ScrapeAccount::look(std::span<const RecordedPage> pages, Time from, Time to) {
  std::vector<Page> kept;
  for (auto& page : pages) {
    auto& one = kept.emplace_back(Page{.address = page.address, .target = page.address});
    for (auto& s : page.samples)
      if (auto wanted = take(s, one)) wanted->counter = only_rises(s.name);
  }
  return account(kept, from, to);
}

std::vector<std::string> ScrapeAccount::metrics() const {
  std::vector<std::string> out{std::string(kStarted)};
  if (!info_metric_.empty()) out.push_back(info_metric_);
  for (auto& [name, wants] : wanted_) out.push_back(name);
  return out;
}

judge::Window ScrapeAccount::account(std::span<const Page> pages, Time from, Time to) {
  ScrapeTotals all;
  mixed_.clear();
  counters_.begin();
  for (auto& page : pages) gather(page, to, all);
  counters_.end();
  all.errors_told = own_errors_.told(), all.client_errors_told = own_client_errors_.told();
  all.restarts = restarts_;
  auto out = window_of(all, rules_, from, to);
  if (!mixed_.empty()) out.complete = false, out.gap = mixed_ + ": several processes answer by turns";
  return out;
}

Result<ScrapeAccount::Page> ScrapeAccount::read(const ScrapedPage& page, int number, Time to) const {
  Page out{.address = page.address, .target = fmt::format("{} {}", page.address, number)};
  auto oldest = seconds(to.time_since_epoch()) - kStale;
  std::optional<ExpositionReader> reader;
  reader.emplace(page.format, [&](const Sample& s) {
    if (s.at && *s.at < oldest) return;
    note(s, out);
    if (auto wanted = take(s, out)) wanted->counter = counts(type_of(*reader, s.name), s.name);
  });
  reader->feed(page.text);
  auto totals = reader->finish();
  auto typed = [&](auto& own) { return own && type_of(*reader, own->name) != MetricType::unknown; };
  out.errors_typed = typed(rules_.errors), out.client_errors_typed = typed(rules_.client_errors);
  out.broken = totals.broken;
  if (totals.samples == 0 && totals.broken > 0)
    return fail(Code::invalid,
                fmt::format("{} shows no page of metrics; it begins with `{}`", page.address, totals.first_broken));
  if (page.format == Exposition::openmetrics && !totals.ended)
    return fail(Code::invalid,
                fmt::format("the page of {} is cut off: no `# EOF` after {} samples", page.address, totals.samples));
  return out;
}

// What people are shown of a page that has not what was looked for.
void ScrapeAccount::note(const Sample& s, Page& out) const {
  auto found = wanted_.find(s.name);
  if (found == wanted_.end()) {
    bool likely = s.name.contains("request") && (s.name.ends_with("_total") || s.name.ends_with("_count"));
    if (likely && out.likely.size() < kMostShown) out.likely.emplace(s.name);
    return;
  }
  for (auto& want : found->second) {
    bool ends = want.role == Role::requests || want.role == Role::errors || want.role == Role::client_errors;
    if (ends && !std::isfinite(s.value) && want.selector.matches_labels(s) && !ignored(s)) out.no_number = s.name;
    if (want.role != Role::requests || !want.selector.matches_labels(s)) continue;
    auto& labels = out.labels[want.candidate];
    for (auto& label : s.labels)
      if (label.name != "le" && labels.size() < kMostShown) labels.emplace(label.name);
    if (auto name = rules_.release_by; !name.empty() && !s.find(name).empty()) labels.emplace(name);
  }
}

static std::string listed(const std::set<std::string>& names) {
  std::string out;
  for (auto& name : names) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", name);
  return out;
}

std::string ScrapeAccount::say(std::span<const Page> pages) const {
  std::set<std::string> likely, labels;
  std::optional<std::size_t> best;
  for (auto& page : pages) {
    likely.insert(page.likely.begin(), page.likely.end());
    if (!page.labels.empty()) best = std::min(best.value_or(page.labels.begin()->first), page.labels.begin()->first);
  }
  if (!best && !rules_.requests && !rules_.series.empty() && likely.empty()) return "";  // numbers of its own alone
  if (!best)
    return fmt::format("no counter of requests{}; {}; `requests:` names one",
                       rules_.requests ? fmt::format(" `{}`", rules_.requests->name) : " that is known by its name",
                       likely.empty() ? "nothing there looks like one" : "the page has " + listed(likely));
  auto name = rules_.requests ? rules_.requests->name : std::string(kUsualRequests[*best]);
  for (auto& page : pages)
    if (auto found = page.labels.find(*best); found != page.labels.end())
      labels.insert(found->second.begin(), found->second.end());
  auto by = rules_.release_by;
  if (by.empty() || by == "address" || !info_metric_.empty() || labels.contains(by))
    return fmt::format("the requests are `{}`{}", name, by.empty() ? "" : fmt::format(", the release is `{}`", by));
  return fmt::format(
      "the requests are `{}`, which has no label `{}`, so nobody knows whose they are; it has {}; "
      "`release-by:` names one",
      name, by, labels.empty() ? "no labels" : listed(labels));
}

ScrapeAccount::Kept* ScrapeAccount::take(const Sample& s, Page& out) const {
  if (s.name == kStarted) out.started = s.value;
  if (s.name == info_metric_) out.info = s.find(info_label_);
  return keep(s, out);
}

ScrapeAccount::Kept* ScrapeAccount::keep(const Sample& s, Page& out) const {
  auto found = wanted_.find(s.name);
  if (found == wanted_.end() || out.kept.size() >= Counters::kMostSeries) return nullptr;
  Kept kept{.wants = &found->second};
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    auto& want = found->second[i];
    bool own = want.role == Role::own || want.role == Role::among;
    if (want.selector.matches_labels(s) && (own || !ignored(s))) kept.which.push_back(i);
  }
  if (kept.which.empty()) return nullptr;
  kept.series = identity(out.target, s);
  if (!out.known.insert(kept.series).second) return ++out.repeated, nullptr;
  if (rules_.release_by == "address")
    kept.label = out.address;
  else if (info_metric_.empty() && !rules_.release_by.empty())
    kept.label = s.find(rules_.release_by);
  kept.le = s.find("le");
  kept.quantile = s.find("quantile");
  kept.value = s.value;
  if (std::ranges::any_of(kept.which, [&](auto i) { return found->second[i].role == Role::requests; }))
    kept.end = request_end(s);
  return &out.kept.emplace_back(std::move(kept));
}

bool ScrapeAccount::ignored(const Sample& s) const {
  for (auto name : kPathLabels)
    if (auto path = s.find(name); !path.empty())
      return std::ranges::any_of(rules_.ignore, [&](auto& pattern) { return is_path(pattern, path); });
  return false;
}

// A new process began after the look before; one that had begun long before, or comes back, was there all the time.
bool ScrapeAccount::restarted(const Page& page, Time now) {
  auto& process = processes_[page.target];
  auto last = std::exchange(process.seen, now);
  if (!page.started || !std::isfinite(*page.started)) return false;
  auto before = std::exchange(process.started, *page.started);
  bool first = process.starts.empty(), known = !process.starts.insert(*page.started).second;
  if (process.starts.size() > kMostStarts) process.starts.erase(process.starts.begin());
  if (first || before == *page.started) return false;
  if (known || *page.started < seconds(last.time_since_epoch()) - kClocksDiffer) process.mixed_for = kMixedFor;
  restarts_ += process.mixed_for == 0;
  return process.mixed_for == 0;
}

// Two processes behind one address, of which nothing says when they began: counters come back to where they were, or
// fall again and again. So do those that are set back with every look.
void ScrapeAccount::look_for_several(Process& process, bool fell, bool came_back) {
  process.fell = (process.fell << 1 | fell) & ((1u << kLooksBack) - 1);
  if (came_back || std::popcount(process.fell) >= kFallsOfSeveral) process.mixed_for = kMixedFor;
}

void ScrapeAccount::gather(const Page& page, Time now, ScrapeTotals& out) {
  bool anew = restarted(page, now);
  auto fell = counters_.fell(), back = counters_.came_back();
  auto& process = processes_[page.target];
  if (anew) process.born = counters_.look();
  for (auto& kept : page.kept) {
    auto growth = counters_.see(kept.series, kept.value, anew, process.born);
    auto& label = info_metric_.empty() ? kept.label : page.info;
    for (auto i : kept.which) {
      auto& want = (*kept.wants)[i];
      if (want.role == Role::errors) own_errors_.see(is_nobodys(rules_, label));
      if (want.role == Role::client_errors) own_client_errors_.see(is_nobodys(rules_, label));
      add(kept, want, growth, label, out);
    }
  }
  look_for_several(process, !anew && counters_.fell() > fell, counters_.came_back() > back);
  if (process.mixed_for > 0) --process.mixed_for, mixed_ = page.target;
  own_errors_.typed |= page.errors_typed, own_client_errors_.typed |= page.client_errors_typed;
}

void ScrapeAccount::add(const Kept& kept, const Want& want, std::optional<double> growth, const std::string& label,
                        ScrapeTotals& out) const {
  auto grown = growth.value_or(0);
  auto latency = [&]() -> ScrapeTotals::Latency& {
    auto& l = out.latencies[want.candidate][label];
    l.unit = want.unit;
    return l;
  };
  switch (want.role) {
    case Role::requests: {
      if (kept.end) out.tells.insert(want.candidate);
      add_ended(kept.end, whole(grown), out.requests[want.candidate][label]);
      break;
    }
    case Role::errors:
      out.errors[label].errors += whole(grown);
      break;
    case Role::client_errors:
      out.errors[label].client_errors += whole(grown);
      break;
    case Role::bucket:
      if (auto le = exposition_number(kept.le)) latency().buckets[*le] += grown;
      break;
    case Role::sum:
      latency().sum += grown;
      break;
    case Role::count:
      latency().count += grown;
      break;
    case Role::quantile:
      if (!kept.quantile.empty() && std::isfinite(kept.value)) {
        auto [at, fresh] = latency().quantiles.emplace(kept.quantile, kept.value);
        if (!fresh) at->second = std::max(at->second, kept.value);
      }
      break;
    case Role::own: {
      auto& own = out.own[want.series][label];
      if (std::isfinite(kept.value)) own.value += kept.value, own.valued = true;
      own.counter |= kept.counter;
      own.growth += grown, own.grown |= growth.has_value();
      break;
    }
    case Role::among: {
      auto& own = out.own[want.series][label];
      own.among += grown, own.shared |= growth.has_value();
      break;
    }
  }
}

}  // namespace davy::signals
