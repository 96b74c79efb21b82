// Every platform. Each adds itself in its own file, so that a change of one compiles no other.
#include "providers/catalogue.h"

namespace davy::providers {

void add_process_platform(ports::Registry&);
void add_command_platform(ports::Registry&);
void add_replace_platform(ports::Registry&);
void add_supervisor_platform(ports::Registry&);
void add_systemd_platform(ports::Registry&);

void add_platforms(ports::Registry& r) {
  add_process_platform(r);
  add_command_platform(r);
  add_replace_platform(r);
  add_supervisor_platform(r);
  add_systemd_platform(r);
}

}  // namespace davy::providers
