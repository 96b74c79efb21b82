#include "signals/formats/format_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::signals {
namespace {

constexpr Part kAsked[] = {
    Part::time,         Part::start,        Part::clock,       Part::status,    Part::result, Part::seconds,
    Part::milliseconds, Part::microseconds, Part::nanoseconds, Part::decimals,  Part::length, Part::upstream_seconds,
    Part::upstream,     Part::server,       Part::release,     Part::forwarded, Part::client};

enum class What { time, status, latency, server, release, client, other };

What what_of(Part part) {
  if (is_latency(part) || part == Part::upstream_seconds) return What::latency;
  if (is_moment(part) || part == Part::clock) return What::time;
  if (part == Part::status || part == Part::result) return What::status;
  if (part == Part::upstream || part == Part::server) return What::server;
  if (part == Part::client || part == Part::forwarded) return What::client;
  return part == Part::release ? What::release : What::other;
}

std::string_view unit_of(Part part) {
  switch (part) {
    case Part::seconds:
    case Part::decimals:
    case Part::upstream_seconds:
      return " in seconds";
    case Part::milliseconds:
      return " in milliseconds";
    case Part::microseconds:
      return " in microseconds";
    case Part::nanoseconds:
      return " in nanoseconds";
    case Part::length:
      return " with its unit";
    default:
      return "";
  }
}

template <class Log>
std::vector<JsonField> found(const Log& log, std::span<const std::string_view> lines,
                             Saying saying = Saying::something) {
  std::vector<JsonField> out;
  for (auto line : lines)
    for (auto& field : log.found_in(line, saying))
      if (std::ranges::find(out, field) == out.end()) out.push_back(field);
  return out;
}

}  // namespace

std::vector<JsonField> fields_in(const Pattern& pattern) {
  std::vector<JsonField> out;
  for (auto part : kAsked)
    if (auto name = pattern.name_of(part); !name.empty()) out.push_back({"$" + std::string(name), part});
  return out;
}

std::vector<JsonField> fields_in(const JsonLog& log, std::span<const std::string_view> lines) {
  return found(log, lines);
}
std::vector<JsonField> fields_in(const PairsLog& log, std::span<const std::string_view> lines) {
  return found(log, lines);
}

template <class Log>
static std::string unsaid_latency(const Log& log, std::span<const std::string_view> lines, std::string_view name) {
  auto fields = found(log, lines, Saying::nothing);
  auto one = std::ranges::find_if(fields, is_latency, &JsonField::part);
  if (one == fields.end()) return {};
  return fmt::format("`{0}` says no unit that is known; write {1}{2}latency={0}:ms, :us, :ns or :s", one->name, name,
                     name.contains(':') ? "," : ":");
}
std::string why_no_latency(const JsonLog& log, std::span<const std::string_view> lines, std::string_view name) {
  return unsaid_latency(log, lines, name);
}
std::string why_no_latency(const PairsLog& log, std::span<const std::string_view> lines, std::string_view name) {
  return unsaid_latency(log, lines, name);
}

std::string format_said(std::string_view name, std::span<const JsonField> fields, std::string_view doubt) {
  constexpr std::pair<What, std::string_view> kWhat[] = {{What::time, "the time"},       {What::status, "the status"},
                                                         {What::latency, "the latency"}, {What::server, "the server"},
                                                         {What::release, "the release"}, {What::client, "the client"}};
  std::string out, missing;
  bool latency = false;
  for (auto& [what, word] : kWhat) {
    auto one = std::ranges::find_if(fields, [&](auto& f) { return what_of(f.part) == what; });
    if (one == fields.end()) {
      if (what != What::release && what != What::latency) missing += fmt::format(", no {}", word.substr(4));
      continue;
    }
    latency = latency || what == What::latency;
    out += fmt::format("{}{} is `{}`{}", out.empty() ? "" : ", ", word, one->name, unit_of(one->part));
  }
  if (!latency) missing = ", no latency" + (doubt.empty() ? "" : fmt::format(" ({})", doubt)) + missing;
  if (!missing.empty()) out += "; it says" + missing.substr(1);
  return name.empty() ? out : fmt::format("{}: {}", name, out);
}

}  // namespace davy::signals
