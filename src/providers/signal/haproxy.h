// Signal `haproxy`: its traffic log, a datagram per request. Davy binds the socket; HAProxy never waits for it.
#pragma once
#include "providers/signal/log_place.h"

namespace davy::providers {

enum class Client { address, x_forwarded_for };

struct HaproxySignal {
  std::string socket, stats;
  std::vector<std::string> ignore;
  Client client = Client::address;
  ports::Writers writers = ports::Writers::owner;  // who may say that a release is well
};

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kWords<providers::Client> = words<providers::Client>(
    {{"address", providers::Client::address}, {"x-forwarded-for", providers::Client::x_forwarded_for}});
template <>
inline constexpr std::string_view kShort<providers::HaproxySignal> = "haproxy";
template <>
inline constexpr auto kFields<providers::HaproxySignal> = std::tuple{
    required("haproxy", &providers::HaproxySignal::socket,
             "unix datagram socket that Davy binds and HAProxy's `log` line names"),
    optional("ignore", &providers::HaproxySignal::ignore,
             "paths that are no users, such as [/health, /metrics*]; a * at the end stands for any rest"),
    optional("client", &providers::HaproxySignal::client, "what makes a client: its address, or X-Forwarded-For"),
    optional("writers", &providers::HaproxySignal::writers,
             "who may write to the socket besides its owner, when HAProxy runs as another user"),
    optional("stats", &providers::HaproxySignal::stats,
             "HAProxy's stats socket, for retries and connections that no log line tells")};

}  // namespace davy::spec
