// What the storefront says to each request. Knows nothing of sockets.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "behaviour.h"
#include "http.h"
#include "metrics.h"
#include "orders.h"

namespace storefront {

struct Planned {
  Response response;
  std::chrono::nanoseconds after{0};  // the answer is due so much later
  bool never = false;                 // hangs
  bool is_user = false;               // health and metrics are not users: no faults, no delay, no count
};

class Shop {
 public:
  Shop(std::string version, Behaviour behaviour, std::uint64_t seed, std::unique_ptr<Orders> orders);

  Planned plan(const Request& request, std::size_t in_flight);
  void answered(const Request& request, int status, std::chrono::nanoseconds took);
  void drain() { draining_ = true; }
  // Misbehaves as time passes: leaks, and says whether this process shall vanish now.
  bool time_to_crash();

 private:
  using Clock = std::chrono::steady_clock;
  Response user_response(const Request& request);
  Response orders(const Request& request);
  Response health(std::size_t in_flight);
  Response health_of_database();
  Response health_in_detail(std::size_t in_flight);
  std::string status() const;
  void leak(double since_first_user);

  std::string version_;
  Behaviour behaviour_;
  Dice dice_;
  std::unique_ptr<Orders> orders_;
  Metrics metrics_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point first_user_{};
  bool draining_ = false;
  std::vector<std::unique_ptr<char[]>> leaked_;
};

}  // namespace storefront
