#include "signals/metrics/request_end.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace davy::signals {
namespace {

using enum RequestEnd;
using End = std::optional<RequestEnd>;

// Names without case and punctuation: statusCode, status_code and http.status-code are told apart by nobody.
std::string plain(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

template <class T>
bool is_one_of(std::string_view name, const T& names) {
  return std::ranges::find(names, name) != std::end(names);
}

constexpr std::string_view kStatus[] = {"status",
                                        "code",
                                        "statuscode",
                                        "httpstatus",
                                        "httpstatuscode",
                                        "httpcode",
                                        "responsecode",
                                        "httpresponsecode",
                                        "responsestatus",
                                        "httpresponsestatus",
                                        "responsestatuscode",
                                        "httpresponsestatuscode",
                                        "envoyresponsecode",
                                        "returncode",
                                        "resultcode"};
constexpr std::string_view kClass[] = {
    "statusclass",    "codeclass",         "responseclass",          "httpstatusclass",
    "statusgroup",    "responsecodeclass", "envoyresponsecodeclass", "httpcodeclass",
    "statuscodeclass"};
constexpr std::string_view kGrpc[] = {"grpccode", "grpcstatus", "grpcstatuscode", "grpcresponsestatus",
                                      "rpcgrpcstatuscode"};
constexpr std::string_view kOutcome[] = {"outcome", "result", "resulttype", "responsetype"};
constexpr std::string_view kFailed[] = {"error", "iserror", "haserror", "failed", "failure", "isfailure"};
constexpr std::string_view kSucceeded[] = {"success", "issuccess", "successful", "succeeded", "ok"};

constexpr std::string_view kWell[] = {"ok",        "success",       "successful", "succeeded",
                                      "completed", "informational", "redirect",   "redirection"};
constexpr std::string_view kServer[] = {
    "servererror",      "error",         "err",      "failure",       "failed",      "fail",    "fault", "timeout",
    "deadlineexceeded", "unimplemented", "internal", "internalerror", "unavailable", "dataloss"};
// As gRPC's codes become HTTP's (google.rpc.Code): 4xx.
constexpr std::string_view kClient[] = {"clienterror",      "invalidargument",   "notfound",           "alreadyexists",
                                        "permissiondenied", "resourceexhausted", "failedprecondition", "aborted",
                                        "outofrange",       "unauthenticated"};
constexpr std::string_view kLeft[] = {"canceled", "cancelled"};

End of_word(std::string_view word) {
  if (is_one_of(word, kWell)) return well;
  if (is_one_of(word, kServer)) return server_error;
  if (is_one_of(word, kClient)) return client_error;
  return is_one_of(word, kLeft) ? End(left) : std::nullopt;
}

End of_class(char first) {
  if (first == '5') return server_error;
  if (first == '4') return client_error;
  return first >= '1' && first <= '3' ? End(well) : std::nullopt;
}

std::optional<int> number(std::string_view text) {
  int out = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

// 503, 5xx, a gRPC code in words; 0: Envoy's "no answer was sent".
End of_status(std::string_view value) {
  if (value.size() == 3 && (number(value) || value.ends_with("xx"))) return of_class(value[0]);
  return value == "0" ? End(left) : of_word(value);
}

// 5, 5xx.
End of_group(std::string_view value) {
  return value.size() == 1 || value.ends_with("xx") ? of_class(value[0]) : of_status(value);
}

// Numbers of google.rpc.Code; `unknown` is one of them, and an error.
End of_grpc(std::string_view value) {
  static constexpr RequestEnd kCodes[] = {well,         left,         server_error, client_error, server_error,
                                          client_error, client_error, client_error, client_error, client_error,
                                          client_error, client_error, server_error, server_error, server_error,
                                          server_error, client_error};
  if (value == "unknown") return server_error;
  auto code = number(value);
  if (!code) return of_word(value);
  return *code >= 0 && *code < static_cast<int>(std::size(kCodes)) ? End(kCodes[*code]) : std::nullopt;
}

End of_flag(std::string_view value, RequestEnd yes, RequestEnd no) {
  if (value == "true" || value == "1" || value == "yes") return yes;
  return value == "false" || value == "0" || value == "no" ? End(no) : std::nullopt;
}

bool is_flag(std::string_view name) { return is_one_of(name, kFailed) || is_one_of(name, kSucceeded); }

End of(std::string_view name, std::string_view value) {
  if (is_one_of(name, kStatus)) return of_status(value);
  if (is_one_of(name, kClass)) return of_group(value);
  if (is_one_of(name, kGrpc)) return of_grpc(value);
  if (is_one_of(name, kOutcome)) return of_word(value);
  if (is_one_of(name, kFailed)) return of_flag(value, server_error, well);
  return is_one_of(name, kSucceeded) ? of_flag(value, well, server_error) : std::nullopt;
}

// What went worse of two labels: an HTTP status of 200 carries gRPC's trouble beside it.
RequestEnd worse(RequestEnd a, RequestEnd b) {
  for (auto one : {server_error, client_error, left})
    if (a == one || b == one) return one;
  return well;
}

}  // namespace

End request_end(const Sample& s) {
  End out, flag;
  bool grpc_untold = false;
  for (auto& [name, value] : s.labels) {
    auto key = plain(name);
    auto& into = is_flag(key) ? flag : out;
    auto word = plain(value);
    auto end = of(key, word);
    if (end) into = into ? worse(*into, *end) : *end;
    bool said = !word.empty() && word != "-";  // Istio leaves it empty for what is no gRPC
    grpc_untold = grpc_untold || (!end && said && is_one_of(key, kGrpc));
  }
  if (grpc_untold && out == well) return {};  // HTTP's 200 stands around gRPC's errors
  // A flag says that something went wrong; whose fault it was a status knows better (404 is no success for some).
  return !out || (*out == well && flag) ? (flag ? flag : out) : out;
}

}  // namespace davy::signals
