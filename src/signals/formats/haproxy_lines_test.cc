// Lines of HAProxy's log, written from its Configuration Manual (2.6), section 8.
#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {

// HAProxy 2.6, 8.2.3 HTTP log format
TEST(HaproxyLines, ClientsOfEveryKind) {
  expect_said({
      {"",
       R"~(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"",
       R"~(unix:1 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client unix GET /x @1233922454.764"},
      {"",
       R"~(-:- [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 GET /x @1233922454.764"},
      {"",
       R"~([2001:db8::7]:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 2001:db8::7 GET /x @1233922454.764"},
      {"",
       R"~(2001:db8::7:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 2001:db8::7 GET /x @1233922454.764"},
      {"",
       R"~(::ffff:192.0.2.9:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client ::ffff:192.0.2.9 GET /x @1233922454.764"},
  });
}

// HAProxy 2.6, 8.2.3: a log-tag, and headers of syslog
TEST(HaproxyLines, WhateverStandsBefore) {
  expect_said({
      {"haproxy",
       R"~(<134>Nov 21 01:56:58 hapee-lb[123]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(<134>Nov 21 01:56:58 host lb: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(Nov 21 01:56:58 host haproxy: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(2026-11-21T01:56:58.123+00:00 host haproxy[9]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~( 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(lb-1  | 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(2026-11-21T01:56:58.123456789Z stdout F 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(<134>1 2026-11-21T01:56:58.1Z host lb 123 - [x@1 a="b"] 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 answered 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
  });
}

// HAProxy 2.6, 8.2.5 Error log format
TEST(HaproxyLines, ErrorsOfConnectionsAreOther) {
  expect_said({
      {"haproxy", "192.0.2.9:56059 [03/Dec/2012:17:35:10.380] frt/f1: Connection error during SSL handshake", "other"},
      {"haproxy", "192.0.2.9:56059 [03/Dec/2012:17:35:10.380] frt/f1: SSL handshake failure", "other"},
      {"haproxy", "192.0.2.9:56059 [03/Dec/2012:17:35:10.380] frt/f1: Timeout during SSL handshake", "other"},
      {"haproxy", "unix:1 [03/Dec/2012:17:35:10.380] frt/f1: Connection closed while waiting for PROXY protocol header",
       "other"},
      {"haproxy",
       "<134>Dec  3 17:35:10 lb[7]: 192.0.2.9:56059 [03/Dec/2012:17:35:10.380] frt/f1: SSL handshake failure", "other"},
  });
}

// HAProxy 2.6, 8.2.2 TCP log format
TEST(HaproxyLines, ConnectionsAreOther) {
  expect_said({
      {"haproxy", "192.0.2.9:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0", "other"},
      {"haproxy", "192.0.2.9:33313 [06/Feb/2009:12:12:51.443] fnt bck/<NOSRV> 0/0/5007 212 SC 0/0/0/0/3 0/0", "other"},
      {"haproxy", "192.0.2.9:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/+5007 212 -- 0/0/0/0/3 0/0", "other"},
      {"haproxy",
       "<134>Feb  6 12:12:51 haproxy[14387]: 192.0.2.9:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- "
       "0/0/0/0/3 0/0",
       "other"},
  });
}

// HAProxy: a line that lost its end is broken
TEST(HaproxyLines, ALineThatLostItsEndIsBroken) {
  expect_said({
      {"haproxy", "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/sr", "broken"},
      {"haproxy", "10.0.1.2:33317 [06/F", "broken"},
      {"haproxy", "<134>Nov 21 01:56:58 lb[1]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30",
       "broken"},
      {"haproxy", "192.0.2.9:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/", "broken"},
  });
}

// HAProxy 2.6, 8.5: states of sessions
TEST(HaproxyLines, StatesOfSessions) {
  expect_said({
      {"haproxy",
       R"~(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 503 2750 - - SC-- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "503 error 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - CD-- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "200 aborted 99ms backend static server srv1 client 10.0.1.2 GET /x @1233922454.764"},
      {"haproxy",
       R"~(10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/<NOSRV> 0/-1/-1/-1/0 503 2750 - - SC-- 1/1/1/1/0 0/0 "GET /x HTTP/1.1")~",
       "503 unserved 0.5ms backend static server <NOSRV> client 10.0.1.2 GET /x @1233922454.655"},
      {"haproxy",
       R"~(192.0.2.9:1 [06/Feb/2009:12:14:14.655] http-in http-in/<NOSRV> -1/-1/-1/-1/3 400 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>")~",
       R"~(400 unreached 3ms backend http-in server <NOSRV> client 192.0.2.9 <BADREQ>" @1233922454.658)~"},
  });
}

}  // namespace
}  // namespace davy::signals
