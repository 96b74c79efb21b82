#pragma once
#include "ports/names.h"

namespace davy::io {

// By UDP, twice where nothing comes; by TCP where an answer does not fit. resolver: who is asked without a server.
class Names final : public ports::Names {
 public:
  explicit Names(std::string resolver = "/etc/resolv.conf") : resolver_(std::move(resolver)) {}
  ports::Task<ports::DnsAnswer> ask(ports::DnsQuestion) override;

 private:
  std::string resolver_;
};

}  // namespace davy::io
