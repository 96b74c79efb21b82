#pragma once
#include "io/units/gifts.h"

namespace davy::io {

// Where a manager is. Empty: where this machine, or this user, has it.
struct UnitsPlace {
  std::string bus;   // a D-Bus address, "unix:path=/run/dbus/system_bus_socket"
  std::string root;  // what stands before its paths where this is another file system: "/proc/4711/root"
};

// By D-Bus. Secrets' values are put in here, into files that root alone can read; they must outlive this.
class Units final : public ports::Units {
 public:
  explicit Units(const Secrets& secrets, UnitsPlace place = {}) : secrets_(secrets), place_(std::move(place)) {}

  ports::Task<ports::UnitState> look(ports::Manager, std::string unit) override;
  ports::Task<std::vector<ports::JobEnd>> act(ports::Manager, ports::UnitAct, std::vector<std::string> units,
                                              Duration within) override;
  ports::Task<> kill(ports::Manager, std::string unit) override;
  ports::Task<> reset_failed(ports::Manager, std::string unit) override;
  ports::Task<> enable(ports::Manager, std::string unit, bool on) override;
  ports::Task<> reload(ports::Manager) override;
  ports::Task<> give(ports::Manager, std::string unit, ports::Gift) override;
  ports::Task<> take_back(ports::Manager, std::string unit) override;
  ports::Task<std::vector<ports::Given>> given(ports::Manager, std::string unit) override;

 private:
  Result<GiftPlace> gifts(ports::Manager) const;

  const Secrets& secrets_;
  UnitsPlace place_;
};

}  // namespace davy::io
