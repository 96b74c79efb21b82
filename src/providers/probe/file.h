// Probe `file`: is it there, whose, how large, with which permissions; what stands in it under a key.
#pragma once
#include "ports/registry.h"
#include "providers/probe/config_file.h"

namespace davy::providers {

struct FileProbe {
  std::string path;
  std::string json = {}, yaml = {}, toml = {};
  spec::Measure unit = {};
  std::string sha256 = {};
};

// What was looked up in it, where the options ask for that.
struct FileInside {
  std::optional<ConfigValue> value = {};
  std::string sha256 = {};
};

bool fit_together(const FileProbe&, const spec::Value&, spec::Diagnostics&);
ports::Observation observed(const FileProbe&, const std::optional<ports::Files::Stat>&, const FileInside&, Time now);
ports::Task<ports::Observation> perform(FileProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::FileProbe> = "file";
template <>
inline constexpr auto kFields<providers::FileProbe> = std::tuple{
    required("file", &providers::FileProbe::path, "the file or directory that must be there"),
    optional("json", &providers::FileProbe::json,
             "path (a.b.0.c, or . for all of it) in a file in JSON to what `value` and `count` mean"),
    optional("yaml", &providers::FileProbe::yaml, "the same in YAML"),
    optional("toml", &providers::FileProbe::toml, "the same in TOML"),
    optional("unit", &providers::FileProbe::unit,
             "what `value` means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it is a bare number"),
    optional("sha256", &providers::FileProbe::sha256, "the sum that it must have, hexadecimal")};

}  // namespace davy::spec
