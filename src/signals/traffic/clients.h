// Which clients were seen of late, for two numbers of a Tally: is this the FIRST error of its client (a client that
// fails, fails again; a test that takes each for news is wrong 35 times in 100), and how many requests do clients make
// (where a proxy makes them all, first errors alone would blind the test).
//
// Two generations of hashes, turned over every 5 s, so a client is remembered for 5 to 10 s. Memory is bounded: clients
// beyond 65,536 in 5 s are taken for new ones each time.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace davy::signals {

class Clients {
 public:
  static std::uint64_t key(std::string_view client, std::string_view backend);

  // One more request; answers how many that client made of late, this one included.
  std::uint64_t request(std::uint64_t key);

  struct Error {
    bool first = false;         // of late
    std::uint64_t earlier = 0;  // of this client in this window
  };
  // The latest request() was an error.
  Error error();

  void end_of_window(Time now);

 private:
  struct Client {
    std::uint64_t key = 0;  // 0: an empty place
    std::uint32_t requests = 0, requests_before = 0;
    std::uint32_t erred = 0;  // generation of its latest first error; 0: none
    std::uint32_t window = 0, window_errors = 0;
  };
  struct Table {  // open addressing, a power of two, at most half full
    std::vector<Client> places{1024};
    std::size_t used = 0;
    Client& place(std::uint64_t key);
    bool make_room();
  };
  Client& client(std::uint64_t key);

  Table now_, before_;
  Client stranger_;  // who has no room any more
  Client* latest_ = &stranger_;
  std::uint32_t generation_ = 2, window_ = 1;
  Time turned_{};
};

}  // namespace davy::signals
