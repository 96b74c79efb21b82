// DNS messages as bytes (RFC 1035, 4; CAA: RFC 8659; SRV: RFC 2782). Pure; what is read is hostile.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "ports/names.h"

namespace davy::io {

// Asks for recursion, and with EDNS for answers of up to 1232 bytes (RFC 6891). Code::invalid: no name that may be
// asked.
Result<std::string> dns_question(std::uint16_t id, const std::string& name, ports::DnsType);

struct DnsReply {
  bool truncated = false;  // the rest is to be had by TCP
  ports::DnsAnswer answer = {};
};
// Whether it is the answer to this question: what else arrives at a socket is none of ours.
bool dns_answers(std::string_view reply, std::string_view question);
// Code::unavailable: the server would not say; Code::invalid: it makes no sense.
Result<DnsReply> dns_reply(std::string_view reply, ports::DnsType);

}  // namespace davy::io
