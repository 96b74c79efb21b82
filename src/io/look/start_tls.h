// What is said in the clear before TLS begins (RFC 3207, 2595, 4217; PostgreSQL's SSLRequest).
#pragma once
#include "io/net/stream.h"
#include "ports/certificates.h"

namespace davy::io {

// The other side agreed, and has said nothing more: what it sent ahead would be taken for what it says in TLS.
// Code::unavailable: it will not; Code::invalid: it says something else.
ports::Task<> agree_on_tls(StreamSocket&, ports::StartTls);

}  // namespace davy::io
