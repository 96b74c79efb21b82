#include "control/recorded/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "io/posix/files.h"

namespace davy::control {
namespace {

// When it was decided to go back, or that all was well; the way back itself takes its time.
std::optional<Recording::End> end_of(const std::vector<view::TimedEvent>& events) {
  std::optional<Recording::End> out;
  for (auto& [seq, event, at] : events) {
    if (std::get_if<run::RetreatBegan>(&event)) out = {at, "taken back", true};
    if (auto held = std::get_if<run::Held>(&event); held && !(out && out->taken_back)) out = {at, "held", false};
    if (std::get_if<run::Released>(&event) && out && !out->taken_back) out.reset();
    if (auto ended = std::get_if<run::Ended>(&event); ended && !out)
      out = {at, spec::encode(ended->how).get<std::string>(), false};
  }
  return out;
}

constexpr const char *kCandidate = "candidate", *kPrevious = "previous";

// What `davy baseline` wrote.
Result<Recording> recording_of_file(const std::string& file) {
  auto text = io::Files().read(file);
  if (!text) return std::unexpected(text.error());
  auto window = judge::decode(*text);
  if (!window) return fail(Code::invalid, file + " is no file of `davy baseline`: " + window.error().message);
  Recording out{.name = file};
  out.windows.push_back(*std::move(window));
  return out;
}

}  // namespace

signals::ReleaseMap Sides::map() const {
  signals::ReleaseMap out;
  for (auto& label : candidate) out.set(label, kCandidate);
  for (auto& label : previous) out.set(label, kPrevious);
  return out;
}

run::Subject Sides::subject() const {
  run::Subject out{.candidate = {"of " + joined(candidate, ","), kCandidate}};
  if (!previous.empty()) out.previous = {"of " + joined(previous, ","), kPrevious};
  return out;
}

Result<> met_candidate(const Recording& r, const Sides& sides, const std::set<std::string>& known,
                       const std::string& noun) {
  if (std::ranges::any_of(r.windows, [](auto& w) { return w.releases.contains(kCandidate); })) return {};
  std::vector<std::string> names(known.begin(), known.end());
  std::erase(names, "/");  // of lines that name nobody
  return fail(Code::invalid, fmt::format("{}: no request reached {}", r.name, joined(sides.candidate, ", ")),
              names.empty()
                  ? fmt::format("no request in it has a {}; `release-by:` of the plan's signal says what tells "
                                "releases apart",
                                noun)
                  : fmt::format("--candidate is one or more {}s of: {}", noun, joined(names, ", ")));
}

Result<Recording> recording_of_run(Runs& runs, const std::string& run) {
  auto info = runs.find(run);
  if (!info) return std::unexpected(info.error());
  auto view = runs.view(info->id);
  auto events = runs.events(info->id);
  if (!view || !events) return std::unexpected(view ? events.error() : view.error());
  Recording out{.name = "run " + info->id,
                .subjects = view->subjects,
                .environment = view->environment,
                .version = view->version,
                .windows = runs.windows(*info, Time{}),
                .end = end_of(*events)};
  std::ranges::stable_sort(out.windows, {}, &judge::Window::from);
  if (out.windows.empty())
    return fail(Code::invalid, out.name + " has no samples: it was never watched", "`davy history` lists other runs");
  return out;
}

bool is_url(const std::string& recorded) { return recorded.starts_with("http://") || recorded.starts_with("https://"); }

Result<Recording> recording_of(Runs& runs, const plan::Plan& plan, const std::string& recorded, const Sides& sides,
                               PrometheusRecording how) {
  if (is_url(recorded)) {
    how.url = recorded;
    return recording_of_prometheus(runs, plan, how, sides);
  }
  std::error_code unknown;
  bool file = !recorded.empty() && std::filesystem::exists(recorded, unknown);
  if (file) return recorded.ends_with(".json") ? recording_of_file(recorded) : recording_of_log(recorded, plan, sides);
  if (recorded.find('/') != recorded.npos) return fail(Code::invalid, "there is no file " + recorded);
  return recording_of_run(runs, recorded);
}

}  // namespace davy::control
