#include "signals/metrics/request_end.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using enum RequestEnd;

std::optional<RequestEnd> end_of(std::vector<Label> labels) {
  Sample s;
  s.name = "requests_total";
  s.labels = std::move(labels);
  return request_end(s);
}

TEST(RequestEnd, IsToldByTheNamesOfStatusThatExportersUse) {
  // Istio's and Envoy's documentation of metrics, HAProxy's exporter, ingress-nginx, Micrometer, OpenTelemetry.
  for (auto name : {"status", "code", "status_code", "statusCode", "http_status", "http_status_code", "response_code",
                    "http_response_code", "http_response_status_code", "envoy_response_code", "http.status_code"}) {
    EXPECT_EQ(end_of({{name, "503"}}), server_error) << name;
    EXPECT_EQ(end_of({{name, "404"}}), client_error) << name;
    EXPECT_EQ(end_of({{name, "302"}}), well) << name;
    EXPECT_EQ(end_of({{name, "5xx"}}), server_error) << name;
    EXPECT_EQ(end_of({{name, "2XX"}}), well) << name;
  }
}

TEST(RequestEnd, IsToldByClassesOfAStatus) {
  for (auto name : {"status_class", "response_code_class", "envoy_response_code_class", "code_class"}) {
    EXPECT_EQ(end_of({{name, "5"}}), server_error) << name;
    EXPECT_EQ(end_of({{name, "4xx"}}), client_error) << name;
    EXPECT_EQ(end_of({{name, "2"}}), well) << name;
  }
}

TEST(RequestEnd, IsToldByOutcomesAndResultsInWords) {
  EXPECT_EQ(end_of({{"outcome", "SERVER_ERROR"}}), server_error);
  EXPECT_EQ(end_of({{"outcome", "CLIENT_ERROR"}}), client_error);
  EXPECT_EQ(end_of({{"outcome", "SUCCESS"}}), well);
  EXPECT_EQ(end_of({{"outcome", "UNKNOWN"}}), std::nullopt);
  EXPECT_EQ(end_of({{"result", "failure"}}), server_error);
  EXPECT_EQ(end_of({{"status", "error"}}), server_error);
  EXPECT_EQ(end_of({{"status", "ok"}}), well);
}

TEST(RequestEnd, IsToldByGrpcsCodesInWordsAndNumbers) {
  EXPECT_EQ(end_of({{"grpc_code", "OK"}}), well);
  EXPECT_EQ(end_of({{"grpc_code", "Unavailable"}}), server_error);
  EXPECT_EQ(end_of({{"grpc_code", "DEADLINE_EXCEEDED"}}), server_error);
  EXPECT_EQ(end_of({{"grpc_code", "NotFound"}}), client_error);
  EXPECT_EQ(end_of({{"grpc_code", "Unknown"}}), server_error);
  EXPECT_EQ(end_of({{"grpc_code", "Canceled"}}), left);
  EXPECT_EQ(end_of({{"grpc_response_status", "0"}}), well);
  EXPECT_EQ(end_of({{"grpc_response_status", "14"}}), server_error);
  EXPECT_EQ(end_of({{"grpc_response_status", "17"}}), std::nullopt);
  EXPECT_EQ(end_of({{"response_code", "200"}, {"grpc_response_status", "14"}}), server_error);
  EXPECT_EQ(end_of({{"response_code", "200"}, {"grpc_response_status", "17"}}), std::nullopt);
  EXPECT_EQ(end_of({{"response_code", "503"}, {"grpc_response_status", "17"}}), server_error);
  EXPECT_EQ(end_of({{"response_code", "200"}, {"grpc_response_status", ""}}), well) << "Istio, of HTTP";
}

TEST(RequestEnd, IsToldByFlags) {
  EXPECT_EQ(end_of({{"error", "true"}}), server_error);
  EXPECT_EQ(end_of({{"error", "false"}}), well);
  EXPECT_EQ(end_of({{"success", "false"}}), server_error);
  EXPECT_EQ(end_of({{"status", "404"}, {"success", "false"}}), client_error) << "whose fault it was the status knows";
  EXPECT_EQ(end_of({{"status", "200"}, {"error", "true"}}), server_error);
}

TEST(RequestEnd, WhereNothingWasSentTheClientLeft) { EXPECT_EQ(end_of({{"response_code", "0"}}), left); }

TEST(RequestEnd, WhatSaysNothingOrSomethingUnknownIsNotSuccess) {
  EXPECT_EQ(end_of({}), std::nullopt);
  EXPECT_EQ(end_of({{"method", "GET"}, {"path", "/500"}}), std::nullopt);
  for (auto value : {"", "-", "700", "20", "unknown", "5", "ok?no"})
    EXPECT_EQ(end_of({{"status", value}}), std::nullopt) << value;
}

}  // namespace
}  // namespace davy::signals
