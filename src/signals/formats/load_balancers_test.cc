// Lines of proxies and load balancers, written from their manuals.
#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {

// Envoy, access logging: default format
TEST(LoadBalancers, Envoy) {
  expect_said({
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 200 - 0 135 35 34 "203.0.113.9" "curl/8" "b1" "shop.example" "10.1.0.3:8080")~",
       "200 answered 35ms server 10.1.0.3:8080 client 203.0.113.9 GET /x @1795255202.345"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 503 UH 0 135 0 - "203.0.113.9" "curl/8" "b1" "shop.example" "-")~",
       "503 unserved 0.5ms client 203.0.113.9 GET /x @1795255202.311"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 0 DC 0 135 35 34 "203.0.113.9" "curl/8" "b1" "shop.example" "10.1.0.3:8080")~",
       "0 aborted 35ms server 10.1.0.3:8080 client 203.0.113.9 GET /x @1795255202.345"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 503 UC 0 135 35 34 "203.0.113.9" "curl/8" "b1" "shop.example" "10.1.0.3:8080")~",
       "503 error 35ms server 10.1.0.3:8080 client 203.0.113.9 GET /x @1795255202.345"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 504 UT 0 135 35 34 "203.0.113.9" "curl/8" "b1" "shop.example" "10.1.0.3:8080")~",
       "504 error 35ms server 10.1.0.3:8080 client 203.0.113.9 GET /x @1795255202.345"},
  });
}

// Istio, Envoy access logs: default format
TEST(LoadBalancers, Istio) {
  expect_said({
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 418 - via_upstream - "-" 0 135 4 4 "-" "curl/8" "b1" "shop:8000" "10.44.1.27:80" outbound|8000||shop.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default)~",
       "418 answered 4ms server 10.44.1.27:80 GET /x @1795255202.314"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure} - "-" 0 135 4 4 "-" "curl/8" "b1" "shop:8000" "10.44.1.27:80" outbound|8000||shop.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default)~",
       "503 error 4ms server 10.44.1.27:80 GET /x @1795255202.314"},
      {"",
       R"~([2026-11-21T10:00:02.310Z] "GET /x HTTP/1.1" 503 NR route_not_found - "-" 0 135 4 4 "-" "curl/8" "b1" "shop:8000" "-" outbound|8000||shop.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default)~",
       "503 unreached 4ms GET /x @1795255202.314"},
  });
}

// AWS, access logs for Application Load Balancers
TEST(LoadBalancers, Alb) {
  expect_said({
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "200 answered 48ms server 10.0.0.1:80 client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.086 -1 -1 504 - 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "504 error server 10.0.0.1:80 client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 - -1 -1 -1 503 - 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "503 unreached client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 -1 -1 -1 460 - 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "460 aborted server 10.0.0.1:80 client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 - 0.086 0.048 0.037 200 200 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "200 answered 48ms client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(https 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 203.0.113.9:2817 10.0.0.1:80 0.086 0.048 0.037 502 502 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "502 error 48ms server 10.0.0.1:80 client 203.0.113.9 GET /x?a=b @1795255202.946"},
      {"",
       R"~(h2 2026-11-21T10:00:02.945958Z app/shop/50dc6c495c0c9188 [2001:db8::7]:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://shop.example:443/x?a=b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:x "Root=1-58337262" "shop.example" "arn:aws:acm:y" 1 2026-11-21T10:00:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")~",
       "200 answered 48ms server 10.0.0.1:80 client 2001:db8::7 GET /x?a=b @1795255202.946"},
  });
}

// AWS, access logs for Classic Load Balancers
TEST(LoadBalancers, Elb) {
  expect_said({
      {"",
       R"~(2026-11-21T10:00:02.945958Z my-elb 203.0.113.9:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://shop.example:80/x HTTP/1.1" "curl/7.38.0" - -)~",
       "200 answered 1.048ms server 10.0.0.1:80 client 203.0.113.9 GET /x @1795255202.947"},
      {"",
       R"~(2026-11-21T10:00:02.945958Z my-elb 203.0.113.9:2817 - -1 -1 -1 503 0 0 29 "GET http://shop.example:80/x HTTP/1.1" "curl/7.38.0" - -)~",
       "503 unreached client 203.0.113.9 GET /x @1795255202.946"},
      {"",
       R"~(2026-11-21T10:00:02.945958Z my-elb 203.0.113.9:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://shop.example:80/x HTTP/1.1")~",
       "200 answered 1.048ms server 10.0.0.1:80 client 203.0.113.9 GET /x @1795255202.947"},
      {"",
       R"~(2026-11-21T10:00:02.945958Z my-elb 203.0.113.9:2817 10.0.0.1:80 0.000073 -1 0.000057 504 0 0 29 "GET http://shop.example:80/x HTTP/1.1" "curl/7.38.0" - -)~",
       "504 error server 10.0.0.1:80 client 203.0.113.9 GET /x @1795255202.946"},
  });
}

