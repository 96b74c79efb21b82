// Probe `secrets`: they are set, not empty, and none of the values that nobody should have left in. Of a value nothing
// is ever known here.
#pragma once
#include "ports/registry.h"
#include "ports/secret_look.h"

namespace davy::providers {

struct SecretsProbe {
  std::vector<std::string> names;  // `all`: every one of the plan
  std::vector<std::string> lacks;  // values that it should not have
};

bool fit_together(const SecretsProbe&, const spec::Value&, spec::Diagnostics&);
ports::Observation observed(const std::vector<std::pair<std::string, ports::SecretState>>&);
ports::Task<ports::Observation> perform(SecretsProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::SecretsProbe> = "secrets";
template <>
inline constexpr auto kFields<providers::SecretsProbe> =
    std::tuple{required("secrets", &providers::SecretsProbe::names, "names of secrets of the plan, or [all]"),
               optional("lacks", &providers::SecretsProbe::lacks,
                        "values that none of them may have, such as [changeme, secret]; capitals are no difference")};

}  // namespace davy::spec
