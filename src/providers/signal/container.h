// Signal `container`: a container's state and figures, from the engine's own API on its socket.
#pragma once
#include "providers/signal/steady.h"
#include "signals/systems/container_stats.h"

namespace davy::providers {

struct ContainerSignal {
  std::string name, engine = "/var/run/docker.sock", release_by;
};

Result<std::unique_ptr<ports::Source>> container_source(ContainerSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ContainerSignal> = "container";
template <>
inline constexpr auto kFields<providers::ContainerSignal> =
    std::tuple{required("container", &providers::ContainerSignal::name, "its name or id"),
               optional("engine", &providers::ContainerSignal::engine,
                        "the engine's socket, such as /run/podman/podman.sock; who may write to it is root there"),
               optional("release-by", &providers::ContainerSignal::release_by,
                        "the container's label that says its version, such as org.opencontainers.image.version")};

}  // namespace davy::spec
