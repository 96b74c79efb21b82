// OpenSSL's certificates as values.
#pragma once
#include <openssl/x509.h>

#include "ports/certificates.h"

namespace davy::io {

ports::Certificate described(X509*);

// Whether it is for this host or address. Wildcards as RFC 6125 has them: one, and for a whole label.
bool is_for(X509*, const std::string& name);

Result<std::vector<ports::Certificate>> in_pem(const std::string& text);

}  // namespace davy::io
