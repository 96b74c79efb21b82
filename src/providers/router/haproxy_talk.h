// The conversation with one backend of HAProxy. Patient: a reload or a restart takes the socket away for a moment.
#pragma once
#include "ports/outside.h"
#include "providers/router/haproxy_text.h"

namespace davy::providers::haproxy {

class Talk {
 public:
  Talk(ports::Outside& out, std::string socket, std::string backend, Duration patience)
      : out_(out), socket_(std::move(socket)), backend_(std::move(backend)), patience_(patience) {}

  ports::Task<std::string> ask(std::string line);  // Code::unavailable when nobody answered for all the patience
  ports::Task<std::vector<Server>> look();

  struct Told {
    std::vector<Server> now;  // what HAProxy shows afterwards: the only proof that a command did something
    std::string complaint;    // what it said against it
  };
  ports::Task<Told> tell(Commands);

  ports::Task<> pause(Duration);
  Time now() { return out_.clock.now(); }
  const std::string& socket() const { return socket_; }
  const std::string& backend() const { return backend_; }
  ports::Outside& outside() { return out_; }

 private:
  ports::Outside& out_;
  std::string socket_, backend_;
  Duration patience_;
};

}  // namespace davy::providers::haproxy
