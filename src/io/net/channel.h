// A connected stream, in the clear or in TLS.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ports/certificates.h"
#include "ports/task.h"

namespace davy::io {

struct TlsTrust {
  std::string ca = {};                            // file of certificates that are trusted; empty: the system's
  ports::StartTls start = ports::StartTls::none;  // what is agreed upon in the clear before it
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual ports::Task<> write(std::string_view) = 0;  // all of it
  virtual ports::Task<std::size_t> read(
      std::span<char> into) = 0;  // some; Code::unavailable when the other side has left
};

// address: as open_stream's. With TLS the certificate is always verified, for the address's host.
// Code::invalid: not an address, a certificate that is not accepted; Code::unavailable: not there, refused, no TLS.
ports::Task<std::unique_ptr<Channel>> open_channel(std::string address, std::optional<TlsTrust>);

}  // namespace davy::io
