// Lines that services write themselves, as text, pairs and JSON, written from the loggers' manuals.
#include <gtest/gtest.h>

#include "signals/formats/lines_testing.h"

namespace davy::signals {
namespace {

// uvicorn: AccessFormatter
TEST(Services, Uvicorn) {
  expect_said({
      {"", R"~(INFO:     127.0.0.1:50604 - "GET /x HTTP/1.1" 200 OK)~", "200 answered client 127.0.0.1 GET /x"},
      {"", R"~(INFO:     203.0.113.9:0 - "POST /x HTTP/1.1" 500 Internal Server Error)~",
       "500 error client 203.0.113.9 POST /x"},
  });
}

// uvicorn: what it says beside
TEST(Services, WhatUvicornSaysBeside) {
  expect_said({
      {"uvicorn", "INFO:     Started server process [7]", "other"},
      {"uvicorn", "INFO:     Application startup complete.", "other"},
  });
}

// morgan, README: combined, common, dev, short, tiny
TEST(Services, Morgan) {
  expect_said({
      {"", R"~(::ffff:192.0.2.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 13 "-" "curl/8")~",
       "200 answered client ::ffff:192.0.2.9 GET /x @1795255202.000"},
      {"", "GET /x 200 5.123 ms - 13", "200 answered 5.123ms GET /x"},
      {"", "::1 - GET /x HTTP/1.1 200 13 - 5.123 ms", "200 answered 5.123ms client ::1 GET /x"},
      {"", "GET /x 500 13 - 5.123 ms", "500 error 5.123ms GET /x"},
      {"", "GET /x 304 - - 0.912 ms", "304 answered 0.912ms GET /x"},
  });
}

// morgan: the client went away before an answer
TEST(Services, MorganWithoutAnAnswer) {
  expect_said({
      {"morgan", "GET /x - - ms - -", "0 untold GET /x"},
  });
}

// morgan: what the service says beside
TEST(Services, WhatAServiceSaysBeside) {
  expect_said({
      {"morgan", "listening on port 3000", "other"},
  });
}

// lograge, README
TEST(Services, Lograge) {
  expect_said({
      {"",
       "method=GET path=/jobs/833552.json format=json controller=JobsController action=show status=200 duration=58.33 "
       "view=40.43 db=15.26",
       "200 answered 58.33ms GET /jobs/833552.json"},
      {"", "method=GET path=/ format=html controller=Shop action=index status=500 error='Boom' duration=5.00",
       "500 error 5ms GET /"},
      {"",
       "I, [2026-11-21T10:00:02.123456 #7]  INFO -- : method=GET path=/x format=html controller=Shop action=index "
       "status=302 duration=2.00 location=http://shop.example/",
       "302 answered 2ms GET /x @1795255202.123"},
  });
}

// logfmt, as go-kit and logrus write it
TEST(Services, Logfmt) {
  expect_said({
      {"", R"~(ts=2026-11-21T10:00:02.5Z level=info msg="request" method=GET path=/x status=200 duration=1.5ms)~",
       "200 answered 1.5ms GET /x @1795255202.500"},
      {"",
       R"~(time="2026-11-21T10:00:02Z" level=info msg="GET /x" method=GET path="/x y" status=503 latency=2.1s remote_ip=203.0.113.9)~",
       "503 error 2100ms client 203.0.113.9 GET /x y @1795255202.000"},
      {"", "ts=2026-11-21T10:00:02.5Z method=GET path=/x status=200 duration=15",
       "200 answered GET /x @1795255202.500"},
      {"", "ts=2026-11-21T10:00:02.5Z method=GET path=/x status=200 duration_ms=15",
       "200 answered 15ms GET /x @1795255202.500"},
  });
}

// logfmt: other messages, and a request without its status
TEST(Services, LogfmtWithoutAStatus) {
  expect_said({
      {"logfmt", R"~(ts=2026-11-21T10:00:02.5Z level=info msg="listening" addr=:80)~", "other"},
      {"logfmt", "ts=2026-11-21T10:00:02.5Z method=GET path=/x duration=1ms", "broken"},
      {"logfmt", R"~(ts=2026-11-21T10:00:02.5Z level=info status=ok msg="done")~", "other"},
  });
}

// logfmt with names of one's own
TEST(Services, LogfmtWithNamesOfOnesOwn) {
  expect_said({
      {"logfmt:status=code,latency=took:ms,server=pod", "at=2026 code=500 took=12 pod=p1 path=/x",
       "500 error 12ms server p1 /x"},
  });
}

// pino-http, README
TEST(Services, Pino) {
  expect_said({
      {"",
       R"~({"level":30,"time":1795255202345,"pid":7,"hostname":"a","req":{"id":1,"method":"GET","url":"/x","remoteAddress":"203.0.113.9"},"res":{"statusCode":200,"headers":{"x":"y"}},"responseTime":12,"msg":"request completed"})~",
       "200 answered 12ms client 203.0.113.9 GET /x @1795255202.345"},
      {"",
       R"~({"level":30,"time":1795255202345,"pid":7,"hostname":"a","req":{"id":1,"method":"GET","url":"/x","remoteAddress":"203.0.113.9"},"res":{"statusCode":500,"headers":{"x":"y"}},"responseTime":12,"msg":"request completed"})~",
       "500 error 12ms client 203.0.113.9 GET /x @1795255202.345"},
  });
}

// pino: other messages
TEST(Services, WhatPinoSaysBeside) {
  expect_said({
      {"json", R"~({"level":30,"time":1795255202345,"pid":7,"hostname":"a","msg":"listening on 3000"})~", "other"},
  });
}

// Elastic Common Schema
TEST(Services, Ecs) {
  expect_said({
      {"",
       R"~({"@timestamp":"2026-11-21T10:00:02.345Z","event":{"duration":12000000,"outcome":"success"},"http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/x"},"client":{"ip":"203.0.113.9"},"message":"GET /x"})~",
       "200 answered 12ms client 203.0.113.9 GET /x @1795255202.345"},
      {"",
       R"~({"@timestamp":"2026-11-21T10:00:02.345Z","event.duration":12000000,"http.request.method":"GET","http.response.status_code":503,"url.path":"/x","source.ip":"203.0.113.9"})~",
       "503 error 12ms client 203.0.113.9 GET /x @1795255202.345"},
  });
}

// Google Cloud, LogEntry and HttpRequest
TEST(Services, GoogleCloud) {
  expect_said({
      {"",
       R"~({"httpRequest":{"latency":"0.048512s","remoteIp":"203.0.113.9","requestMethod":"GET","requestUrl":"https://shop.example/x?a=b","serverIp":"10.0.0.2","status":200,"responseSize":"3779"},"severity":"INFO","timestamp":"2026-11-21T10:00:02.345678Z"})~",
       "200 answered 48.512ms server 10.0.0.2 client 203.0.113.9 GET /x?a=b @1795255202.346"},
      {"",
       R"~({"httpRequest":{"latency":"0.048512s","remoteIp":"203.0.113.9","requestMethod":"GET","requestUrl":"https://shop.example/x?a=b","status":502,"responseSize":"3779"},"severity":"INFO","timestamp":"2026-11-21T10:00:02.345678Z"})~",
       "502 error 48.512ms client 203.0.113.9 GET /x?a=b @1795255202.346"},
  });
}

// Kong, HTTP Log plugin
TEST(Services, Kong) {
  expect_said({
      {"",
       R"~({"latencies":{"request":515,"kong":58,"proxy":457},"service":{"name":"shop","host":"a"},"request":{"method":"GET","uri":"/x","headers":{"host":"shop.example"}},"client_ip":"203.0.113.9","response":{"status":200,"size":434},"tries":[{"ip":"10.0.0.1","port":80}],"started_at":1795255202345})~",
       "200 answered 515ms backend shop client 203.0.113.9 GET /x @1795255202.860"},
      {"",
       R"~({"latencies":{"request":515,"kong":58,"proxy":457},"service":{"name":"shop","host":"a"},"request":{"method":"GET","uri":"/x","headers":{"host":"shop.example"}},"client_ip":"203.0.113.9","response":{"status":500,"size":434},"tries":[{"ip":"10.0.0.1","port":80}],"started_at":1795255202345})~",
       "500 error 515ms backend shop client 203.0.113.9 GET /x @1795255202.860"},
  });
}

// Cloudflare, Logpush: HTTP requests
TEST(Services, Cloudflare) {
  expect_said({
      {"",
       R"~({"ClientIP":"203.0.113.9","ClientRequestHost":"shop.example","ClientRequestMethod":"GET","ClientRequestURI":"/x","EdgeEndTimestamp":"2026-11-21T10:00:02Z","EdgeResponseStatus":200,"EdgeTimeToFirstByteMs":42,"OriginIP":"10.0.0.1","RayID":"3a6050bcbe121a87"})~",
       "200 answered 42ms server 10.0.0.1 client 203.0.113.9 GET /x @1795255202.000"},
      {"",
       R"~({"ClientIP":"203.0.113.9","ClientRequestHost":"shop.example","ClientRequestMethod":"GET","ClientRequestURI":"/x","EdgeEndTimestamp":"2026-11-21T10:00:02Z","EdgeResponseStatus":522,"EdgeTimeToFirstByteMs":42,"OriginIP":"","RayID":"3a6050bcbe121a87"})~",
       "522 error 42ms client 203.0.113.9 GET /x @1795255202.000"},
      {"",
       R"~({"ClientIP":"203.0.113.9","ClientRequestHost":"shop.example","ClientRequestMethod":"GET","ClientRequestURI":"/x","EdgeEndTimestamp":1795255202345000000,"EdgeResponseStatus":200,"EdgeTimeToFirstByteMs":42,"OriginIP":"10.0.0.1","RayID":"3a6050bcbe121a87"})~",
       "200 answered 42ms server 10.0.0.1 client 203.0.113.9 GET /x @1795255202.345"},
  });
}

// Amazon API Gateway, $context variables
TEST(Services, ApiGateway) {
  expect_said({
      {"",
       R"~({"requestId":"c6af9ac6","ip":"203.0.113.9","requestTime":"21/Nov/2026:10:00:02 +0000","httpMethod":"GET","routeKey":"GET /x","status":"200","protocol":"HTTP/1.1","responseLength":"12","responseLatency":"15"})~",
       "200 answered 15ms client 203.0.113.9 GET /x @1795255202.015"},
      {"",
       R"~({"requestId":"c6af9ac6","ip":"203.0.113.9","requestTime":"21/Nov/2026:10:00:02 +0000","httpMethod":"GET","routeKey":"GET /x","status":"504","protocol":"HTTP/1.1","responseLength":"12","responseLatency":"15"})~",
       "504 error 15ms client 203.0.113.9 GET /x @1795255202.015"},
  });
}

// nginx, log_format escape=json, without an upstream
TEST(Services, JsonThatNamesNoUpstreamIsOfSomebodyWhoHasNone) {
  expect_said({
      {"",
       R"~({"time":"2026-11-21T10:00:02+00:00","remote_addr":"203.0.113.9","request":"GET /x HTTP/1.1","status":500,"request_time":0.012})~",
       "500 error 12ms client 203.0.113.9 GET /x @1795255202.000"},
      {"",
       R"~({"time":"2026-11-21T10:00:02+00:00","remote_addr":"203.0.113.9","request":"GET /x HTTP/1.1","status":500,"request_time":0.012,"upstream_addr":""})~",
       "500 unreached 12ms client 203.0.113.9 GET /x @1795255202.000"},
      {"",
       R"~({"time":"2026-11-21T10:00:02+00:00","remote_addr":"203.0.113.9","request":"GET /x HTTP/1.1","status":500,"request_time":0.012,"upstream_addr":"10.0.0.1:80"})~",
       "500 error 12ms server 10.0.0.1:80 client 203.0.113.9 GET /x @1795255202.000"},
  });
}

// a latency without a unit is none
TEST(Services, ALatencyWithoutAUnitIsNone) {
  expect_said({
      {"", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","status":200,"duration":1500000})~",
       "200 answered GET /x @1795255202.000"},
      {"", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","status":200,"latency":0.9})~",
       "200 answered GET /x @1795255202.000"},
      {"", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","status":200,"latency":"1.5ms"})~",
       "200 answered 1.5ms GET /x @1795255202.000"},
      {"", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","status":200,"duration_ms":1.5})~",
       "200 answered 1.5ms GET /x @1795255202.000"},
  });
}

// What stands behind a name is that field, whatever it is: one that cannot be read says nothing, and the next may.
TEST(Services, AFieldThatCannotBeReadCostsItsOwnFactAndNotTheLine) {
  constexpr auto kLine = R"({{"time":"2026-11-21T10:00:02Z","status":200,"duration":{}}})";
  for (auto latency : {R"("35 ms")", R"("PT0.035S")", R"("00:00:00.035")", R"("-35ms")", R"("99999999999999999999ms")"})
    EXPECT_EQ(said_of("json", fmt::format(kLine, latency)), "200 answered @1795255202.000") << latency;
  expect_said({
      {"json", R"({"time":"Sat, 28 Nov 2026 09:00:00 GMT","status":500,"duration":"35ms"})", "500 error 35ms"},
      {"json", R"({"timestamp":"2026-11-21T10:00:02Z","time":0.0391,"status":200})", "200 answered @1795255202.000"},
      {"json", R"({"status":200.0})", "200 answered"},
      {"json", R"({"status":"ok?"})", "other"},
      {"json", "\xef\xbb\xbf{\"status\":500}", "500 error"},
      {"logfmt", "ts=noon method=GET status=500 duration=PT1S", "500 error GET"},
      {"$status $milliseconds", "200 text/html", "broken"},
  });
}

// hapi and Koa write the method in small letters.
TEST(Services, AMethodMayBeWrittenInSmallLetters) {
  expect_said({{"", R"({"method":"get","path":"/x","statusCode":200})", "200 answered get /x"}});
}

// JSON that tells of a request but not of its status
TEST(Services, ARequestWithoutAStatusIsBroken) {
  expect_said({
      {"json", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","duration_ms":1.5})~", "broken"},
      {"json", R"~({"time":"2026-11-21T10:00:02Z","method":"GET","path":"/x","status":null})~",
       "0 untold GET /x @1795255202.000"},
  });
}

// Caddy, log format json
TEST(Services, Caddy) {
  expect_said({
      {"",
       R"~({"level":"info","ts":1795225844.25,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","method":"GET","host":"shop.example","uri":"/x"},"duration":0.0012,"size":12,"status":503,"resp_headers":{}})~",
       "503 error 1.2ms client 203.0.113.9 GET /x @1795225844.250"},
      {"",
       R"~({"level":"info","ts":"2026/11/21 10:00:02","logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","method":"GET","host":"shop.example","uri":"/x"},"duration":"1.2ms","size":12,"status":503,"resp_headers":{}})~",
       "503 error 1.2ms client 203.0.113.9 GET /x @1795255202.000"},
  });
}

