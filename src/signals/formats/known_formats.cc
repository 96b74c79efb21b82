#include "signals/formats/known_formats.h"

#include <algorithm>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr KnownFormat kAll[] = {
    // Envoy, "Access logging", default format string; Istio's has two more fields behind the flags, and others at the
    // end ("Envoy Access Logs").
    {"envoy", "envoy",
     R"([$start] "$request" $status $flags $_ $bytes $milliseconds $_ "$http_x_forwarded_for" "$_" "$_" "$host" "$upstream_addr")",
     R"(] ")"},
    {"istio", "istio",
     R"([$start] "$request" $status $flags $_ $_ "$_" $_ $bytes $milliseconds $_ "$http_x_forwarded_for" "$_" "$_" "$host" "$upstream_addr" $_)",
     R"(] ")"},
    // Elastic Load Balancing, "Access logs for your Application Load Balancer": of the three times the target's is
    // taken; -1 where there was none. A Lambda function has a status but no address.
    {"alb", "alb",
     R"($_ $time $_ $client $upstream_addr $_ $seconds $_ $status $target_status_code $_ $bytes "$request" "$_" $_)"},
    // The same for a Classic Load Balancer, of which the time is the request's beginning.
    {"elb", "elb",
     R"($start $_ $client $upstream_addr $_ $seconds $_ $status $target_status_code $_ $bytes "$request" "$_" $_)"},
    {"elb", "elb (before ciphers were written)",
     R"($start $_ $client $upstream_addr $_ $seconds $_ $status $target_status_code $_ $bytes "$request")"},
    // Amazon S3 server access log format: Total Time, in milliseconds.
    {"s3", "s3", R"($_ $_ [$start] $client $_ $_ $_ $_ "$request" $status $_ $bytes $_ $milliseconds $_)"},
    // Amazon CloudFront, standard logs: date and time of the answer, in UTC; time-taken in seconds.
    {"cloudfront", "cloudfront",
     "$date\t$clock\t$_\t$bytes\t$client\t$method\t$host\t$path\t$status\t$_\t$_\t$_\t$_\t$_\t$_\t$_\t$_\t$_\t$"
     "seconds\t$_",
     "\t"},
    // IIS, "Default log fields"; a log with other fields has them in its #Fields.
    {"iis", "iis", "$date $clock $_ $method $path $_ $_ $_ $client $_ $_ $status $_ $_ $milliseconds", {}, false},
    // Nginx Proxy Manager, its log_format `proxy` and `standard`: the server is where the request was sent to.
    {"npm", "npm proxy",
     R"([$time_local] $_ $upstream_status $status - $method $_ $host "$path" [Client $client] [Length $bytes] [Gzip $_] [Sent-to $server] "$_" "$_")",
     "[Client "},
    {"npm", "npm standard",
     R"([$time_local] $status - $method $_ $host "$path" [Client $client] [Length $bytes] [Gzip $_] "$_" "$_")",
     "[Client "},
    // Squid, "Squid native access.log format": the time is right-aligned, and of the request's end.
    {"squid", "squid", "$time  $milliseconds $client $result $bytes $method $path $_ $_/$server $_", {}, false},
    // uvicorn: no time, no latency.
    {"uvicorn", "uvicorn", R"(INFO:     $client - "$request" $status $_)", "HTTP/"},
    // morgan, README, "Predefined Formats"; `combined` and `common` are Apache's.
    {"morgan", "morgan short", "$client $_ $method $path HTTP/$_ $status $_ - $milliseconds ms", " ms"},
    {"morgan", "morgan tiny", "$method $path $status $_ - $milliseconds ms", " ms"},
    {"morgan", "morgan dev", "$method $path $status $milliseconds ms - $_", " ms"},
};

std::string_view w3c_field(std::string_view name, bool iis) {
  if (name == "date") return "$date";
  if (name == "time") return "$clock";
  if (name == "c-ip") return "$client";
  if (name == "cs-method") return "$method";
  if (name == "cs-uri-stem" || name == "cs-uri") return "$path";
  if (name == "cs-host" || name == "cs(Host)") return "$host";
  if (name == "sc-status") return "$status";
  if (name == "sc-bytes") return "$bytes";
  if (name == "time-taken") return iis ? "$milliseconds" : "$seconds";
  if (name == "X-Forwarded-For" || name == "x-forwarded-for") return "$http_x_forwarded_for";
  return "$other";
}

}  // namespace

std::span<const KnownFormat> known_formats() { return kAll; }

const KnownFormat* known_format(std::string_view family) {
  auto found = std::ranges::find(kAll, family, &KnownFormat::family);
  return found == std::end(kAll) ? nullptr : &*found;
}

std::string w3c_pattern(std::span<const std::string_view> lines) {
  constexpr std::string_view kFields = "#Fields:";
  std::string_view fields;
  bool iis = false, tabs = false;
  for (auto line : lines) {
    if (line.starts_with(kFields)) fields = trimmed(line.substr(kFields.size()));
    iis = iis || (line.starts_with("#Software:") && line.contains("Internet Information Services"));
    tabs = tabs || (!line.starts_with('#') && line.contains('\t'));
  }
  std::string out;
  for (auto name : split(fields, fields.contains('\t') ? '\t' : ' '))
    if (!trimmed(name).empty())
      out += (out.empty() ? "" : tabs ? "\t" : "  ") + std::string(w3c_field(trimmed(name), iis));
  return out;
}

}  // namespace davy::signals
