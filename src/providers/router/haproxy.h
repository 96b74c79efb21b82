// Router `haproxy`: drives the user's own HAProxy (2.6 or later) through its runtime API, and believes only what
// HAProxy shows afterwards. Level-triggered: every operation first brings back what a reload or restart of HAProxy has
// dropped, so restore(what read() told after the last shift) is also how a caller heals a HAProxy that was restarted.
//
// For maintenance HAProxy needs one rule in its frontend, and the (empty) file that it names:
//   http-request return status 503 content-type "text/html; charset=utf-8"
//     hdr Retry-After "%[str(BACKEND.retry-after),map(/etc/haproxy/davy.map,30)]"
//     lf-string "%[str(BACKEND),map(/etc/haproxy/davy.map),b64dec]" if { str(BACKEND),map(/etc/haproxy/davy.map) -m
//     found }
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct HaproxyOptions {
  std::string socket, backend, slots;
  std::string placeholder = "127.0.0.1:1";
  std::string add_server = "check inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1";
  std::string state_file, maintenance_map;
  Duration retry_after = std::chrono::seconds(30);
  Duration up_within = std::chrono::seconds(10);
  Duration patience = std::chrono::seconds(5);
};

std::unique_ptr<ports::Router> haproxy_router(HaproxyOptions, ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::HaproxyOptions> = "haproxy";
template <>
inline constexpr auto kFields<providers::HaproxyOptions> = std::tuple{
    required("haproxy", &providers::HaproxyOptions::socket,
             "its stats socket with `level admin`: a path, or host:port"),
    required("backend", &providers::HaproxyOptions::backend, "the backend whose servers get the users"),
    optional("slots", &providers::HaproxyOptions::slots,
             "how the names of free servers begin (a server-template's prefix); any at the placeholder when left out"),
    optional("placeholder", &providers::HaproxyOptions::placeholder, "address of a slot that is free"),
    optional("add-server", &providers::HaproxyOptions::add_server,
             "keywords for servers that are added when no slot is free; default-server does not reach those"),
    optional("state-file", &providers::HaproxyOptions::state_file,
             "HAProxy's server-state-file, written after every change so that a reload keeps it"),
    optional("maintenance-map", &providers::HaproxyOptions::maintenance_map,
             "the map file that switches the 503; the one that is called davy.map when left out"),
    optional("retry-after", &providers::HaproxyOptions::retry_after, "what the 503 tells clients to wait"),
    optional("up-within", &providers::HaproxyOptions::up_within, "how long HAProxy may take to find a server up"),
    optional("patience", &providers::HaproxyOptions::patience,
             "how long the socket may be gone, while HAProxy is restarted")};

}  // namespace davy::spec
