#include "cli/session.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/posix/clock.h"
#include "plan/words/render.h"
#include "providers/registry.h"

namespace davy::cli {

Session::Session(const Common& common) : common_(common), dir_{host::state_directory(common.state)} {}

view::Look Session::look() const {
  view::Look out;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
    out.width = size.ws_col, out.height = size.ws_row;
  auto never = std::getenv("NO_COLOR") && *std::getenv("NO_COLOR");
  out.colour = common_.colour == "always" || (common_.colour == "auto" && ::isatty(STDOUT_FILENO) && !never);
  auto set = [](const char* name) { return std::string_view(std::getenv(name) ? std::getenv(name) : ""); };
  auto locale = !set("LC_ALL").empty() ? set("LC_ALL") : !set("LC_CTYPE").empty() ? set("LC_CTYPE") : set("LANG");
  out.unicode = locale.empty() || locale.find("UTF") != locale.npos || locale.find("utf") != locale.npos;
  return out;
}

bool Session::live() const {
  auto term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) && !common_.json && term && std::string_view(term) != "dumb";
}

Time Session::now() const { return io::Clock().now(); }

Result<store::SqliteStore*> Session::store() {
  if (!store_) {
    auto opened = store::SqliteStore::open(dir_.root);
    if (!opened) return std::unexpected(opened.error());
    store_ = std::move(*opened);
  }
  return store_.get();
}

Result<std::vector<ports::RunInfo>> Session::runs(const ports::Journal::Filter& filter) {
  if (!std::filesystem::exists(dir_.root)) return std::vector<ports::RunInfo>{};
  auto s = store();
  if (!s) return std::unexpected(s.error());
  return wait((*s)->runs(filter));
}

Result<ports::RunInfo> Session::run(const std::string& given) {
  auto newest = runs({.most = 1});
  if (!newest) return std::unexpected(newest.error());
  if (newest->empty() && given.empty())
    return fail(Code::invalid, "there is no run yet in " + dir_.root,
                "runs of another state directory are found with --state DIR, or $DAVY_STATE");
  if (newest->empty())
    return fail(Code::invalid, fmt::format("there is no run {} in {}, nor any other", given, dir_.root),
                "runs of another state directory are found with --state DIR, or $DAVY_STATE");
  if (!given.empty()) return wait((*store())->info(given));
  auto open = runs({.open_only = true});
  if (!open) return std::unexpected(open.error());
  if (open->size() > 1) return fail(Code::invalid, "several runs are open: name one", "`davy status` lists them");
  auto& meant = open->empty() ? newest->front() : open->front();
  if (!meant.damage.empty()) return fail(Code::internal, meant.damage, "`davy history` lists the others");
  return meant;
}

Result<std::vector<view::TimedEvent>> Session::events(const std::string& run, std::int64_t after) {
  auto s = store();
  if (!s) return std::unexpected(s.error());
  auto records = wait((*s)->read(run, after));
  if (!records) return std::unexpected(records.error());
  std::vector<view::TimedEvent> out;
  for (auto& record : *records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = engine::event_of(record);
    if (!event) return std::unexpected(event.error());
    out.push_back({record.seq, std::move(*event), record.at});
  }
  return out;
}

// A watch goes on under the same key after the run has ended, and a release that is shipped again has it from before.
std::vector<judge::Window> Session::windows(const ports::RunInfo& run, Time from) {
  constexpr auto kGrain = std::chrono::seconds(1);
  auto begins = std::max(from, run.started - kGrain), ends = run.ended ? *run.ended + kGrain : Time::max();
  auto samples = wait((*store())->since(ports::samples_of(run), kGrain, begins, ends));
  std::vector<judge::Window> out;
  for (auto& sample : samples ? *samples : std::vector<ports::Sample>{})
    if (auto window = judge::decode(sample.body)) out.push_back(std::move(*window));
  return out;
}

std::string Session::taken_back_by(const ports::RunInfo& done) {
  if (done.ending != "done") return "";
  auto after = runs({.service = done.services.front(), .environment = done.environment});
  for (auto& one : after ? *after : std::vector<ports::RunInfo>{}) {
    if (one.number <= done.number) break;
    if (!one.damage.empty() || !one.digest.empty() || one.ending != "rolled back")
      continue;  // only these take one back
    auto first = events(one.id);
    auto started = first && !first->empty() ? std::get_if<run::Started>(&first->front().event) : nullptr;
    if (started && started->takes_back == done.id) return one.id;
  }
  return "";
}

