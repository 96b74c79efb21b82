// Probe `lines`: what a log said of late.
#pragma once
#include "ports/registry.h"
#include "providers/signal/app_log.h"

namespace davy::providers {

struct LinesProbe {
  LinesPlace place;
  Duration last{};      // only lines of that time; zero: what the last bytes of the log hold
  std::string pattern;  // only lines that have this
};

// The end of a log. cut: there is more before it. in_time: whoever was asked gave no line that is older than `last`.
struct LogEnd {
  std::string text;
  bool cut = false, in_time = false;
};

bool fit_together(const LinesProbe&, const spec::Value&, spec::Diagnostics&);

// The command that tells the end of a log that is no file. Pure.
ports::CommandSpec request(const LinesProbe&, Duration timeout);

// Code::unavailable: with `last`, where lines do not say when they were written or the end does not reach back so far.
Result<ports::Observation> observed(const LinesProbe&, const std::vector<LogEnd>&, Time now);
ports::Task<ports::Observation> perform(LinesProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::LinesProbe> = "lines";
template <>
inline constexpr auto kFields<providers::LinesProbe> = std::tuple{
    required(
        "lines", &providers::LinesProbe::place,
        "where the log is: a file, journald:UNIT, docker:CONTAINER, or service:NAME, what the instances of a service "
        "print: those of the version that is meant, else of the one that serves"),
    optional("last", &providers::LinesProbe::last,
             "only lines of that time, such as 5m. Lines of a file must say when they were written, with their zone; a "
             "line that does not belongs to the one before"),
    optional("pattern", &providers::LinesProbe::pattern, "regular expression (RE2): only lines that have it")};

}  // namespace davy::spec
