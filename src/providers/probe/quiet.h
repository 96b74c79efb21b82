// Probe `quiet`: for so long no line of a log has what it should not have.
#pragma once
#include "ports/registry.h"
#include "providers/signal/log_place.h"

namespace davy::providers {

struct QuietProbe {
  ports::LogPlace place;
  Duration length{};
  std::string pattern;  // empty: lines of error level
  std::string known;    // a line that has this is none
};

// Ends with the first such line, else when `for` is over. An Error: lines were missed, so nobody can say.
ports::Task<ports::Observation> perform(QuietProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::QuietProbe> = "quiet";
template <>
inline constexpr auto kFields<providers::QuietProbe> =
    std::tuple{required("quiet", &providers::QuietProbe::place,
                        "where the log comes from, as for signal `log`: a file, unix:PATH, journald:UNIT, docker:…"),
               required("for", &providers::QuietProbe::length, "so long from now on, such as 30s"),
               optional("pattern", &providers::QuietProbe::pattern,
                        "regular expression (RE2) of what must not come, such as ERROR|FATAL; default: lines of error "
                        "level, by the word that loggers write"),
               optional("known", &providers::QuietProbe::known,
                        "regular expression of lines that may come all the same, such as deprecated|legacy")};

}  // namespace davy::spec
