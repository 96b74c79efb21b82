// Signal `process`: what this machine's kernel tells of processes. `root` is where its / is seen, for a Davy inside a
// container (/host).
#pragma once
#include "providers/signal/steady.h"
#include "signals/systems/proc.h"

namespace davy::providers {

struct ProcessSignal {
  std::string which, root = "/";
  bool children = false;
};

Result<std::unique_ptr<ports::Source>> process_source(ProcessSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ProcessSignal> = "process";
template <>
inline constexpr auto kFields<providers::ProcessSignal> =
    std::tuple{required("process", &providers::ProcessSignal::which,
                        "a pid file (a path with a /), a pid, a service of platform process, or the name of a program"),
               optional("children", &providers::ProcessSignal::children, "count the processes that it started, too"),
               optional("root", &providers::ProcessSignal::root, "where the machine's / is seen")};

}  // namespace davy::spec
