// How a guess is told to people: which field was taken for what.
#pragma once
#include <string>
#include <vector>

#include "signals/formats/pairs_log.h"
#include "signals/formats/pattern.h"

namespace davy::signals {

inline constexpr std::string_view kFormatsHint =
    "formats: haproxy, nginx, apache, tomcat, jetty, traefik, envoy, alb, elb, s3, cloudfront, iis, w3c, squid, npm, "
    "heroku, "
    "lograge, logfmt, uvicorn, morgan, json, json:pino and the like, json:status=NAME,…, or a pattern such as "
    "'$remote_addr [$time_local] \"$request\" $status $request_time'";

std::vector<JsonField> fields_in(const Pattern&);
// Those that any of the lines has, in the order in which they win.
std::vector<JsonField> fields_in(const JsonLog&, std::span<const std::string_view> lines);
std::vector<JsonField> fields_in(const PairsLog&, std::span<const std::string_view> lines);

// That a field is there which would be the latency, but it does not say its unit, and what to write; empty: there is
// none.
std::string why_no_latency(const JsonLog&, std::span<const std::string_view> lines, std::string_view name);
std::string why_no_latency(const PairsLog&, std::span<const std::string_view> lines, std::string_view name);

// "json:pino: the time is `time`, the status `res.statusCode`, the latency `responseTime` in milliseconds; no server is
// named". `doubt`: why there is no latency.
std::string format_said(std::string_view name, std::span<const JsonField>, std::string_view doubt);

}  // namespace davy::signals
