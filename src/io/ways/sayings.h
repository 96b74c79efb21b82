#pragma once
#include "ports/ways.h"

namespace davy::io {

class Sayings final : public ports::Sayings {
 public:
  ports::Task<> say(ports::Saying) override;
};

}  // namespace davy::io
