#include "watch/opening.h"

#include <algorithm>
#include <utility>

namespace davy::watch {
namespace {

// Without what only a rollout needs.
run::Runbook kept_of(const run::Runbook& book) {
  auto out = book;
  out.steps.clear();
  out.looks.clear();
  out.compare.clear();
  out.kayenta.reset();
  out.planned_looks.reset();
  return out;
}

bool any_of_the_service(const run::Runbook& book) {
  return std::ranges::any_of(book.watch, [](auto& duty) { return !duty.when.dated; });
}

bool reads_rules(const run::Runbook& book) { return !book.rules.empty(); }

}  // namespace

std::string id_of(const std::string& run) { return run + "-watch"; }

std::optional<Began> opened_by(const run::State& s, const run::Ended& end, const std::string& run, Time at) {
  auto& book = s.runbook;
  if (book.watch.empty()) return {};
  if (end.how == run::Ending::done) return Began{run, at, kept_of(book), false};
  if (end.how != run::Ending::rolled_back || s.takes_back.empty()) return {};
  if (!any_of_the_service(book) && !reads_rules(book)) return {};
  Began out{run, at, kept_of(book), true};
  for (auto& subject : out.book.subjects) {
    std::swap(subject.candidate, subject.previous);
    subject.previous = {};
  }
  return out;
}

}  // namespace davy::watch
