// What platforms of this machine share: whether an instance answers, and at which ports nobody does.
#pragma once
#include <set>

#include "providers/platform/process.h"

namespace davy::providers {

// What `health` asks of an instance that has a port of its own: a path there, or a URL with $port.
std::string health_at(const std::string& health, const std::string& host, int port);

// Of the one that there is: a URL, or a path behind `url` of the environment. Code::invalid: there is none.
Result<std::string> health_behind(const std::string& health, const std::map<std::string, std::string>& variables);

// Why it does not answer 2xx; empty when it does.
ports::asio::awaitable<std::string> unhealthy(ports::Outside&, std::string url);

// The first of the range at which nobody listens, and that is neither used (by whoever is dead, too) nor taken.
ports::Task<int> free_port(ports::Outside&, std::string host, PortRange, std::set<int> used,
                           std::set<std::string> taken);

// The ports of all instances that Davy started, dead ones too, but for that of this key.
ports::Task<std::set<int>> ports_of_instances(ports::Outside&, std::string but_key = {});

}  // namespace davy::providers
