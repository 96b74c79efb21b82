#include "run/runbook.h"

#include <algorithm>

namespace davy::run {

const ServiceSetup* Setup::service(std::string_view name) const {
  auto it = std::ranges::find(services, name, &ServiceSetup::name);
  return it == services.end() ? nullptr : &*it;
}

const SignalSetup* Setup::signal(std::string_view name) const {
  auto it = std::ranges::find(signals, name, &SignalSetup::name);
  return it == signals.end() ? nullptr : &*it;
}

std::int32_t Runbook::index_of(std::string_view service) const {
  auto it = std::ranges::find(subjects, service, &Subject::service);
  return it == subjects.end() ? kNone : static_cast<std::int32_t>(it - subjects.begin());
}

std::map<std::string, std::string> Runbook::variables(std::int32_t subject, Side side) const {
  auto out = setup.variables;
  if (subject == kNone && subjects.size() == 1) subject = 0;
  auto previous = subjects.empty() ? "" : subjects.front().previous.version;
  if (!std::ranges::all_of(subjects, [&](auto& s) { return s.previous.version == previous; })) previous.clear();
  auto candidate = version;
  if (subject != kNone) {
    auto& about = subjects[static_cast<std::size_t>(subject)];
    candidate = about.candidate.version, previous = about.previous.version;
    out["service"] = about.service;
    out["release"] = side == Side::candidate ? about.candidate.id : about.previous.id;
    if (!about.candidate.folder.empty())
      out["folder"] = side == Side::candidate ? about.candidate.folder : about.previous.folder;
  }
  out["version"] = side == Side::candidate ? candidate : previous;
  out["previous"] = side == Side::candidate ? previous : candidate;
  return out;
}

Duration Runbook::expected() const {
  Duration all{}, wave{};
  std::int32_t at = -1;
  for (auto& step : steps) {
    if (step.wave != at) all += std::exchange(wave, {}), at = step.wave;
    wave = std::max(wave, step.expected);
  }
  return all + wave;
}

bool Runbook::first_release() const {
  return std::ranges::all_of(subjects, [](const Subject& s) { return s.previous.none(); });
}

}  // namespace davy::run
