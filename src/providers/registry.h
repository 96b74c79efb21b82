// Everything Davy can talk to. A new provider is its file and its line in the catalogue.cc of its folder.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

ports::Registry all_providers();

}  // namespace davy::providers
