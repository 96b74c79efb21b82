// Which clients were seen, for what a Tally says of them:
//  - is this the FIRST error of its client (a client that fails, fails again; a test that takes each for news is wrong
//    35 times in 100, and where clients stay on a release, one that fails once a minute is enough)? Remembered for one
//    to two hours; the same, apart, of 4xx.
//  - how many requests do clients make (where a proxy makes them all, first errors alone would blind the test)? Of the
//    last 5 to 10 s.
//  - do they come back to the same server? And how many are new ones?
//
// Two generations of hashes each, so memory is bounded: of clients beyond 65,536 in 5 s, or a million in an hour, each
// error is taken for news, and none for a newcomer.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace davy::signals {

// Keys, remembered for one to two turns.
class Remembered {
 public:
  bool add(std::uint64_t key);  // true: it is new, or there was no room for it
  bool holds(std::uint64_t key) const { return now_.holds(key) || before_.holds(key); }
  bool full() const { return 2 * now_.used >= kMostPlaces; }
  void turn();

 private:
  static constexpr std::size_t kMostPlaces = 1 << 21;
  struct Table {  // open addressing, a power of two, at most half full; 0: an empty place
    std::vector<std::uint64_t> places;
    std::size_t used = 0;
    bool holds(std::uint64_t key) const;
    void put(std::uint64_t key);
    void grow();
  };
  Table now_, before_;
};

class Clients {
 public:
  static std::uint64_t key(std::string_view client, std::string_view backend);

  // The same key, of lines that mostly are of the backend of the line before.
  class Keys {
   public:
    std::uint64_t of(std::string_view client, std::string_view backend);

   private:
    std::string backend_;
    std::uint64_t hash_ = 0;
    bool hashed_ = false;
  };

  struct Request {
    std::uint64_t made = 0;  // that client made so many of late, this one included
    bool newcomer = false;   // it was not seen for an hour
    bool moved = false;      // of late it met another server
    bool erred = false;      // its first error is behind it
    bool refused = false;    // its first 4xx is
  };
  // One more request, which met this server (any number that tells it from the others).
  Request request(std::uint64_t key, std::uint32_t server);
  std::uint64_t request(
      std::uint64_t key);  // `made` alone, where nobody asks for more: newcomers cost a memory of each

  struct Error {
    bool first = false;         // in an hour
    std::uint64_t earlier = 0;  // of this client in this window
  };
  // The latest request() was an error.
  Error error();
  // The latest request() was answered with a 4xx; true: its client's first one in an hour.
  bool client_error();

  void end_of_window(Time now);

 private:
  struct Client {
    std::uint64_t key = 0;  // 0: an empty place
    std::uint32_t requests = 0, requests_before = 0;
    std::uint32_t server = 0;
    std::uint32_t window = 0, window_errors = 0;
    bool erred = false, refused = false;
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
  Remembered erred_, refused_, met_;
  std::uint32_t window_ = 1;
  Time turned_{}, hour_{};
};

}  // namespace davy::signals