Result<view::RunView> Session::view(const std::string& run) {
  auto all = events(run);
  if (!all) return std::unexpected(all.error());
  auto info = wait((*store())->info(run));
  if (!info) return std::unexpected(info.error());
  auto out = view::project(run, *all, windows(*info, Time{}), now());
  if (auto by = taken_back_by(*info); !by.empty())
    out.question_or_sentence += fmt::format("; taken back since by run {}", by);
  if (!info->ended || out.ended) return out;
  // It never began: the run that it was to replace ended otherwise.
  auto ending = spec::decoded<run::Ending>(spec::text(info->ending.value_or("")), "how it ended");
  out.ended = info->ended, out.ending = ending ? *ending : run::Ending::refused;
  out.question_or_sentence = info->sentence, out.next.clear(), out.next_command.clear();
  return out;
}

namespace {

bool errors_in_json = false;

int exit_of(Code code) { return code == Code::invalid ? kWrong : code == Code::refused ? kRefused : kFailed; }

// Mistakes of a plan, each with its place.
spec::Json mistakes_json(const spec::Diagnostics& mistakes) {
  auto out = spec::Json::array();
  for (auto& one : mistakes.sorted())
    out.push_back({{"line", one.at.line},
                   {"column", one.at.column},
                   {"found", one.found},
                   {"expected", one.expected},
                   {"nearest", one.nearest}});
  return out;
}

}  // namespace

void complain_in_json(bool on) { errors_in_json = on; }

int complain(const Error& e) {
  std::fprintf(stderr, "davy: %s\n", printable(e.message, true).c_str());
  if (!e.hint.empty()) std::fprintf(stderr, "  %s\n", printable(e.hint, true).c_str());
  auto code = exit_of(e.code);
  if (errors_in_json) print_json({{"error", {{"code", code}, {"message", e.message}, {"hint", e.hint}}}});
  return code;
}

int exit_of(run::Ending ending) {
  switch (ending) {
    case run::Ending::done:
      return kDone;
    case run::Ending::rolled_back:
    case run::Ending::replaced:
      return kRolledBack;
    case run::Ending::refused:
      return kRefused;
    case run::Ending::abandoned:
    case run::Ending::needs_people:
      return kNeedsPeople;
  }
  return kFailed;
}

std::expected<Loaded, int> load(const std::string& file, const Session& session) {
  std::error_code unseen;
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (bool folder = std::filesystem::is_directory(file, unseen); folder || !in)
    return std::unexpected(complain({Code::invalid,
                                     fmt::format("cannot read the plan {}: {}", file,
                                                 std::strerror(folder      ? EISDIR
                                                               : errno > 0 ? errno
                                                                           : EIO)),
                                     "name it with --file, or go where davy.yaml is"}));
  Loaded out{file, text.str(), {}};
  auto parsed = plan::parse(out.text, providers::all_providers().vocabulary());
  if (!parsed.mistakes.empty()) {
    auto colour = session.look().colour && ::isatty(STDERR_FILENO);
    std::fputs(plan::render(parsed.mistakes, out.text, file, colour).c_str(), stderr);
    if (session.common().json)
      print_json({{"error",
                   {{"code", static_cast<int>(kWrong)},
                    {"message", fmt::format("{} has mistakes", file)},
                    {"mistakes", mistakes_json(parsed.mistakes)}}}});
    return std::unexpected(kWrong);
  }
  out.plan = std::move(parsed.plan);
  return out;
}

std::string directory_of(const Loaded& plan) { return std::filesystem::absolute(plan.file).parent_path().string(); }

Result<std::string> environment_of(const plan::Plan& plan, const std::string& given) {
  if (given.empty() && plan.environments.size() == 1) return plan.environments.front().name;
  std::string names;
  for (auto& e : plan.environments) names += (names.empty() ? "" : ", ") + e.name;
  if (given.empty()) return fail(Code::invalid, "the plan has several environments: " + names, "choose one with --to");
  if (plan.environment(given)) return given;
  return fail(Code::invalid, fmt::format("the plan has no environment `{}`; it has {}", given, names));
}

void print_json(const spec::Json& j) {
  fmt::print("{}\n", j.dump(2, ' ', false, spec::Json::error_handler_t::replace));
}

}  // namespace davy::cli