// AWS, S3 server access log format
TEST(LoadBalancers, S3) {
  expect_said({
      {"",
       R"~(79a59df900b949e5 shop [21/Nov/2026:10:00:02 +0000] 203.0.113.9 arn:aws:iam::1:user/a 3E57427F REST.GET.OBJECT a.jpg "GET /shop/a.jpg HTTP/1.1" 200 - 2662992 3462992 70 10 "-" "S3Console/0.4" - h= SigV4 ECDHE AuthHeader shop.s3 TLSv1.2 - -)~",
       "200 answered 70ms client 203.0.113.9 GET /shop/a.jpg @1795255202.070"},
      {"",
       R"~(79a59df900b949e5 shop [21/Nov/2026:10:00:02 +0000] 203.0.113.9 - 3E57427F REST.GET.OBJECT a.jpg "GET /shop/a.jpg HTTP/1.1" 503 SlowDown 297 - 5 - "-" "S3Console/0.4" - h= SigV4 ECDHE AuthHeader shop.s3 TLSv1.2 - -)~",
       "503 error 5ms client 203.0.113.9 GET /shop/a.jpg @1795255202.005"},
  });
}

// AWS, CloudFront standard logs: date and time in two fields
TEST(LoadBalancers, CloudFront) {
  expect_said({
      {"",
       "2026-11-21\t10:00:02\tLAX1\t2390282\t203.0.113.9\tGET\td111.cloudfront.net\t/x.html\t200\t-\tMozilla/"
       "5.0%20(X11)\t-\t-\tHit\tSOX4xwn4XV6Q4r==\td111.cloudfront.net\thttp\t23\t0.012\t-\t-\t-\tHit\tHTTP/1.1",
       "200 answered 12ms client 203.0.113.9 GET /x.html @1795255202.000"},
      {"",
       "2026-11-21\t10:00:02\tLAX1\t2390282\t203.0.113.9\tGET\td111.cloudfront.net\t/x.html\t502\t-\tMozilla/"
       "5.0%20(X11)\t-\t-\tHit\tSOX4xwn4XV6Q4r==\td111.cloudfront.net\thttp\t23\t0.012\t-\t-\t-\tHit\tHTTP/1.1",
       "502 error 12ms client 203.0.113.9 GET /x.html @1795255202.000"},
      {"",
       "2026-11-21\t10:00:02\tLAX1\t2390282\t203.0.113.9\tGET\td111.cloudfront.net\t/x.html\t000\t-\tMozilla/"
       "5.0%20(X11)\t-\t-\tHit\tSOX4xwn4XV6Q4r==\td111.cloudfront.net\thttp\t23\t0.012\t-\t-\t-\tHit\tHTTP/1.1",
       "0 aborted 12ms client 203.0.113.9 GET /x.html @1795255202.000"},
  });
}

// AWS, CloudFront standard logs: directives
TEST(LoadBalancers, DirectivesAreNoRequests) {
  expect_said({
      {"cloudfront", "#Version: 1.0", "other"},
      {"cloudfront",
       "2026-11-21\t10:00:02\tLAX1\t2390282\t203.0.113.9\tGET\td111.cloudfront.net\t/x.html\t200\t-\tMozilla/"
       "5.0%20(X11)\t-\t-\tHit\tSOX4xwn4XV6Q4r==\td111.cloudfront.net\thttp\t23\t0.012\t-\t-\t-\tHit\tHTTP/1.1",
       "200 answered 12ms client 203.0.113.9 GET /x.html @1795255202.000"},
  });
}

// IIS, W3C: the fields that are logged by default
TEST(LoadBalancers, Iis) {
  expect_said({
      {"iis", "2026-11-21 10:00:02 10.0.0.1 GET /x - 443 - 203.0.113.9 Mozilla/5.0+(X11) - 200 0 0 15",
       "200 answered 15ms client 203.0.113.9 GET /x @1795255202.000"},
      {"iis",
       R"~(2026-11-21 10:00:02 10.0.0.1 GET /x a=b 443 CORP\ann 203.0.113.9 Mozilla/5.0+(X11) https://shop.example/ 500 19 5 312)~",
       "500 error 312ms client 203.0.113.9 GET /x @1795255202.000"},
      {"iis", "#Software: Microsoft Internet Information Services 10.0", "other"},
      {"iis", "2026-11-21 10:00:02 10.0.0.1 GET /x", "broken"},
  });
}

