// One connection to a run's keeper that many calls share, and that outlives keepers: when the keeper is gone it starts
// another and asks again. All requests can be asked twice: a key never begins twice, and the guard's are states.
// While it is connected it keeps its executor's loop from running dry; destroy it to let the loop end.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "io/keeper/keeper_protocol.h"
#include "ports/task.h"

namespace davy::io {

class KeeperConnection {
 public:
  using StartKeeper = std::function<Result<>()>;
  KeeperConnection(ports::asio::any_io_executor executor, std::string spool, StartKeeper start_keeper);
  ~KeeperConnection();  // calls that still wait end as cancelled

  // The request is made when it is sent, again after a keeper's death, and wiped at once: it may hold secrets.
  // What cancelling the call gives up: the answer; also what was asked for; or nothing, it is waited for all the same.
  enum class Cancelled { answer, all, nothing };
  // Code::timed_out: it has not answered within that time, as one that stands still; what was asked for may be done.
  ports::Task<Reply> ask(std::function<Request()> make_request, Cancelled = Cancelled::answer,
                         Duration within = kForever);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace davy::io
