// Probe `nagios`: any plug-in that monitoring has: exit 0 to 3, a line of text, figures behind a `|`
// (nagios-plugins.org/doc/guidelines.html).
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct NagiosProbe {
  std::string text, cwd = {};
};

struct Figure {
  std::string name;  // as a condition can name it: `/var log` is `_var_log`
  double value = 0;  // in base units
  spec::Unit unit = spec::Unit::none;
};
// Those behind the first `|` of each part of an output; what cannot be read is left out. At most 1,000.
std::vector<Figure> figures(std::string_view output);

// Code::unavailable: the plug-in itself says that it cannot tell (exit 3); Code::invalid: it is none.
Result<ports::Observation> observed(const NagiosProbe&, const ports::CommandEnd&);
ports::Task<ports::Observation> perform(NagiosProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::NagiosProbe> = "nagios";
template <>
inline constexpr auto kFields<providers::NagiosProbe> =
    std::tuple{required("nagios", &providers::NagiosProbe::text,
                        "the plug-in's command line, handed to /bin/sh untouched: `check_ssh localhost`"),
               optional("cwd", &providers::NagiosProbe::cwd, "where it runs")};

}  // namespace davy::spec
