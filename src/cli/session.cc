#include "cli/session.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "plan/words/render.h"

namespace davy::cli {

Session::Session(const Common& common) : runs({host::state_directory(common.state)}), common_(common) {}

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

std::expected<control::PlanFile, int> load(const std::string& file, const Session& session) {
  bool piped = file == "-";
  auto text = control::text_of_plan(piped ? "/dev/stdin" : file, file);
  if (!text) return std::unexpected(complain(text.error()));
  auto [plan, mistakes] = control::read_plan(file, std::move(*text));
  if (mistakes.empty()) return std::move(plan);
  auto colour = session.look().colour && ::isatty(STDERR_FILENO);
  std::fputs(plan::render(mistakes, plan.text, piped ? "standard input" : file, colour).c_str(), stderr);
  if (session.common().json)
    print_json({{"error",
                 {{"code", static_cast<int>(kWrong)},
                  {"message", fmt::format("{} has mistakes", file)},
                  {"mistakes", mistakes_json(mistakes)}}}});
  return std::unexpected(kWrong);
}

// The library forgets why an earlier write failed: then it is tried once more.
std::string unwritten() {
  static std::string first;
  if (!first.empty()) return first;
  bool failed_before = std::ferror(stdout) != 0;
  if (failed_before) std::clearerr(stdout), std::fputc('\n', stdout);
  errno = 0;
  if (std::fflush(stdout) != 0) return first = std::strerror(errno);
  return first = failed_before ? "a part of it could not be written" : "";
}

void print_json(const spec::Json& j) {
  fmt::print("{}\n", j.dump(2, ' ', false, spec::Json::error_handler_t::replace));
}

}  // namespace davy::cli
