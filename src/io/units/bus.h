// One connection to a D-Bus, by sd-bus on Asio: it is heard for as long as somebody waits for an answer on it.
#pragma once
#include <systemd/sd-bus.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>

#include "ports/units.h"

namespace davy::io {

// What is asked of systemd's manager, unless it says otherwise.
struct BusCall {
  const char* member;
  std::function<int(sd_bus_message*)> arguments = [](auto*) { return 0; };  // appends them; as sd_bus_message_append
  std::string path = "/org/freedesktop/systemd1";
  const char* interface = "org.freedesktop.systemd1.Manager";
};

// Made for one call of a port, on the core, and gone with it.
class Bus {
 public:
  using Heard = std::function<void(sd_bus_message*)>;  // lives for that long

  explicit Bus(boost::asio::any_io_executor);
  ~Bus();
  Bus(const Bus&) = delete;

  // address: empty for the one that this machine, or this user, has. Code::unavailable: there is none.
  Result<> open(ports::Manager, const std::string& address);

  // Both are on their way with the next until(), in the order in which they were said.
  void ask(const BusCall&, Heard);
  void hear(const std::string& path, const char* interface, const char* signal, Heard);

  // Hears until it holds. Code::unavailable: the other side has left, or says more than anybody needs to.
  ports::Task<> until(std::function<bool()> holds);

 private:
  Result<> turn();  // all that is there to be heard or said
  boost::asio::awaitable<void> ready();

  sd_bus* bus_ = nullptr;
  int failed_ = 0;  // the first that could not be said
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  std::deque<Heard> heard_;  // where sd-bus finds them
  std::int64_t read_ = 0;
};

// What an error that came instead of an answer means; nothing: it is an answer.
std::optional<Error> error_in(sd_bus_message*, const std::string& doing);

}  // namespace davy::io