// Caddy: its own messages
TEST(Services, WhatCaddySaysBeside) {
  expect_said({
      {"json:caddy",
       R"~({"level":"info","ts":1795225844.25,"logger":"admin","msg":"admin endpoint started","address":"localhost:2019"})~",
       "other"},
  });
}

// Envoy, GRPC_STATUS; google/rpc/code.proto has the numbers and what they are in HTTP
TEST(Services, ErrorsOfGrpcComeInsideA200) {
  auto line = [](std::string_view grpc, int status = 200) {
    return fmt::format(R"({{"start_time":"2026-11-21T10:00:00.500Z","response_code":{},"grpc_status":{}}})", status,
                       grpc);
  };
  auto outcome = [&](std::string_view grpc, int status = 200) {
    auto said = said_of("json:envoy", line(grpc, status));
    return said.substr(0, said.find(" @"));
  };
  EXPECT_EQ(outcome("0"), "200 answered");
  EXPECT_EQ(outcome("\"OK\""), "200 answered");
  EXPECT_EQ(outcome("null"), "200 answered");
  EXPECT_EQ(outcome("14"), "503 error");
  EXPECT_EQ(outcome("\"Unavailable\""), "503 error");
  EXPECT_EQ(outcome("\"DEADLINE_EXCEEDED\""), "504 error");
  EXPECT_EQ(outcome("5"), "404 answered");
  EXPECT_EQ(outcome("8"), "429 answered");
  EXPECT_EQ(outcome("1"), "499 aborted");
  EXPECT_EQ(outcome("99"), "200 untold");
  EXPECT_EQ(outcome("\"who knows\""), "200 untold");
  EXPECT_EQ(outcome("\"StatusCode.UNAVAILABLE\""), "503 error") << "Python";
  EXPECT_EQ(outcome("\"Code(14)\""), "503 error") << "Go, of a number without a name";
  EXPECT_EQ(outcome("\"14 UNAVAILABLE\""), "503 error");
  EXPECT_EQ(outcome("\"UNAVAILABLE: connect refused\""), "503 error");
  EXPECT_EQ(outcome("\"StatusCode.OK\""), "200 answered");
  EXPECT_EQ(outcome("0", 503), "503 error") << "nobody answered";
  expect_said({{"json:status=code,grpc=grpc.code", R"({"grpc.code":"Internal"})", "500 error"},
               {"$status $sent_trailer_grpc_status", "200 13", "500 error"},
               {"$status $sent_trailer_grpc_status", "200 -", "200 answered"}});
}

