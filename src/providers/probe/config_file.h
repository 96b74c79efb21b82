// One value out of a configuration file of somebody's: JSON, YAML or TOML. Pure; the file is hostile.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::providers {

enum class ConfigForm { json, yaml, toml };

// A scalar as it is written, or how many a list or a map has.
struct ConfigValue {
  bool there = false;
  std::string text = {};
  bool structured = false;
  std::size_t count = 0;
};

// path: `database.pool_size`, `servers.0.name`. Code::invalid: the text is not of that form.
Result<ConfigValue> config_value(std::string_view text, ConfigForm, std::string_view path);

}  // namespace davy::providers
