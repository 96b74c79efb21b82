#include "providers/registry.h"

#include "judge/numbers/series.h"
#include "providers/platform/command.h"
#include "providers/platform/process.h"
#include "providers/probe/command.h"
#include "providers/probe/disk.h"
#include "providers/probe/file.h"
#include "providers/probe/http.h"
#include "providers/probe/quiet.h"
#include "providers/probe/tcp.h"
#include "providers/router/command.h"
#include "providers/router/haproxy.h"
#include "providers/signal/app_log.h"
#include "providers/signal/command.h"
#include "providers/signal/container.h"
#include "providers/signal/fields.h"
#include "providers/signal/health.h"
#include "providers/signal/machine.h"
#include "providers/signal/postgres.h"
#include "providers/signal/prometheus.h"
#include "providers/signal/redis.h"
#include "providers/signal/scrape.h"
#include "providers/signal/sentry.h"
#include "providers/signal/traffic_lines.h"
#include "providers/signal/vitals.h"

namespace davy::providers {
namespace {

std::vector<spec::GivenSeries> traffic_series() {
  std::vector<spec::GivenSeries> out;
  for (auto& one : judge::traffic_series()) out.push_back({std::string(one.name), std::string(one.doc)});
  return out;
}

std::vector<spec::GivenSeries> haproxy_series() {
  auto out = traffic_series();
  out.push_back({"sessions", "requests and connections inside the release now; needs `stats`"});
  out.push_back({"queue", "requests that wait for the release; needs `stats`"});
  return out;
}

void add_stores(ports::Registry& r) {
  r.probe<PostgresProbe>("postgres", "Asks a PostgreSQL; well is an answer, or an index that is valid.",
                         "{ postgres: $DATABASE_URL, query: SELECT count(*) FROM orders, expect: value < 10 }", perform,
                         {"numbers"});
  r.probe<RedisProbe>("redis", "Asks a Redis; well is an answer.", "{ redis: \"redis://localhost\" }", perform,
                      {"numbers"});
  r.probe<PrometheusProbe>("prometheus", "Asks Prometheus; well is at least one series.",
                           "{ prometheus: \"http://localhost:9090\", query: up == 0, expect: count = 0 }", perform,
                           {"numbers"});
}

void add_sources(ports::Registry& r) {
  r.source<ScrapeSignal>("scrape",
                         "Pages of metrics, Prometheus text or OpenMetrics: requests, errors, latency, your own.",
                         "{ scrape: \"${url}/metrics\", release-by: version }", scrape_source, traffic_series());
  r.source<PrometheusOptions>("prometheus", "PromQL, asked of Prometheus.",
                              "{ prometheus: \"http://localhost:9090\", query: \"sum(rate(orders_total[1m]))\" }",
                              prometheus_source);
  r.source<HealthSignal>("health", "A health endpoint: its word, the words and numbers of its parts.",
                         "{ health: \"${url}/health\" }", health_source);
  r.source<LinesSignal>("lines", "An application's own log: named patterns, errors, error patterns that are new.",
                        "{ lines: /var/log/shop/app.log, patterns: { PAYMENT: \"payment .* refused\" } }", lines_source,
                        fields_of);
  r.source<CommandSignal>("command", "What a command of yours prints.", "{ command: ./queue-length, every: 10s }",
                          command_source);
  r.source<ProcessSignal>("process", "Processes: cpu, memory, open files, threads, restarts.",
                          "{ process: /run/shop.pid, children: on }", process_source, fields_of);
  r.source<CgroupSignal>("cgroup", "A control group: memory, cpu, throttling, kills for lack of memory.",
                         "{ cgroup: system.slice/shop.service }", cgroup_source, fields_of);
  r.source<ContainerSignal>("container", "A container, as Docker or Podman tells: its state, memory, cpu, restarts.",
                            "{ container: shop-web-1, every: 5s }", container_source, fields_of);
  r.source<DiskSignal>("disk", "Room on a file system.", "{ disk: /var/lib/shop }", disk_source, fields_of);
  r.source<MachineSignal>("machine", "The machine: cpu, load, memory.", "{ machine: / }", machine_source, fields_of);
  r.source<RedisSignal>("redis", "Redis's INFO: hit rate, memory, clients, evictions.",
                        "{ redis: \"redis://localhost\", password: $REDIS_PASSWORD }", redis_source, fields_of);
  r.source<PostgresSignal>("postgres",
                           "PostgreSQL: connections, pool use, slow queries, query times, numbers of your own.",
                           "{ postgres: $DATABASE_URL, slow: 200ms }", postgres_source, fields_of);
  r.source<SentrySignal>("sentry", "Sentry: events and crash-free sessions of each release.",
                         "{ sentry: \"https://sentry.io\", organization: acme, project: 42, token: $SENTRY_TOKEN }",
                         sentry_source, fields_of);
  r.source<VitalsSignal>("vitals", "Web vitals: Davy listens for the beacons of pages (docs/web-vitals.md).",
                         "{ vitals: 127.0.0.1:9180, origins: [https://shop.example.com], release-by: version }",
                         vitals_source, fields_of);
}

}  // namespace

ports::Registry all_providers() {
  ports::Registry r;
  r.probe<HttpProbe>("http", "Asks a URL; well is any 2xx.",
                     "{ http: \"${url}/health\", json: status, expect: value is healthy }", perform, {"numbers"});
  r.probe<TcpProbe>("tcp", "Connects to a port.", "{ tcp: localhost:5432 }", perform, {"numbers"});
  r.probe<CommandProbe>("command", "Runs a command; well is exit 0.", "{ command: npm test }", perform, {"numbers"});
  r.probe<DiskProbe>("disk", "Counts the room on a file system.", "{ disk: /, expect: free > 10 GB }", perform,
                     {"numbers"});
  r.probe<FileProbe>("file", "Looks whether a file is there.", "{ file: /etc/shop/key.pem, expect: mode is 600 }",
                     perform, {"numbers"});
  r.probe<QuietProbe>("quiet", "Listens to a log; well is when no line of error level came for so long.",
                      "{ quiet: /var/log/shop/app.log, for: 30s, pattern: \"ERROR|FATAL\" }", perform, {"numbers"});

  r.platform<ProcessOptions>("process", "Instances that Davy starts on ports that it assigns.",
                             "{ process: ./shop --port $port, instances: 2, health: /health }", process_platform,
                             {"side-by-side"});
  r.platform<CommandPlatformOptions>(
      "command", "Your own commands start, stop and look.",
      "{ command: systemctl start shop, stop: systemctl stop shop, status: systemctl is-active shop }",
      command_platform);

  r.router<HaproxyOptions>("haproxy", "Your own HAProxy, through its runtime API.",
                           "{ haproxy: /run/haproxy/admin.sock, backend: shop, slots: davy }", haproxy_router,
                           {"shares"});
  r.router<CommandRouterOptions>("command", "Your own command moves the users.",
                                 "{ command: ./lb shift, read: ./lb shares }", command_router, {"shares"});

  r.source<HaproxySignal>("haproxy", "HAProxy's traffic log: requests, errors, latency of each release.",
                          "{ haproxy: /run/davy/haproxy.log.sock, ignore: [/health], stats: /run/haproxy/admin.sock }",
                          haproxy_source, haproxy_series());
  r.source<LogSignal>("log", "A traffic log of nginx, Apache, HAProxy or anything that writes a line a request.",
                      "{ log: /var/log/nginx/access.log, server-by: upstream_addr, ignore: [/health] }", log_source,
                      traffic_series());
  add_stores(r);
  add_sources(r);
  return r;
}

}  // namespace davy::providers
