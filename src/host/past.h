// What the runs of a state directory tell, for checks that look back.
#pragma once
#include "ports/journal.h"
#include "ports/past.h"

namespace davy::host {

class Past final : public ports::Past {
 public:
  Past(ports::Journal& journal, std::string where) : journal_(journal), where_(std::move(where)) {}

  ports::Task<std::optional<ports::Deployment>> deployed(std::string service, std::string environment) override;
  std::string where() const override { return where_; }

 private:
  ports::Task<std::string> takes_back(std::string run);  // the run that it takes back; empty: none

  ports::Journal& journal_;
  std::string where_;
};

}  // namespace davy::host
