#include "cli/recording.h"

#include <algorithm>

namespace davy::cli {
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

}  // namespace

Result<Recording> recording_of_run(Session& session, const std::string& run) {
  auto info = session.run(run);
  if (!info) return std::unexpected(info.error());
  auto view = session.view(info->id);
  auto events = session.events(info->id);
  if (!view || !events) return std::unexpected(view ? events.error() : view.error());
  Recording out{.name = "run " + info->id,
                .subjects = view->subjects,
                .environment = view->environment,
                .version = view->version,
                .windows = std::move(view->windows),
                .end = end_of(*events)};
  std::ranges::stable_sort(out.windows, {}, &judge::Window::from);
  if (out.windows.empty())
    return fail(Code::invalid, out.name + " has no samples: it was never watched", "`davy history` lists other runs");
  return out;
}

}  // namespace davy::cli
