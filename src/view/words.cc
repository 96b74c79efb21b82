#include "view/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace davy::view {
namespace {

std::string argument(const run::Call& call, std::string_view key) {
  auto value = call.args.find(key);
  return value ? spec::scalar_text(*value).value_or("") : "";
}

template <class E>
std::string word_for(E e) {
  return spec::encode(e).template get<std::string>();
}

std::string first_line(std::string_view text) { return std::string(trimmed(split(trimmed(text), '\n').front())); }

}  // namespace

std::string_view word_of(Status s) {
  switch (s) {
    case Status::waiting:
      return "waiting";
    case Status::running:
      return "running";
    case Status::retrying:
      return "retrying";
    case Status::done:
      return "done";
    case Status::skipped:
      return "skipped";
    case Status::failed:
      return "failed";
    case Status::undoing:
      return "undoing";
    case Status::undone:
      return "undone";
    case Status::not_needed:
      return "not needed";
  }
  return "";
}

std::string_view leaf_of(std::string_view path, std::string_view says) {
  for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1))
    if (at + 1 < path.size() && says.contains(path.substr(at + 1))) return path.substr(at + 1);
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> groups_of(std::string_view path, std::string_view says) {
  auto leaf = leaf_of(path, says);
  auto above = path.substr(0, path.size() - leaf.size());
  std::vector<std::string> out;
  for (auto part : split(above, '/'))
    if (!part.empty()) out.emplace_back(part);
  return out;
}

std::string_view short_path(std::string_view path) {
  constexpr std::string_view kAll = "rollout/";
  return path.starts_with(kAll) ? path.substr(kAll.size()) : path;
}

bool retreat_only(const run::Step& s) { return s.call.nothing(); }

std::string without_prefix(std::string_view says) {
  constexpr std::string_view kPrefix = "after a rollback: ";
  return std::string(says.starts_with(kPrefix) ? says.substr(kPrefix.size()) : says);
}

std::string asked_to(const run::Heard& e) {
  constexpr std::string_view kUntil = "waive until ";
  auto about = e.about == e.note ? std::string() : e.about;
  if (e.ask == "rollback") return about.empty() ? "roll back" : fmt::format("roll back ({} the data)", about);
  if (e.ask == "replace") return "ship " + (about.empty() ? "something else" : about) + " instead";
  if (e.ask == "settle") return "count it as " + about;
  if (e.ask == "promote") return about == "all" ? "promote all bakes" : "promote the bake";
  if (e.ask.starts_with(kUntil)) return fmt::format("waive {} until {}", about, e.ask.substr(kUntil.size()));
  return about.empty() ? e.ask : e.ask + " " + about;
}

std::string beside(std::string_view says, std::string_view name) {
  if (says == name) return "";
  bool named = says.starts_with(name) && says.substr(name.size()).starts_with(": ");
  return std::string(named ? says.substr(name.size() + 2) : says);
}

// A journal that was tampered with may be looked at, too.
bool fits(const run::State& s, const run::Event& e) {
  auto there = [&](run::StepIx i) { return i >= 0 && i < s.count(); };
  return std::visit(overloaded{[&](const run::Held& held) { return held.unknown == run::kNone || there(held.unknown); },
                               [&](const run::SteppedAside& one) { return std::ranges::all_of(one.steps, there); },
                               [&]<class E>(const E& one) {
                                 if constexpr (requires { one.step; })
                                   return there(one.step);
                                 else
                                   return true;
                               }},
                    e);
}

// Strategies know a handful of undos; what a provider adds is named as it is.
std::string undo_in_words(const run::Runbook& book, const run::Step& s) {
  if (s.undo.kind == run::UndoKind::nothing) return "";
  if (s.undo.kind == run::UndoKind::impossible) return "cannot be taken back";
  auto& call = s.undo.call;
  if (call.port == "command" && call.name == "migrations") return "what it applied, newest first, by its ways down";
  if (call.port == "command") return first_line(argument(call, "text"));
  if (call.port == "maintenance") return "maintenance as it was before";
  if (call.port == "folder") return "`current` as it was before";
  bool known = s.subject >= 0 && s.subject < std::ssize(book.subjects);
  auto subject = known ? book.subjects[static_cast<std::size_t>(s.subject)] : run::Subject{};
  auto release = s.side == run::Side::candidate ? subject.candidate_name() : subject.previous_name();
  if (call.brings_home()) return "all users to " + subject.previous_name();
  if (call.of_router() && call.operation == "restore") return "put the weights back as they were";
  if (call.of_router() && call.operation == "attach") return fmt::format("make {} known again", release);
  if (call.of_router()) return fmt::format("take {} out of the router", release);
  if (call.port == "platform" && call.operation == "start") return fmt::format("start {} again", release);
  if (call.port == "platform" && (call.operation == "return" || call.operation == "stop"))
    return fmt::format("stop {}", release);
  if (call.port == "platform" && call.operation == "healthy") return fmt::format("check that {} is healthy", release);
  return call.port == "probe" ? "look: " + std::string(short_path(s.path)) : call.port + " " + call.operation;
}

Duration bake_length(const run::Step& s) {
  auto length = s.call.port == "bake" ? s.call.args.find("for") : nullptr;
  return length ? spec::decoded<Duration>(*length, "for").value_or(Duration{}) : Duration{};
}

std::string took(std::optional<Time> from, std::optional<Time> to) {
  if (!from || !to) return "";
  return *to - *from < std::chrono::milliseconds(1) ? "<1ms" : human(*to - *from);
}

std::string percent(double share) {
  if (!std::isfinite(share)) return "?";
  if (share != 0 && std::abs(share) < 0.0001) return "<0.01%";
  return share >= 0.0995 ? fmt::format("{:.0f}%", share * 100) : fmt::format("{:.2g}%", share * 100);
}

std::string thousands(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string milliseconds(double ms) {
  if (!std::isfinite(ms)) return "?";
  return human(Duration(static_cast<std::int64_t>(ms * 1e6)));
}

std::string word(run::Outcome o) { return word_for(o); }
std::string word(run::Ending e) { return word_for(e); }
std::string word(run::Mode m) { return word_for(m); }
std::string word(run::Consequence c) { return word_for(c); }

std::string services(const std::vector<run::Subject>& subjects) {
  std::string out;
  for (auto& s : subjects) out += (out.empty() ? "" : ", ") + s.service;
  return out;
}

std::string exposed_in_words(const std::vector<Share>& shares) {
  auto of_users = [](const Share& one) { return percent(one.candidate) + " of the users"; };
  bool all = std::ranges::all_of(shares, [&](auto& one) { return one.candidate == shares.front().candidate; });
  if (all) return shares.empty() || shares.front().candidate <= 0 ? "" : of_users(shares.front());
  std::string out;
  for (auto& one : shares)
    if (one.candidate > 0) out += fmt::format("{}{} of {}", out.empty() ? "" : ", ", of_users(one), one.service);
  return out;
}

}  // namespace davy::view