// Squid, native access.log format
TEST(LoadBalancers, Squid) {
  expect_said({
      {"squid",
       "1795255202.345    310 192.0.2.9 TCP_MISS/200 894 GET http://shop.example/x - HIER_DIRECT/10.0.0.1 text/html",
       "200 answered 310ms server 10.0.0.1 client 192.0.2.9 GET /x @1795255202.345"},
      {"squid", "1795255202.345 123456 192.0.2.9 TCP_TUNNEL/200 894 CONNECT shop.example:443 - HIER_DIRECT/10.0.0.1 -",
       "200 answered 123456ms server 10.0.0.1 client 192.0.2.9 CONNECT shop.example:443 @1795255202.345"},
      {"squid", "1795255202.345      0 192.0.2.9 NONE/400 894 GET error:invalid-request - HIER_NONE/- text/html",
       "400 answered 0.5ms client 192.0.2.9 GET error:invalid-request @1795255202.345"},
      {"squid",
       "1795255202.345      5 192.0.2.9 TCP_MISS/503 894 GET http://shop.example/x ann FIRSTUP_PARENT/10.0.0.1 "
       "text/html",
       "503 error 5ms server 10.0.0.1 client 192.0.2.9 GET /x @1795255202.345"},
  });
}

// Heroku, HTTP routing: router logs
TEST(LoadBalancers, Heroku) {
  expect_said({
      {"",
       R"~(2026-11-21T10:00:02.123456+00:00 heroku[router]: at=info method=GET path="/x?a=b" host=shop.example request_id=8601 fwd="203.0.113.9" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=https)~",
       "200 answered 18ms server web.1 client 203.0.113.9 GET /x?a=b @1795255202.123"},
      {"",
       R"~(2026-11-21T10:00:02.123456+00:00 heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/x" host=shop.example request_id=8601 fwd="203.0.113.9" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0 protocol=https)~",
       "503 error 30000ms server web.1 client 203.0.113.9 GET /x @1795255202.123"},
      {"",
       R"~(2026-11-21T10:00:02.123456+00:00 heroku[router]: at=error code=H10 desc="App crashed" method=GET path="/x" host=shop.example request_id=8601 fwd="203.0.113.9" dyno= connect= service= status=503 bytes= protocol=https)~",
       "503 error client 203.0.113.9 GET /x @1795255202.123"},
      {"",
       R"~(2026-11-21T10:00:02.123456+00:00 heroku[router]: at=info method=POST path="/x" host=a fwd="203.0.113.9, 10.0.0.1" dyno=web.2 connect=0ms service=7ms status=499 bytes=0)~",
       "499 aborted 7ms server web.2 client 203.0.113.9 POST /x @1795255202.123"},
  });
}

// Heroku: what others say into the same drain
TEST(LoadBalancers, WhatIsNotOfHerokusRouter) {
  expect_said({
      {"heroku", "2026-11-21T10:00:02.123456+00:00 heroku[web.1]: State changed from starting to up", "other"},
      {"heroku", "2026-11-21T10:00:02.123456+00:00 app[web.1]: listening on 3000", "other"},
  });
}

// Nginx Proxy Manager, log_format proxy and standard
TEST(LoadBalancers, NginxProxyManagerLogFormatProxyAndStandard) {
  expect_said({
      {"",
       R"~([21/Nov/2026:10:00:02 +0000] - 502 502 - GET https shop.example "/x" [Client 203.0.113.9] [Length 150] [Gzip -] [Sent-to 10.0.0.7] "curl/8" "-")~",
       "502 error server 10.0.0.7 client 203.0.113.9 GET /x @1795255202.000"},
      {"",
       R"~([21/Nov/2026:10:00:02 +0000] 404 - GET https shop.example "/x" [Client 203.0.113.9] [Length 150] [Gzip -] "curl/8" "-")~",
       "404 answered client 203.0.113.9 GET /x @1795255202.000"},
      {"npm",
       R"~([21/Nov/2026:10:00:02 +0000] - 502, 200 200 - GET https shop.example "/x" [Client 203.0.113.9] [Length 19] [Gzip -] [Sent-to 10.0.0.5] "curl/8" "-")~",
       "200 answered server 10.0.0.5 client 203.0.113.9 GET /x @1795255202.000"},
      // NPMplus, another order: a request that is not read is broken, never passed over.
      {"npm", R"~([21/Nov/2026:10:00:02 +0000] shop.example 203.0.113.9 0.227 "GET /x HTTP/2.0" 207 125 440 - curl/8)~",
       "broken"},
  });
}

}  // namespace
}  // namespace davy::signals
