#pragma once
#include "ports/certificates.h"

namespace davy::io {

struct Certificates final : ports::Certificates {
  ports::Task<ports::TlsSeen> ask(ports::TlsQuestion) override;
  Result<std::vector<ports::Certificate>> in_pem(const std::string& text) override;
};

}  // namespace davy::io
