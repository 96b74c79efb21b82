#include "signals/systems/health_report.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "judge/numbers/well.h"
#include "signals/metrics/exposition.h"
#include "spec/leaf.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr std::size_t kLongestWord = 200;

// What a part says of itself, and under which parts stand; best first.
constexpr std::string_view kVerdicts[] = {"status", "state", "health", "healthy", "ok", "result"};
constexpr std::string_view kFolders[] = {"checks", "components", "entries", "details",      "info",
                                         "error",  "services",   "results", "dependencies", "data"};
constexpr std::string_view kIll[] = {"down",         "unhealthy",   "fail",    "failed",         "failing",
                                     "disconnected", "unavailable", "offline", "out_of_service", "dead",
                                     "unreachable",  "error",       "timeout", "critical"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// A name as a condition can write it.
std::string named(std::string_view key) {
  std::string out(key.substr(0, 64));
  for (auto& c : out) {
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!fits) c = '_';
  }
  return out.empty() ? "_" : out;
}

std::string joined(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

bool is_folder(std::string_view key) { return std::ranges::find(kFolders, lower(key)) != std::end(kFolders); }
bool is_verdict(std::string_view key) { return std::ranges::find(kVerdicts, lower(key)) != std::end(kVerdicts); }

std::optional<std::string> word_of(const Json& j) {
  if (j.is_boolean()) return j.get<bool>() ? "true" : "false";
  if (!j.is_string()) return {};
  return printable(j.get_ref<const std::string&>().substr(0, kLongestWord));
}

const Json* verdict_of(const Json& part) {
  const Json* out = nullptr;
  auto best = std::end(kVerdicts);
  for (auto& [key, value] : part.items()) {
    if (!value.is_string() && !value.is_boolean()) continue;
    if (auto rank = std::find(std::begin(kVerdicts), best, lower(key.substr(0, 8))); rank != best && is_verdict(key))
      best = rank, out = &value;
  }
  return out;
}

bool says_ill(std::string_view word) { return std::ranges::find(kIll, lower(word)) != std::end(kIll); }

class Reading {
 public:
  // `whole` is the path with all folders, `brief` the one without.
  void part(const Json& j, const std::string& whole, const std::string& brief, std::size_t depth) {
    if (depth > HealthReport::kDeepest || full()) return;
    if (j.is_array()) return items(j, whole, brief, depth);
    if (auto verdict = verdict_of(j)) {
      auto word = *word_of(*verdict);
      state(whole, brief, word);
      if (!judge::says_well(word) && !brief.empty()) failing_.insert(brief);
    }
    if (auto value = j.find("observedValue"); value != j.end() && value->is_number())
      number(whole, brief, scaled(value->get<double>(), j));
    for (auto& [key, value] : j.items()) {
      if (full()) return;
      member(key, value, whole, brief, depth);
    }
  }

  HealthReport take() {
    out_.failing = failing_.size();
    return std::move(out_);
  }

 private:
  void member(const std::string& key, const Json& value, const std::string& whole, const std::string& brief,
              std::size_t depth) {
    auto name = named(key);
    if (value.is_structured())
      return part(value, joined(whole, name), is_folder(key) ? brief : joined(brief, name), depth + 1);
    if (is_verdict(key) && !value.is_number()) return;
    auto full_name = joined(whole, name), brief_name = joined(brief, name);
    if (value.is_number()) return number(full_name, brief_name, of_key(key, value.get<double>()));
    auto word = word_of(value);
    if (!word) return;
    if (auto took = duration_text(*word)) return number(full_name, brief_name, in_seconds(*took));
    state(full_name, brief_name, *word);
    if (says_ill(*word)) failing_.insert(brief_name);
  }

  // "cassandra:responseTime": [{…}]: the first speaks for all, since names must not depend on an order.
  void items(const Json& j, const std::string& whole, const std::string& brief, std::size_t depth) {
    number(joined(whole, "count"), joined(brief, "count"), {static_cast<double>(j.size())});
    std::size_t unnamed = 0;
    for (auto& item : j) {
      if (full()) return;
      if (!item.is_object()) continue;
      auto name = item.find("name");
      if (name != item.end() && name->is_string()) {
        auto known = named(name->get_ref<const std::string&>());
        part(item, joined(whole, known), joined(brief, known), depth + 1);
      } else if (unnamed++ == 0) {
        part(item, whole, brief, depth + 1);
      }
    }
  }

  static spec::Quantity scaled(double value, const Json& part) {
    auto unit = part.find("observedUnit");
    if (unit == part.end() || !unit->is_string()) return {value};
    auto of = spec::duration_unit(unit->get_ref<const std::string&>());
    return of ? in_seconds(value * seconds(*of)) : spec::Quantity{value};
  }
  static spec::Quantity in_seconds(double value) { return {value, spec::Unit::seconds}; }
  static spec::Quantity of_key(std::string_view key, double value) {
    auto k = lower(key);
    bool milliseconds = k.ends_with("_ms") || k.ends_with("millis") || k.ends_with("milliseconds") ||
                        (key.ends_with("Ms") && key.size() > 2);
    return milliseconds ? in_seconds(value / 1000) : spec::Quantity{value};
  }
  bool full() { return out_.states.size() + out_.numbers.size() >= HealthReport::kMost && (out_.cut = true); }
  void state(const std::string& whole, const std::string& brief, const std::string& word) {
    if (full()) return;
    out_.states.emplace(whole, word);
    out_.states.emplace(brief, word);
  }
  void number(const std::string& whole, const std::string& brief, spec::Quantity value) {
    if (full()) return;
    out_.numbers.emplace(whole, value);
    out_.numbers.emplace(brief, value);
  }
  HealthReport out_;
  std::set<std::string> failing_;
};

}  // namespace

std::optional<double> duration_text(std::string_view text) {
  if (auto parts = split(text, ':'); parts.size() == 3) {  // .NET's TimeSpan
    double total = 0;
    for (auto part : parts) {
      auto n = exposition_number(part);
      if (!n || !(*n >= 0 && *n < 1e6) || part.empty() || part[0] < '0' || part[0] > '9') return {};
      total = total * 60 + *n;
    }
    return total;
  }
  auto unit = text.find_first_not_of("0123456789.");
  if (unit == 0 || unit == text.npos) return {};
  auto number = exposition_number(text.substr(0, unit));
  auto of = spec::duration_unit(trimmed(text.substr(unit)));
  return number && of ? std::optional(*number * seconds(*of)) : std::nullopt;
}

HealthReport health_report(const spec::Json& j) {
  Reading reading;
  if (j.is_object() || j.is_array()) reading.part(j, "", "", 0);
  auto out = reading.take();
  if (auto word = word_of(j)) out.states[""] = *word;
  return out;
}

}  // namespace davy::signals
