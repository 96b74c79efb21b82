// Every probe, in the order of the reference page. Each adds itself in its own file, so that a change of one compiles
// no other.
#include "providers/catalogue.h"

namespace davy::providers {

void add_http_probe(ports::Registry&);
void add_tcp_probe(ports::Registry&);
void add_command_probe(ports::Registry&);
void add_disk_probe(ports::Registry&);
void add_file_probe(ports::Registry&);
void add_supervisor_probe(ports::Registry&);
void add_quiet_probe(ports::Registry&);
void add_postgres_probe(ports::Registry&);
void add_redis_probe(ports::Registry&);
void add_mongo_probe(ports::Registry&);
void add_tls_probe(ports::Registry&);
void add_dns_probe(ports::Registry&);
void add_listen_probe(ports::Registry&);
void add_nagios_probe(ports::Registry&);
void add_git_probe(ports::Registry&);
void add_process_probe(ports::Registry&);
void add_prometheus_probe(ports::Registry&);
void add_systemd_probe(ports::Registry&);
void add_secrets_probe(ports::Registry&);
void add_lines_probe(ports::Registry&);
void add_service_probe(ports::Registry&);
void add_deployed_probe(ports::Registry&);
void add_notified_probe(ports::Registry&);

void add_probes(ports::Registry& r) {
  add_http_probe(r);
  add_tcp_probe(r);
  add_command_probe(r);
  add_disk_probe(r);
  add_file_probe(r);
  add_supervisor_probe(r);
  add_quiet_probe(r);
  add_postgres_probe(r);
  add_redis_probe(r);
  add_mongo_probe(r);
  add_tls_probe(r);
  add_dns_probe(r);
  add_listen_probe(r);
  add_nagios_probe(r);
  add_git_probe(r);
  add_process_probe(r);
  add_prometheus_probe(r);
  add_systemd_probe(r);
  add_secrets_probe(r);
  add_lines_probe(r);
  add_service_probe(r);
  add_deployed_probe(r);
  add_notified_probe(r);
}

}  // namespace davy::providers
