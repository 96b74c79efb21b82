// Probe `file`: is it there, how large, with which permissions.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct FileProbe {
  std::string path;
};

ports::Observation observed(const FileProbe&, const std::optional<ports::Files::Stat>&);
ports::Task<ports::Observation> perform(FileProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::FileProbe> = "file";
template <>
inline constexpr auto kFields<providers::FileProbe> =
    std::tuple{required("file", &providers::FileProbe::path, "the file or directory that must be there")};

}  // namespace davy::spec
