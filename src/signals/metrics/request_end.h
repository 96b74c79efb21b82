// How the requests of a series ended, by its labels. Exporters agree on no name and no spelling: `status="503"`,
// `response_code="503"` (Istio, Envoy), `code="5xx"`, `outcome="SERVER_ERROR"` (Micrometer), `grpc_code="Unavailable"`
// (go-grpc-prometheus), `result="failure"`, `error="true"`.
#pragma once
#include <optional>

#include "signals/metrics/exposition.h"

namespace davy::signals {

// left: the client went away before there was an answer (Istio and Envoy write 0).
enum class RequestEnd { well, client_error, server_error, left };

// Nothing: no label says it, or none in a word that is known. That is never success.
std::optional<RequestEnd> request_end(const Sample&);

}  // namespace davy::signals
