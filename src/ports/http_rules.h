// What a request must hold for whoever sends it, so that a fake refuses what the real client refuses.
#pragma once
#include "ports/net.h"

namespace davy::ports {

bool sendable(std::string_view text);  // in a header: no end of line, no NUL

// Code::invalid: a method or header that could not be sent, or would smuggle another request.
Result<> check_request(const HttpRequest&);

}  // namespace davy::ports
