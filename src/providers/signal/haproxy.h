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
// Their tables: shared_fields.cc
template <>
inline constexpr bool kApart<providers::HaproxySignal> = true;

}  // namespace davy::spec
