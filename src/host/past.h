// What the runs of a state directory tell, for checks that look back.
#pragma once
#include "ports/journal.h"
#include "ports/past.h"
#include "run/event.h"

namespace davy::host {

class Past final : public ports::Past {
 public:
  explicit Past(ports::Store& store, std::string where) : journal_(store), cursors_(store), where_(std::move(where)) {}

  ports::Task<std::optional<ports::Deployment>> deployed(std::string service, std::string environment) override;
  ports::Task<std::optional<ports::Told>> notified(std::string name, std::string service, std::string environment,
                                                   std::string version) override;
  ports::Task<std::string> frozen(std::string environment, Time now) override;
  ports::Task<std::set<std::string>> may_go_back() override;
  ports::Task<std::set<std::string>> folders() override;
  std::string where() const override { return where_; }

 private:
  ports::Task<std::optional<run::Started>> started(std::string run);
  ports::Task<std::string> takes_back(std::string run);  // the run that it takes back; empty: none

  ports::Task<std::optional<ports::Told>> told_of(std::string run, std::string name);

  ports::Journal& journal_;
  ports::Cursors& cursors_;
  std::string where_;
};

}  // namespace davy::host
