// Signals `machine`, `cgroup` and `disk`: what this machine's kernel tells. `root` is where its / is seen,
// for a Davy inside a container (/host).
#pragma once
#include "providers/signal/steady.h"
#include "signals/systems/cgroup.h"
#include "signals/systems/proc.h"

namespace davy::providers {

struct MachineSignal {
  std::string root;
};
struct CgroupSignal {
  std::string path, root = "/";
};
struct DiskSignal {
  std::string path;
};

Result<std::unique_ptr<ports::Source>> machine_source(MachineSignal, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> cgroup_source(CgroupSignal, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> disk_source(DiskSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::MachineSignal> = "machine";
template <>
inline constexpr auto kFields<providers::MachineSignal> =
    std::tuple{required("machine", &providers::MachineSignal::root, "where its / is: /, or /host inside a container")};
template <>
inline constexpr std::string_view kShort<providers::CgroupSignal> = "cgroup";
template <>
inline constexpr auto kFields<providers::CgroupSignal> =
    std::tuple{required("cgroup", &providers::CgroupSignal::path,
                        "control group (version 2), such as system.slice/shop.service, or a path below /sys/fs/cgroup"),
               optional("root", &providers::CgroupSignal::root, "where the machine's / is seen")};
template <>
inline constexpr std::string_view kShort<providers::DiskSignal> = "disk";
template <>
inline constexpr auto kFields<providers::DiskSignal> =
    std::tuple{required("disk", &providers::DiskSignal::path, "a path on the file system to look at")};

}  // namespace davy::spec
