#pragma once
#include "ports/net.h"

namespace davy::io {

// Stream sockets: a unix path, host:port, [IPv6]:port. A text without a newline gets one: it is one question, one line.
// An answer is at most 4 MiB. Code::invalid: not an address; Code::unavailable: not there, refused, reset.
class Dialer final : public ports::Dialer {
 public:
  ports::Task<std::string> ask(std::string address, std::string text, Duration timeout) override;
  ports::Task<> connect(std::string address, Duration timeout) override;
  ports::Task<ports::Dialogue> talk(std::string address, std::vector<ports::Turn>, Duration timeout) override;
};

}  // namespace davy::io
