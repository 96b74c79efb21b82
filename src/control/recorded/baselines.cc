#include "control/recorded/baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "io/posix/files.h"
#include "judge/kayenta/kayenta_watch.h"
#include "ports/outside.h"

namespace davy::control {
namespace {

constexpr std::size_t kMostStretches = 48;

// `file`: as seen from the plan's folder, where it is one.
std::string place_of(const run::Baseline& one, const std::string& directory) {
  auto file = ports::beside(directory, one.recorded);
  return !is_url(one.recorded) && std::filesystem::exists(file) ? file : one.recorded;
}

// Twice as long as the run should take, in case it is held.
Duration needed(const run::Baseline& one, const run::Runbook& book) { return 2 * book.expected() + one.over; }

Result<Recording> recording_of(Runs& runs, const plan::Plan& plan, const run::Baseline& one, const run::Runbook& book,
                               Time begins, const std::string& directory) {
  PrometheusRecording how{.only = one.only, .environment = book.environment};
  if (one.ago > Duration{}) {
    auto from = begins - one.ago;
    how.since = timestamp(from), how.until = timestamp(std::min(begins, from + needed(one, book)));
  }
  Sides all{.candidate = one.servers.empty() ? std::vector<std::string>{"*"} : one.servers};
  return recording_of(runs, plan, place_of(one, directory), all, how);
}

std::vector<judge::Window> wanted(const run::Baseline& one, std::vector<judge::Window> all, Time begins,
                                  Duration length) {
  if (one.ago == Duration{}) return all;
  auto from = begins - one.ago, to = from + length;
  std::erase_if(all, [&](auto& w) { return w.to <= from || w.from >= to; });
  return all;
}

std::unexpected<Error> unusable(const run::Baseline& one, const Error& why) {
  return fail(why.code, fmt::format("the baseline `{}` cannot be read: {}", one.name, why.message), why.hint);
}

Result<> fill(Runs& runs, const plan::Plan& plan, run::Baseline& one, const run::Runbook& book, Time begins,
              const std::string& directory) {
  auto recording = recording_of(runs, plan, one, book, begins, directory);
  if (!recording) return unusable(one, recording.error());
  auto stretches = judge::condensed(wanted(one, std::move(recording->windows), begins, needed(one, book)), one.over);
  std::erase_if(stretches, [](auto& w) { return w.releases.empty() && w.numbers.empty(); });
  if (stretches.empty())
    return unusable(one, {Code::invalid,
                          one.ago > Duration{} ? fmt::format("it has nothing of {} before now", human(one.ago))
                                               : "it has nothing that could be compared with",
                          "take the baseline out of the plan, or name another recording"});
  stretches.resize(std::min(stretches.size(), kMostStretches));
  one.stretches.clear();
  for (auto& stretch : stretches) one.stretches.push_back(judge::encode(judge::as_service(stretch)));
  return {};
}

Result<> fill(run::Kayenta& kayenta, const std::string& directory) {
  auto file = ports::beside(directory, kayenta.config);
  auto text = io::Files().read(file);
  if (!text) return std::unexpected(text.error());
  kayenta.config = *std::move(text);
  auto begun = judge::KayentaWatch::begin(kayenta);
  return begun ? Result<>() : fail(Code::invalid, file + ": " + begun.error().message, begun.error().hint);
}

}  // namespace

Result<> complete(Runs& runs, const plan::Plan& plan, run::Runbook& book, Time begins, const std::string& directory) {
  for (auto& one : book.baselines)
    if (auto filled = fill(runs, plan, one, book, begins, directory); !filled) return filled;
  return book.kayenta ? fill(*book.kayenta, directory) : Result<>();
}

}  // namespace davy::control
