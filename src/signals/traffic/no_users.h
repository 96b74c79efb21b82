// Paths that are asked for by machines that look after a service: load balancers, Kubernetes, Prometheus.
#pragma once
#include <string>
#include <vector>

namespace davy::signals {

// What the plan says is ignored; where it says nothing, the usual paths of health and metrics: a candidate that met
// none but those met nobody.
inline std::vector<std::string> no_users(std::vector<std::string> said) {
  if (!said.empty()) return said;
  return {"/health", "/healthz", "/healthcheck", "/health/*", "/readyz",           "/ready",
          "/livez",  "/live",    "/-/healthy",   "/-/ready",  "/actuator/health*", "/actuator/prometheus",
          "/metrics"};
}

}  // namespace davy::signals
