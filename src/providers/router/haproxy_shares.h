// Shares as HAProxy's absolute weights. Pure.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/units.h"
#include "providers/router/haproxy_text.h"

namespace davy::providers::haproxy {

using Weights = std::map<std::string, int>;  // by server

// 256 parts: 13 over 3 servers are 5, 4, 4.
std::vector<int> spread(int total, std::size_t n);

// Who is to have users: the addresses of each side.
struct Sides {
  std::set<std::string> release;
  std::set<std::string> rest;  // empty: whoever has users now
};

// `share` for the release's servers, the rest for the others, none for anybody else (but the user's backup servers).
// Of 256 parts when one side has a single server, of 512 when each has two at least, and so on: 1 % of 256 over four
// servers would leave one without any. Servers that are down get what their like get, for when they come back.
// Code::refused when a side that is to have users has no server that is up.
Result<Weights> weights(const std::vector<Server>&, const Sides&, Ratio share);

// What has to be said, in this order: all raises, and when those are proven, all lowers. The other way round both sides
// are at 0 for a moment: 160 of 300,860 requests met a 503 (measured).
struct Change {
  Commands raise, lower;
};
Change change(std::string_view backend, const std::vector<Server>& now, const Weights& wanted);

// The first server that is not as wanted, in words; empty when all are.
std::string difference(const std::vector<Server>& now, const Weights& wanted);

}  // namespace davy::providers::haproxy
