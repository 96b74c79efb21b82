#include "judge/numbers/window.h"

#include <algorithm>
#include <bit>

#include "spec/json.h"

namespace davy::judge {
namespace {

using spec::Json;

// One table of a tally's counters: adding one means a line here.
struct Counter {
  const char* key;
  std::uint64_t Tally::* member;
};
constexpr Counter kCounters[] = {
    {"n", &Tally::requests},
    {"e", &Tally::errors},
    {"ec", &Tally::error_clients},
    {"e2", &Tally::error_squares},
    {"rp", &Tally::repeats},
    {"4", &Tally::client_errors},
    {"a", &Tally::aborts},
    {"rd", &Tally::redispatched},
    {"9", &Tally::limited},
    {"4c", &Tally::client_error_clients},
    {"nc", &Tally::newcomers},
    {"rt", &Tally::returns},
    {"mv", &Tally::moved},
    {"u", &Tally::untold},
    {"u4", &Tally::untold_client},
    {"ae", &Tally::after_error},
    {"a4", &Tally::after_client_error},
};

constexpr std::uint64_t Part::* kPartCounters[] = {&Part::requests, &Part::errors, &Part::error_clients,
                                                   &Part::client_errors, &Part::client_error_clients};

Json to_json(const Part& part) {
  auto out = Json::array();
  for (auto member : kPartCounters) out.push_back(part.*member);
  if (part.latency.count() != 0) out.push_back(part.latency.text());
  return out;
}

Json to_json(const Tally& t) {
  auto out = Json::object();
  for (auto& [key, member] : kCounters)
    if (t.*member != 0) out[key] = t.*member;
  if (t.latency.count() != 0) out["l"] = t.latency.text();
  for (auto& one : t.aged) out["old"].push_back(to_json(one));
  for (auto& [endpoint, one] : t.endpoints) out["by"][endpoint] = to_json(one);
  return out;
}

// nlohmann's get<> throws on a wrong type; these answer false.
bool read(const Json& j, std::uint64_t& out) { return j.is_number_unsigned() && (out = j.get<std::uint64_t>(), true); }
bool read(const Json& j, double& out) { return j.is_number() && (out = j.get<double>(), true); }
bool read(const Json& j, std::string& out) { return j.is_string() && (out = j.get<std::string>(), true); }
bool read(const Json& j, Part& out) {
  constexpr auto kCounted = std::size(kPartCounters);
  if (!j.is_array() || j.size() < kCounted || j.size() > kCounted + 1) return false;
  for (std::size_t i = 0; i < kCounted; ++i)
    if (!read(j[i], out.*kPartCounters[i])) return false;
  std::string text;
  if (j.size() > kCounted && !read(j[kCounted], text)) return false;
  out.latency = Sketch::from_text(text);
  return true;
}
bool read_aged(const Json& j, std::vector<Part>& out) {
  if (!j.is_array() || j.size() > Tally::kMostAges) return false;
  for (auto& item : j)
    if (!read(item, out.emplace_back())) return false;
  return true;
}
bool read_endpoints(const Json& j, std::map<std::string, Part, std::less<>>& out) {
  if (!j.is_object() || j.size() > Tally::kMostEndpoints) return false;
  for (auto& [endpoint, item] : j.items())
    if (!read(item, out[endpoint])) return false;
  return true;
}
bool read(const Json& j, Tally& out) {
  if (!j.is_object()) return false;
  for (auto& [key, member] : kCounters)
    if (auto found = j.find(key); found != j.end() && !read(*found, out.*member)) return false;
  std::string text;
  if (auto found = j.find("l"); found != j.end() && !read(*found, text)) return false;
  out.latency = Sketch::from_text(text);
  auto old = j.find("old"), by = j.find("by");
  return (old == j.end() || read_aged(*old, out.aged)) && (by == j.end() || read_endpoints(*by, out.endpoints));
}
template <class T>
bool read(const Json& j, std::map<std::string, T>& out) {
  if (!j.is_object()) return false;
  for (auto& [key, item] : j.items())
    if (!read(item, out[key])) return false;
  return true;
}
template <class T>
bool read_if_there(const Json& j, const char* key, T& out) {
  auto found = j.find(key);
  return found == j.end() || read(*found, out);
}
bool read(const Json& j, Time& out) {
  return j.is_number_integer() && (out = Time(Duration(j.get<std::int64_t>())), true);
}

constexpr std::size_t kMostShown = 1000;  // patterns of one release: a hostile log must not fill memory

void add_up(auto& into, const auto& from) {
  for (auto& [series, by_release] : from)
    for (auto& [release, n] : by_release) into[series][release] += n;
}

void show(auto& into, const auto& from) {
  for (auto& [series, by_release] : from)
    for (auto& [release, patterns] : by_release) {
      auto& known = into[series][release];
      for (auto& [pattern, line] : patterns)
        if (known.size() < kMostShown) known.try_emplace(pattern, line);
    }
}

template <class T>
void overlay(std::map<std::string, std::map<std::string, T>>& into,
             const std::map<std::string, std::map<std::string, T>>& from) {
  for (auto& [series, by_release] : from)
    for (auto& [release, value] : by_release) into[series][release] = value;
}

}  // namespace

void Part::merge(const Part& other) {
  for (auto member : kPartCounters) this->*member += other.*member;
  latency.merge(other.latency);
}

void Part::remove(const Part& other) {
  for (auto member : kPartCounters) this->*member -= std::min(this->*member, other.*member);
  latency.remove(other.latency);
}

Part& Tally::aged_for(Duration took) {
  auto whole = std::max<std::uint64_t>(static_cast<std::uint64_t>(took / std::chrono::seconds(1)), 1);
  auto power = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(whole)) - 1, kMostAges - 1);
  if (aged.size() <= power) aged.resize(power + 1);
  return aged[power];
}

