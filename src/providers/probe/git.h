// Probe `git`: where a working copy stands, and whether anything in it was changed by hand.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct GitProbe {
  std::string folder;
};

ports::CommandSpec request(const GitProbe&, const ports::Asking&);
// Of `git status --porcelain=v2 --branch` (git-status(1)).
Result<ports::Observation> observed(const GitProbe&, const ports::CommandEnd&);
ports::Task<ports::Observation> perform(GitProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::GitProbe> = "git";
template <>
inline constexpr auto kFields<providers::GitProbe> =
    std::tuple{required("git", &providers::GitProbe::folder, "a working copy")};

}  // namespace davy::spec
