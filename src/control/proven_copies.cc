#include "control/proven_copies.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::control {
namespace {

constexpr int kRuns = 5;

std::string text_at(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::scalar_text(*found).value_or("") : "";
}

Duration length_at(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::Leaf<Duration>::parse(*found).value_or(Duration{}) : Duration{};
}

bool copies(const run::Step& step) { return step.call.port == "backup" && step.call.operation == "dump"; }

// What the last runs of these services there have proven, the newest of each name.
std::map<std::string, ProvenCopy> last_proven(Runs& runs, const run::Runbook& book) {
  std::map<std::string, ProvenCopy> out;
  auto last = runs.list({.service = book.subjects.front().service, .environment = book.environment, .most = kRuns});
  for (auto& run : last ? *last : std::vector<ports::RunInfo>{}) {
    auto events = run.damage.empty() ? runs.events(run.id) : fail(Code::internal, run.damage);
    for (auto& one : events ? proven_copies(*events) : std::vector<ProvenCopy>{}) out.try_emplace(one.name, one);
  }
  return out;
}

}  // namespace

std::vector<ProvenCopy> proven_copies(const std::vector<view::TimedEvent>& events) {
  run::State s;
  for (auto& e : events) run::fold(s, e.event, e.at);
  std::vector<ProvenCopy> out;
  for (run::StepIx i = 0; i < s.count(); ++i) {
    auto proof = copies(s.step(i)) ? s.at(i).made.find("proof") : nullptr;
    auto at = proof ? parse_timestamp(text_at(*proof, "at")) : std::nullopt;
    if (!at) continue;
    out.push_back({text_at(s.step(i).call.args, "name"), *at, length_at(*proof, "restore"),
                   length_at(*proof, "compare"), text_at(*proof, "where"), s.step(i).call.name == "redis"});
  }
  return out;
}

std::string in_words(const ProvenCopy& one, Time now) {
  auto how =
      fmt::format(fmt::runtime(one.loaded ? "loaded in {}, compared in {}" : "way back: restore {} + compare {}"),
                  human(one.restore), human(one.compare));
  return fmt::format("{}: {}, proven {} ago in {}", printable(one.name), how,
                     human(std::chrono::floor<std::chrono::seconds>(now - one.at)), printable(one.where));
}

std::vector<std::string> copies_so_far(Runs& runs, const run::Runbook& book) {
  std::vector<std::string> out;
  if (book.subjects.empty() || std::ranges::none_of(book.steps, copies)) return out;
  auto last = last_proven(runs, book);
  for (auto& step : book.steps) {
    if (!copies(step)) continue;
    auto name = text_at(step.call.args, "name");
    auto known = last.find(name);
    out.push_back(known == last.end() ? printable(name) + ": no copy of it was proven in the last runs"
                                      : in_words(known->second, runs.now()));
    if (step.call.args.find("keep-days") && !step.call.args.find("prove"))
      out.push_back(printable(name) +
                    ": `keep` removes no copy by its age, for none is proven: old ones go once a newer one is");
  }
  return out;
}

}  // namespace davy::control
