// What each folder of providers adds to the registry: its catalogue.cc.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

void add_probes(ports::Registry&);
void add_platforms(ports::Registry&);
void add_routers(ports::Registry&);
void add_signals(ports::Registry&);

}  // namespace davy::providers
