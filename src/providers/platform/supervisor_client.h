// supervisord, as one asks it: each call a request of its own over its unix socket or TCP.
#pragma once
#include "ports/platform.h"
#include "providers/platform/supervisor_text.h"
#include "spec/fields.h"

namespace davy::providers {

// Where supervisord listens, and as whom: [unix_http_server] or [inet_http_server] of its configuration.
struct SupervisorPlace {
  std::string server = "/var/run/supervisor.sock", user = {}, password = {};
};

// Mistakes in them, each at its key of the given options; true when there is none.
bool reachable(const SupervisorPlace&, const spec::Value&, spec::Diagnostics&);

// Code::unavailable: supervisord could not be asked, or shuts down. That says nothing about its programs.
class Supervisor {
 public:
  Supervisor(ports::Outside& out, SupervisorPlace at) : out_(out), at_(std::move(at)) {}

  // As `chosen` has it, one at least. Code::unavailable, too, where supervisord does not know the state of one.
  ports::Task<std::vector<Program>> programs(std::string which);

  // Their names by priority, in the order in which they are started.
  ports::Task<std::vector<std::vector<std::string>>> order(std::string which);

  // Where these programs start, as its configuration says.
  ports::Task<std::vector<ports::Home>> homes(std::string which);

  // Begun: nobody waits for what becomes of it. Fine when it runs, or does not, already.
  ports::Task<> start(std::string name);
  ports::Task<> stop(std::string name);

  // The end of its stderr, or, where that says nothing, of its stdout; empty when neither can be had.
  ports::asio::awaitable<std::string> last_words_of(std::string name);

 private:
  ports::Task<RpcAnswer> call(std::string method, std::vector<spec::Json> parameters);
  ports::Task<spec::Json> ask(std::string method, std::vector<spec::Json> parameters, std::string doing);

  ports::Outside& out_;
  SupervisorPlace at_;
};

}  // namespace davy::providers
