#include "providers/registry.h"

#include "providers/catalogue.h"

namespace davy::providers {

ports::Registry all_providers() {
  ports::Registry r;
  add_probes(r);
  add_platforms(r);
  add_routers(r);
  add_signals(r);
  return r;
}

}  // namespace davy::providers
