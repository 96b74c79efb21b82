#pragma once
#include <memory>

#include "io/secrets/masker.h"
#include "io/secrets/secrets.h"
#include "ports/secret_look.h"

namespace davy::io {

class SecretLook final : public ports::SecretLook {
 public:
  explicit SecretLook(const Secrets& secrets) : secrets_(secrets) {}
  // `among` is asked without regard to upper and lower case, and of the value without blanks around it.
  Result<ports::SecretState> look(const SecretRef&, const std::vector<std::string>& values) override;
  std::string masked(const std::string& text) override;

 private:
  const Secrets& secrets_;
  std::unique_ptr<Masker> masker_;  // of all that are known
  std::size_t known_ = 0;
};

}  // namespace davy::io
