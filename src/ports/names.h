// What the Domain Name System says (RFC 1034, 1035), asked itself: neither /etc/hosts nor a cache of the machine's.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

enum class DnsType { a = 1, ns = 2, cname = 5, soa = 6, ptr = 12, mx = 15, txt = 16, aaaa = 28, srv = 33, caa = 257 };

struct DnsQuestion {
  std::string name;
  DnsType type = DnsType::a;
  std::string server = {};  // host, host:port; empty: those of /etc/resolv.conf, in turn
  Duration timeout = std::chrono::seconds(5);
};
struct DnsAnswer {
  bool exists = false;              // the name does, though perhaps with no record of this type
  std::vector<std::string> values;  // of this type, sorted: "192.0.2.1", "10 mail.example", "0 issue \"ca.example\""
  std::optional<Duration> lives;    // the shortest time that one of them may be kept
  Duration took{};
};

// "No such name" is an answer. Code::unavailable: nobody could be asked, or would not say (SERVFAIL, REFUSED);
// Code::timed_out; Code::invalid: no name, no server, an answer that makes no sense.
struct Names {
  virtual ~Names() = default;
  virtual Task<DnsAnswer> ask(DnsQuestion) = 0;
};

}  // namespace davy::ports
