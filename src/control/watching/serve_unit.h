// The unit with which systemd keeps `davy serve` alive.
#pragma once
#include <string>

#include "base/error.h"

namespace davy::control {

// program: the whole path of davy; state: the state directory. As text, for who wants to look at it before.
std::string serve_unit(const std::string& program, const std::string& state, const std::string& user);

// Writes it to `folder` (/etc/systemd/system) as davy-serve.service, whole or not at all; answers its path.
// Code::refused: a unit of that name stands there that Davy has not written.
Result<std::string> install_serve_unit(const std::string& folder, const std::string& unit);

}  // namespace davy::control
