#pragma once
#include "ports/ways.h"

namespace davy::io {

class StatusPages final : public ports::StatusPages {
 public:
  ports::Task<> put(ports::PageEntry) override;
};

}  // namespace davy::io
