#include "providers/registry.h"

#include "judge/series.h"
#include "providers/platform/command.h"
#include "providers/platform/process.h"
#include "providers/probe/command.h"
#include "providers/probe/disk.h"
#include "providers/probe/file.h"
#include "providers/probe/http.h"
#include "providers/probe/tcp.h"
#include "providers/router/command.h"
#include "providers/router/haproxy.h"
#include "providers/signal/haproxy.h"

namespace davy::providers {
namespace {

std::vector<spec::GivenSeries> haproxy_series() {
  std::vector<spec::GivenSeries> out;
  for (auto& one : judge::traffic_series()) out.push_back({std::string(one.name), std::string(one.doc)});
  out.push_back({"sessions", "requests and connections inside the release now; needs `stats`"});
  out.push_back({"queue", "requests that wait for the release; needs `stats`"});
  return out;
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

  r.signal<HaproxySignal>("haproxy", "HAProxy's traffic log: requests, errors, latency of each release.",
                          "{ haproxy: /run/davy/haproxy.log.sock, ignore: [/health], stats: /run/haproxy/admin.sock }",
                          haproxy_series());
  return r;
}

}  // namespace davy::providers
