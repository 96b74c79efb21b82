// Every router. Each adds itself in its own file, so that a change of one compiles no other.
#include "providers/catalogue.h"

namespace davy::providers {

void add_haproxy_router(ports::Registry&);
void add_command_router(ports::Registry&);

void add_routers(ports::Registry& r) {
  add_haproxy_router(r);
  add_command_router(r);
}

}  // namespace davy::providers
