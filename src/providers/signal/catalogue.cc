// Every signal, in the order of the reference page. Each adds itself in its own file, so that a change of one compiles
// no other.
#include "providers/catalogue.h"

namespace davy::providers {

void add_haproxy_signal(ports::Registry&);
void add_log_signal(ports::Registry&);
void add_scrape_signal(ports::Registry&);
void add_prometheus_signal(ports::Registry&);
void add_health_signal(ports::Registry&);
void add_lines_signal(ports::Registry&);
void add_command_signal(ports::Registry&);
void add_process_signal(ports::Registry&);
void add_cgroup_signal(ports::Registry&);
void add_container_signal(ports::Registry&);
void add_disk_signal(ports::Registry&);
void add_machine_signal(ports::Registry&);
void add_redis_signal(ports::Registry&);
void add_postgres_signal(ports::Registry&);
void add_mongo_signal(ports::Registry&);
void add_sentry_signal(ports::Registry&);
void add_vitals_signal(ports::Registry&);

void add_signals(ports::Registry& r) {
  add_haproxy_signal(r);
  add_log_signal(r);
  add_scrape_signal(r);
  add_prometheus_signal(r);
  add_health_signal(r);
  add_lines_signal(r);
  add_command_signal(r);
  add_process_signal(r);
  add_cgroup_signal(r);
  add_container_signal(r);
  add_disk_signal(r);
  add_machine_signal(r);
  add_redis_signal(r);
  add_postgres_signal(r);
  add_mongo_signal(r);
  add_sentry_signal(r);
  add_vitals_signal(r);
}

}  // namespace davy::providers