TEST(Services, AnErrorOfTheServicesOwnIsWhatThePlanNames) {
  expect_said({{"json:failed=error.code", R"({"status":200,"error":{"code":"out_of_stock"}})", "200 error"},
               {"json:failed=error.code", R"({"status":200,"error":{"code":""}})", "200 answered"},
               {"json:failed=error.code", R"({"status":200})", "200 answered"},
               {"json:failed=failed", R"({"status":200,"failed":false})", "200 answered"},
               {"json:failed=failed", R"({"status":200,"failed":true})", "200 error"},
               {"json:failed=failed", R"({"status":499,"failed":true})", "499 aborted"},
               {"$status $failed", "200 card_refused", "200 error"}});
}

// GraphQL, 7.1 "Response Format"; pino's err; what fmt of Go, str of Python and others make of nothing
TEST(Services, AnErrorIsWhateverIsThereAndNothingHasManyNames) {
  expect_said({{"json:failed=errors", R"({"status":200,"errors":[{"message":"x"}]})", "200 error"},
               {"json:failed=errors", R"({"status":200,"errors":[ ]})", "200 answered"},
               {"json:failed=errors", R"({"status":200,"errors":null})", "200 answered"},
               {"json:failed=err", R"({"status":200,"err":{"type":"Error","message":"x"}})", "200 error"},
               {"json:failed=err", R"({"status":200,"err":{}})", "200 answered"},
               {"json:failed=err,method=err.m", R"({"status":200,"err":{"m":"GET"}})", "200 error GET"}});
  for (auto nothing : {"<nil>", "nil", "None", "False", "no", "-", "Success", "NO_ERROR", "NULL", "undefined"})
    expect_said({{"logfmt:failed=err", fmt::format("status=200 err={}", nothing), "200 answered"}});
  expect_said({{"logfmt:failed=err", "status=200 err=timeout", "200 error"}});
}

