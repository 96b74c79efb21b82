#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <stop_token>
#include <thread>

namespace davy::cli {

// While it lasts Ctrl-C, or a CI job that is cancelled, asks to stop.
class Interrupts {
 public:
  explicit Interrupts(std::stop_source& asked) {
    signals_.async_wait([&asked](const boost::system::error_code& none, int) {
      if (!none) asked.request_stop();
    });
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~Interrupts() { context_.stop(); }

 private:
  boost::asio::io_context context_;
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::jthread thread_;
};

}  // namespace davy::cli
