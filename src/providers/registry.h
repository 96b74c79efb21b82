// Everything Davy can talk to. A new provider is its file and one line in registry.cc.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

ports::Registry all_providers();

}  // namespace davy::providers