// nginx writes 000 and CloudFront "000" where the viewer closed the connection first
TEST(Services, AStatusThatIsNotSaidIsNoSuccess) {
  expect_said(
      {{"json:release=version", R"({"status":0,"version":"v2"})", "0 untold"},
       {"json:release=version", R"({"status":"-","version":"v2"})", "0 untold"},
       {"json", R"({"status":null,"method":"GET"})", "0 untold GET"},
       {"json:pino", R"({"req":{"method":"GET"},"res":{"statusCode":null},"responseTime":9})", "0 aborted 9ms GET"},
       {"$remote_addr $status", "192.0.2.9 -", "0 untold client 192.0.2.9"},
       {"$remote_addr $status", "192.0.2.9 000", "0 aborted client 192.0.2.9"},
       {"$remote_addr $status $upstream_addr", "192.0.2.9 000 -", "0 unreached client 192.0.2.9"}});
}

// Decision 0035
TEST(Services, AStatusAloneIsARequestAndAMethodAloneSaysNothingOfItsEnd) {
  expect_said({
      {"json", R"({"level":"info","status":503,"duration_ms":12})", "503 error 12ms"},
      {"json", R"({"level":"info","method":"GET","path":"/x","duration_ms":12})", "broken"},
      {"", R"({"level":"info","method":"GET","path":"/x","duration_ms":12})", "refused"},
      {"", R"({"level":"info","msg":"done","duration_ms":12})", "refused"},
      {"json", R"({"level":"info","msg":"done","duration_ms":12})", "other"},
  });
}

// Envoy, JSON: null is no upstream
TEST(Services, EnvoysNullIsNoUpstream) {
  expect_said({
      {"",
       R"~({"start_time":"2026-11-21T10:00:02.310Z","method":"GET","path":"/x","response_code":503,"response_flags":"UH","duration":0,"upstream_host":null})~",
       "503 unserved 0.5ms GET /x @1795255202.311"},
  });
}

// lograge as JSON
TEST(Services, LogrageAsJson) {
  expect_said({
      {"",
       R"~({"method":"GET","path":"/x","format":"html","controller":"Shop","action":"index","status":200,"duration":58.33,"view":40.4})~",
       "200 answered 58.33ms GET /x"},
  });
}

}  // namespace
}  // namespace davy::signals
