#pragma once
#include "ports/ways.h"

namespace davy::io {

class Sayings final : public ports::Sayings {
 public:
  // hidden: names of secrets, which this process may have in its own environment, and no command is handed.
  explicit Sayings(std::vector<std::string> hidden = {}) : hidden_(std::move(hidden)) {}
  ports::Task<> say(ports::Saying) override;

 private:
  std::vector<std::string> hidden_;
};

}  // namespace davy::io
