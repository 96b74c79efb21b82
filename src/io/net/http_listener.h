#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "ports/listening.h"

namespace davy::io {

namespace asio = boost::asio;

// Listens where its executor runs; nothing happens while that does not.
class HttpListener final : public ports::Listener {
 public:
  explicit HttpListener(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Result<std::unique_ptr<ports::Mailbox>> listen(ports::ListenAt) override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace davy::io
