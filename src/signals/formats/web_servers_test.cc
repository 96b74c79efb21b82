// Lines of web servers, written from their manuals: what is read of each, guessed where nothing else is said.
#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {

constexpr const char* kCombined =
    R"~(192.0.2.9 - ann [21/Nov/2026:11:00:02 +0100] "GET /cart?id=7 HTTP/1.1" 502 157 "https://shop.example/" "Mozilla/5.0 (X11)")~";

// nginx, ngx_http_log_module: combined
TEST(WebServers, Nginx) {
  expect_said({
      {"nginx", R"~(192.0.2.9 - - [29/Feb/2027:11:00:02 +0100] "GET / HTTP/1.1" 200 12 "-" "curl/8")~", "broken"},
      {"", std::string(kCombined), "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/2.0" 200 0 "-" "-")~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
      {"", R"~(2001:db8::7 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 304 0 "-" "curl/8")~",
       "304 answered client 2001:db8::7 GET / @1795255202.000"},
      {"", R"~(unix: - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 "-" "curl/8")~",
       "200 answered client unix: GET / @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "" 400 0 "-" "-")~",
       "400 answered client 192.0.2.9 @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "\x16\x03\x01" 400 157 "-" "-")~",
       "400 answered client 192.0.2.9 @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 499 0 "-" "curl/8")~",
       "499 aborted client 192.0.2.9 GET / @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET /a HTTP/1.1" 200 5 "-" "a \x22quoted\x22 agent")~",
       "200 answered client 192.0.2.9 GET /a @1795255202.000"},
      {"", "192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] \"GET / HTTP/1.1\" 200 12 \"-\" \"curl/8\"\r",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
  });
}