// The clients of what is left out are known to this tally no more, but how many requests they made is: `repeats` and
// what is like it say how clients come, and stay.
Tally Tally::younger_than(Duration age) const {
  auto out = *this;
  for (std::size_t power = 0; power < aged.size(); ++power) {
    bool surely = power + 1 < kMostAges && std::chrono::seconds(std::int64_t{2} << power) <= age;
    if (surely) continue;
    out.aged[power] = {};
    auto& old = aged[power];
    if (old.requests > 0) out.endpoints.clear();
    Tally left{.requests = old.requests,
               .errors = old.errors,
               .error_clients = old.error_clients,
               .client_errors = old.client_errors,
               .client_error_clients = old.client_error_clients};
    out.remove(left);
  }
  out.latency = latency.below(age);
  while (!out.aged.empty() && out.aged.back() == Part{}) out.aged.pop_back();
  return out;
}

void Tally::merge(const Tally& other) {
  for (auto& [_, member] : kCounters) this->*member += other.*member;
  latency.merge(other.latency);
  if (aged.size() < other.aged.size()) aged.resize(other.aged.size());
  for (std::size_t i = 0; i < other.aged.size(); ++i) aged[i].merge(other.aged[i]);
  for (auto& [endpoint, part] : other.endpoints)
    if (endpoints.contains(endpoint) || endpoints.size() < kMostEndpoints) endpoints[endpoint].merge(part);
}

void Tally::remove(const Tally& other) {
  for (auto& [_, member] : kCounters) this->*member -= std::min(this->*member, other.*member);
  latency.remove(other.latency);
  for (std::size_t i = 0; i < std::min(aged.size(), other.aged.size()); ++i) aged[i].remove(other.aged[i]);
  while (!aged.empty() && aged.back() == Part{}) aged.pop_back();
  for (auto& [endpoint, part] : other.endpoints)
    if (auto mine = endpoints.find(endpoint); mine != endpoints.end()) {
      mine->second.remove(part);
      if (mine->second == Part{}) endpoints.erase(mine);
    }
}

// The later word wins for numbers and states, counts add up; a window is complete only if every part of it is.
bool Window::stands_aside(const std::string& release) const {
  auto share = asked.find(release);
  return share != asked.end() && share->second <= 0;
}

void Window::merge(const Window& other) {
  if (from == Time{} && to == Time{}) from = other.from, to = other.to;
  from = std::min(from, other.from);
  to = std::max(to, other.to);
  complete = complete && other.complete;
  if (gap.empty()) gap = other.gap;
  if (other.sure) sure = sure ? std::min(*sure, *other.sure) : other.sure;
  doubted = doubted || other.doubted;
  for (auto& [release, tally] : other.releases) releases[release].merge(tally);
  for (auto& [release, share] : other.asked) asked[release] = share;
  for (auto& [signal, why] : other.away) away[signal] = why;
  overlay(numbers, other.numbers);
  overlay(states, other.states);
  add_up(counts, other.counts);
  show(shown, other.shown);
}

constexpr char kOfSignal = '\x1f';  // in no name of a signal, and in no version

std::string of_signal(const std::string& signal, const std::string& release) { return signal + kOfSignal + release; }
bool is_of_signal(const std::string& key) { return key.contains(kOfSignal); }

std::string encode(const Window& w) {
  Json out{{"from", w.from.time_since_epoch().count()}, {"to", w.to.time_since_epoch().count()}};
  if (!w.complete) out["complete"] = false;
  if (!w.gap.empty()) out["gap"] = w.gap;
  if (!w.away.empty()) out["away"] = w.away;
  for (auto& [release, tally] : w.releases) out["releases"][release] = to_json(tally);
  if (!w.asked.empty()) out["asked"] = w.asked;
  if (!w.numbers.empty()) out["numbers"] = w.numbers;
  if (!w.states.empty()) out["states"] = w.states;
  if (!w.counts.empty()) out["counts"] = w.counts;
  if (!w.shown.empty()) out["shown"] = w.shown;
  return spec::dump(out);
}

Result<Window> decode(std::string_view body) {
  auto parsed = spec::parse_json(body);
  if (!parsed) return std::unexpected(parsed.error());
  Window w;
  auto wrong = [](const char* what) { return fail(Code::invalid, std::string("a stored window: ") + what); };
  if (!parsed->is_object() || !parsed->contains("from") || !parsed->contains("to"))
    return wrong("it has no from and to");
  if (!read(parsed->at("from"), w.from) || !read(parsed->at("to"), w.to)) return wrong("its times are not numbers");
  if (auto found = parsed->find("complete"); found != parsed->end())
    w.complete = found->is_boolean() && found->get<bool>();
  if (!read_if_there(*parsed, "gap", w.gap)) return wrong("its gap is no text");
  if (!read_if_there(*parsed, "away", w.away)) return wrong("what is away is no text");
  if (!read_if_there(*parsed, "releases", w.releases)) return wrong("its releases are not counters");
  if (!read_if_there(*parsed, "asked", w.asked)) return wrong("the shares asked for are not numbers");
  if (!read_if_there(*parsed, "numbers", w.numbers)) return wrong("its numbers are not numbers");
  if (!read_if_there(*parsed, "states", w.states)) return wrong("its states are not words");
  if (!read_if_there(*parsed, "counts", w.counts)) return wrong("its counts are not counters");
  if (!read_if_there(*parsed, "shown", w.shown)) return wrong("its patterns are not texts");
  return w;
}

}  // namespace davy::judge
