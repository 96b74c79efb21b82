// Acts on one backend of HAProxy, each act proven by what HAProxy shows afterwards.
#pragma once
#include <functional>

#include "providers/router/haproxy_return.h"
#include "providers/router/haproxy_talk.h"

namespace davy::providers::haproxy {

using Servers = std::vector<Server>;
using Addresses = std::vector<std::string>;

inline constexpr Duration kStumbles = std::chrono::seconds(1);  // of a health check that fails now and then

class Backend {
 public:
  Backend(Talk talk, Layout layout, std::string state_file, Duration up_within)
      : talk_(std::move(talk)), layout_(std::move(layout)), state_file_(std::move(state_file)), up_within_(up_within) {}

  Talk& talk() { return talk_; }
  const Layout& layout() const { return layout_; }

  // Every address has a server in rotation; whether it is up is another question.
  ports::Task<Servers> place(Addresses);
  ports::Task<> wait_up(Addresses, std::optional<Duration> at_most = {});  // else: as long as to come up may take

  // Places who is needed, and makes so what `decide` says of the servers as they are then; answers what that was. A
  // refusal of `decide` counts when it lasts: health checks stumble, and who was just placed is not found up at once.
  using Decide = std::function<Result<Wanted>(const Servers&)>;
  ports::Task<Wanted> settle(Addresses needed, Decide);

  ports::Task<> put(Addresses, std::string drain_or_maint);
  ports::Task<int> sessions(Addresses);
  ports::Task<int> wait_empty(Addresses, Time until);  // sessions that are left
  // Workers from before a reload, which no command reaches: those that are left, by pid.
  ports::Task<Addresses> wait_for_former_workers(Time until);
  ports::Task<> end_sessions(Addresses);
  ports::Task<> take_away(Addresses);

  // Writes what HAProxy reads at its next start, when the plan names that file.
  ports::Task<> remember();

 private:
  ports::asio::awaitable<std::string> first_down(Servers, Addresses);
  ports::Task<std::string> make_so(Servers now, Wanted);  // what is not so; empty when all is
  ports::Task<std::string> prove(Commands, Weights);

  Talk talk_;
  Layout layout_;
  std::string state_file_;
  Duration up_within_;
};

}  // namespace davy::providers::haproxy
