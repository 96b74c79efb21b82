#include "cli/baselines.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "io/files.h"
#include "judge/kayenta_watch.h"
#include "ports/outside.h"

namespace davy::cli {
namespace {

constexpr std::size_t kMostStretches = 48;

// What `davy baseline` wrote.
Result<Recording> recording_of_file(const std::string& file) {
  auto text = io::Files().read(file);
  if (!text) return std::unexpected(text.error());
  auto window = judge::decode(*text);
  if (!window) return std::unexpected(window.error());
  Recording out{.name = file};
  out.windows.push_back(*std::move(window));
  return out;
}

Result<Recording> recording_of(Session& session, const run::Baseline& one, const std::string& directory) {
  auto file = ports::beside(directory, one.recorded);
  if (!std::filesystem::exists(file)) return recording_of_run(session, one.recorded);
  if (file.ends_with(".json")) return recording_of_file(file);
  return recording_of_log(file, one.servers.empty() ? std::vector<std::string>{"*"} : one.servers, {});
}

// Of another day only what a run of this length could be compared with, and as much again, in case it is held.
std::vector<judge::Window> wanted(const run::Baseline& one, std::vector<judge::Window> all, Time begins, Duration run) {
  if (one.ago == Duration{}) return all;
  auto from = begins - one.ago, to = from + 2 * run + one.over;
  std::erase_if(all, [&](auto& w) { return w.to <= from || w.from >= to; });
  return all;
}

std::unexpected<Error> unusable(const run::Baseline& one, const Error& why) {
  return fail(why.code, fmt::format("the baseline `{}` cannot be read: {}", one.name, why.message), why.hint);
}

Result<> fill(Session& session, run::Baseline& one, const run::Runbook& book, Time begins,
              const std::string& directory) {
  auto recording = recording_of(session, one, directory);
  if (!recording) return unusable(one, recording.error());
  auto stretches = judge::condensed(wanted(one, std::move(recording->windows), begins, book.expected()), one.over);
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

Result<> complete(Session& session, run::Runbook& book, Time begins, const std::string& directory) {
  for (auto& one : book.baselines)
    if (auto filled = fill(session, one, book, begins, directory); !filled) return filled;
  return book.kayenta ? fill(*book.kayenta, directory) : Result<>();
}

}  // namespace davy::cli