// nginx.conf as it is packaged: main, with the forwarded address
TEST(WebServers, AForwardedAddressIsNoServer) {
  expect_said({
      {"", std::string(kCombined) + R"~( "-")~", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "198.51.100.7")~",
       "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "2001:db8::1")~", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "198.51.100.7:51234")~",
       "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "198.51.100.7, 192.0.2.1")~",
       "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// nginx, ngx_http_gzip_module: $gzip_ratio
TEST(WebServers, ARatioIsNoLatency) {
  expect_said({
      {"", std::string(kCombined) + R"~( "3.20")~", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "-")~", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// nginx, ngx_http_log_module: $request_time
TEST(WebServers, ThreeDecimalsAreNginxsSeconds) {
  expect_said({
      {"", std::string(kCombined) + " 0.012", "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( "0.012")~", "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 0.000", "502 error 0.5ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 0.012\r", "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 12.345", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"nginx", std::string(kCombined) + " 12.345",
       "502 error 12345ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " rt=12.345", "502 error 12345ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " rt=0.012", "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " request_time=0.012",
       "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " request_time=12", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// nginx, ngx_http_core_module: $msec is no latency
TEST(WebServers, AMomentIsNoLatency) {
  expect_said({
      {"", std::string(kCombined) + " 1795255202.345 0.012",
       "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 1795255202.345", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// nginx, ngx_http_ssl_module: $ssl_protocol, $server_port, $request_length
TEST(WebServers, VersionsPortsAndSizesAreNoLatency) {
  expect_said({
      {"", std::string(kCombined) + R"~( "1.3" 0.020)~",
       "502 error 20ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " TLSv1.3 0.020", "502 error 20ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 443", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 443 0.020", "502 error 20ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 1.1 0.020", "502 error 20ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// nginx, ngx_http_upstream_module: lists
TEST(WebServers, ListsOfUpstreamsAndTheirTimes) {
  expect_said({
      {"", std::string(kCombined) + R"~( rt=0.024 uct="0.001 : 0.001" uht="0.005 : 0.019" urt="0.005 : 0.019")~",
       "502 error 24ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " rt=0.024 uct=0.001 : 0.001 urt=0.005 : 0.019",
       "502 error 24ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( rt=1.250 ua="10.1.0.1:80, 10.1.0.2:80" us="502, 200" ut="0.003, 1.247")~",
       "502 error 1250ms server 10.1.0.2:80 failed 10.1.0.1:80 client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 0.012 10.1.0.1:80",
       "502 error 12ms server 10.1.0.1:80 client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 0.012 unix:/run/a.sock 0.010",
       "502 error 12ms server unix:/run/a.sock client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 0.012 [2001:db8::5]:80",
       "502 error 12ms server [2001:db8::5]:80 client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + R"~( rt=0.002 ua="-" us="-" ut="-")~",
       "502 error 2ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " rt=0.002 upstream_addr=backend",
       "502 error 2ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// ingress-nginx, log-format: upstream behind the name in brackets
TEST(WebServers, IngressNginx) {
  expect_said({
      {"", std::string(kCombined) + " 512 0.012 [default-shop-80] [] 10.1.0.1:8080 312 0.011 200 f2b1a2",
       "502 error 12ms server 10.1.0.1:8080 client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 512 0.003 [] [] - - - - f2b1a2",
       "502 error 3ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"",
       std::string(kCombined) +
           " 512 0.612 [default-shop-80] [] 10.1.0.1:8080, 10.1.0.2:8080 0, 312 0.600, 0.011 502, 200 f2b1a2",
       "502 error 612ms server 10.1.0.2:8080 failed 10.1.0.1:8080 client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// Apache, mod_log_config: common, vhost_combined, combinedio
TEST(WebServers, Apache) {
  expect_said({
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12)~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
      {"", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 -)~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
      {"", R"~(shop.example:443 192.0.2.9 - ann [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 "-" "curl/8")~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
      {"", std::string(kCombined) + " 431 612", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// Apache, mod_log_config: %D, %T, %P at the end, by name
TEST(WebServers, ApachesFiguresAreTakenOnlyWhereTheyCanBeNothingElse) {
  expect_said({
      {"apache", std::string(kCombined) + " 812", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"apache", std::string(kCombined) + " 5000", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"apache", std::string(kCombined) + " 2", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"apache", std::string(kCombined) + " 43125", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"apache", std::string(kCombined) + " 143125",
       "502 error 143.125ms client 192.0.2.9 GET /cart?id=7 @1795255202.143"},
      {"apache", std::string(kCombined) + " 0.012", "502 error 12ms client 192.0.2.9 GET /cart?id=7 @1795255202.012"},
  });
}

// Apache, mod_log_config: letters
TEST(WebServers, ApachesLetters) {
  expect_said({
      {R"~(%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %{ms}T)~",
       R"~(shop.example:443 192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 503 12 "-" "curl/8" 17)~",
       "503 error 17ms client 192.0.2.9 GET / @1795255202.017"},
  });
}

// Apache, error log beside the requests
TEST(WebServers, ApachesErrorLogIsNoRequest) {
  expect_said({
      {"apache",
       "[Sat Nov 21 10:00:02.123456 2026] [core:error] [pid 35708:tid 43287] [client 192.0.2.9] File does not exist: "
       "/x",
       "other"},
  });
}

// Tomcat 9 and 10, AccessLogValve: %D is milliseconds in the one, microseconds in the other
TEST(WebServers, Tomcat) {
  expect_said({
      {"tomcat", std::string(kCombined) + " 40", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"tomcat", R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 40)~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
      {R"~(%h %l %u %t "%r" %s %b %{ms}T)~",
       R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 40)~",
       "200 answered 40ms client 192.0.2.9 GET / @1795255202.040"},
  });
}

// Apache, mod_log_config: %D is microseconds; Undertow, AccessLogHandler: milliseconds, which %{ms}T says (decision
// 0035)
TEST(WebServers, TheUnitOfAPatternIsTheOneThatItSays) {
  std::string line = R"~(192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 40)~";
  expect_said({
      {R"~(%h %l %u %t "%r" %s %b %D)~", line, "200 answered 0.04ms client 192.0.2.9 GET / @1795255202.000"},
      {R"~(%h %l %u %t "%r" %s %b %{ms}T)~", line, "200 answered 40ms client 192.0.2.9 GET / @1795255202.040"},
      {R"~(%h %l %u %t "%r" %s %b %T)~", line, "200 answered 40000ms client 192.0.2.9 GET / @1795255242.000"},
  });
}

// Jetty, CustomRequestLog: %D is microseconds since 9.4.15, and was milliseconds in NCSARequestLog's extension
TEST(WebServers, Jetty) {
  expect_said({
      {"jetty", std::string(kCombined) + " 40", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// morgan, README, :response-time: milliseconds with three decimals, and the unit is the next word
TEST(WebServers, TheUnitMayBeTheNextWord) {
  for (auto only : {"", "nginx", "apache"})
    expect_said({
        {only, std::string(kCombined) + " - 30.218 ms",
         only == std::string_view("apache") ? "502 error 30.218ms client 192.0.2.9 GET /cart?id=7 @1795255202.030"
                                            : "502 error 30.218ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
    });
  expect_said({{"", std::string(kCombined) + " 0.218 ms",
                "502 error 0.218ms client 192.0.2.9 GET /cart?id=7 @1795255202.000"}});
}

// RFC 6455, 4.2.2: what follows a 101 is no answer; nginx, Envoy and HAProxy log it when the tunnel ends
TEST(WebServers, ATunnelsLifeIsNoLatency) {
  expect_said({
      {"$remote_addr $status $request_time", "192.0.2.9 101 700.123", "101 answered client 192.0.2.9"},
      {"haproxy",
       R"~(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 0/0/30/69/1109 101 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "101 answered backend static server srv1 client 10.0.1.2 GET /x @1233922455.764"},
  });
}

// Tomcat and Jetty where nobody named them
TEST(WebServers, AWholeNumberOfNobodyIsNoLatency) {
  expect_said({
      {"", std::string(kCombined) + " 40", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
      {"", std::string(kCombined) + " 5000", "502 error client 192.0.2.9 GET /cart?id=7 @1795255202.000"},
  });
}

// lighttpd, accesslog.format: the host stands for the ident
TEST(WebServers, Lighttpd) {
  expect_said({
      {"", R"~(192.0.2.9 shop.example - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 "-" "curl/8")~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
  });
}

// werkzeug, WSGIRequestHandler: a blank in the date
TEST(WebServers, Werkzeug) {
  expect_said({
      {"", R"~(127.0.0.1 - - [21/Nov/2026 10:00:02] "GET / HTTP/1.1" 200 -)~",
       "200 answered client 127.0.0.1 GET / @1795255202.000"},
  });
}

// Django, runserver
TEST(WebServers, Django) {
  expect_said({
      {"", R"~([21/Nov/2026 10:00:02] "GET /x HTTP/1.1" 500 145)~", "500 error GET /x @1795255202.000"},
  });
}

// gunicorn, access_log_format
TEST(WebServers, Gunicorn) {
  expect_said({
      {"", R"~(127.0.0.1 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 145 "-" "curl/8")~",
       "200 answered client 127.0.0.1 GET /x @1795255202.000"},
  });
}

// nginx: a forwarded address before the client
TEST(WebServers, AForwardedAddressBeforeTheClient) {
  expect_said({
      {"",
       R"~("198.51.100.7, 192.0.2.1" 192.0.2.9 - - [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 12 "-" "curl/8")~",
       "200 answered client 192.0.2.9 GET / @1795255202.000"},
  });
}

// nginx, error log beside the requests
TEST(WebServers, NginxsErrorLogIsNoRequest) {
  expect_said({
      {"nginx",
       "2026/11/21 10:00:02 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream",
       "other"},
      {"nginx", "/docker-entrypoint.sh: Configuration complete; ready for start up", "other"},
  });
}

// Traefik, access logs: common
TEST(WebServers, Traefik) {
  expect_said({
      {"",
       R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 12 "-" "-" 5 "shop@docker" "http://10.1.0.3:80" 22ms)~",
       "200 answered 22ms backend shop@docker server 10.1.0.3:80 client 10.0.0.9 GET /x @1795255202.022"},
      {"",
       R"~(10.0.0.9 - ann [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 502 12 "-" "a "quoted" agent" 6 "shop@docker" "http://10.1.0.3:80" 1ms)~",
       "502 error 1ms backend shop@docker server 10.1.0.3:80 client 10.0.0.9 GET /x @1795255202.001"},
      {"",
       R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /ping HTTP/1.1" 200 2 - "curl/8" 7 "ping@internal" - 0ms)~",
       "200 unreached 0.5ms backend ping@internal client 10.0.0.9 GET /ping @1795255202.000"},
      {"", R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /none HTTP/1.1" 404 19 "-" "-" 8 "-" "-" 0ms)~",
       "404 unreached 0.5ms client 10.0.0.9 GET /none @1795255202.000"},
      {"",
       R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/2.0" 499 21 "-" "-" 9 "shop@docker" "http://10.1.0.3:80" 3021ms)~",
       "499 aborted 3021ms backend shop@docker server 10.1.0.3:80 client 10.0.0.9 GET /x @1795255205.021"},
      {"", R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/2.0" - - "-" "-" 9 "-" "-" 3021ms)~",
       "0 unreached 3021ms client 10.0.0.9 GET /x @1795255205.021"},
      {"",
       R"~(10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/2.0" 200 3 "-" "-" 9 "a@docker -> b@docker" "http://10.1.0.3:80" 42ms)~",
       "200 answered 42ms backend a@docker -> b@docker server 10.1.0.3:80 client 10.0.0.9 GET /x @1795255202.042"},
  });
}

// nginx, a field with blanks where none was expected is broken (nginxlog-exporter 74)
TEST(WebServers, FieldsThatShiftAreBroken) {
  expect_said({
      {R"~($remote_addr [$time_local] "$request" $status $sent_http_content_type $body_bytes_sent $request_time "$http_referer")~",
       R"~(192.0.2.9 [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 text/html 8737 0.012 "-")~",
       "200 answered 12ms client 192.0.2.9 GET / @1795255202.000"},
      {R"~($remote_addr [$time_local] "$request" $status $sent_http_content_type $body_bytes_sent $request_time "$http_referer")~",
       R"~(192.0.2.9 [21/Nov/2026:11:00:02 +0100] "GET / HTTP/1.1" 200 text/html; charset=utf-8 8737 0.012 "-")~",
       "broken"},
  });
}

// nginx, a field with blanks before the last quote
TEST(WebServers, FieldsThatShiftBeforeAQuoteAreBroken) {
  expect_said({
      {R"~("$request" $status $sent_http_content_type $request_time $upstream_cache_status "$http_referer")~",
       R"~("GET / HTTP/1.1" 200 text/html; charset=utf-8 0.012 8737 MISS "-")~", "broken"},
  });
}

// nginx, "log_format"; Apache, "LogFormat": in quotes of the configuration's own; gunicorn, "access_log_format"; Envoy,
// "Command Operators"
TEST(WebServers, PatternsAreTakenAsTheyStandInAConfiguration) {
  expect_said({
      {R"(%h %l %u %t \"%r\" %>s %b)", R"(192.0.2.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 12)",
       "200 answered client 192.0.2.9 GET /x @1795255202.000"},
      {R"(time:$time_iso8601\tstatus:$status\treq:\"$request\")",
       "time:2026-11-21T10:00:02Z\tstatus:502\treq:\"GET /x HTTP/1.1\"", "502 error GET /x @1795255202.000"},
      {R"(%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(D)s)",
       R"(192.0.2.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl/8" 4213)",
       "200 answered 4.213ms client 192.0.2.9 GET /x @1795255202.000"},
      {R"(%(t)s "%(m)s %(U)s" %(s)s %(M)s %({x-pod}o)s)", R"([21/Nov/2026:10:00:02 +0000] "GET /x" 503 42 p1)",
       "503 error 42ms GET /x @1795255202.000"},
  });
  auto envoy = Format::from("[%START_TIME%] %RESPONSE_CODE% %DURATION%");
  ASSERT_FALSE(envoy);
  EXPECT_TRUE(envoy.error().message.contains("`%START_TIME%` is Envoy's way to name a field"));
}

}  // namespace
}  // namespace davy::signals
