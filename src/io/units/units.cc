#include "io/units/units.h"

#include <signal.h>

#include <cstdlib>

#include "base/text.h"
#include "io/net/net.h"
#include "io/units/jobs.h"
#include "io/units/properties.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
using ports::Manager;
using ports::Task;

constexpr Duration kAnswer = 25s;   // of a look, and until a job has begun
constexpr Duration kReload = 2min;  // of all unit files; as systemctl waits

// One call, to its answer. `read`: takes what it needs of it.
Task<> ask(Bus& bus, BusCall call, std::string doing, Duration within_this, Bus::Heard read) {
  std::optional<std::optional<Error>> said;
  bus.ask(call, [&](auto* m) {
    said = error_in(m, doing);
    if (!*said) read(m);
  });
  if (auto answered = co_await within(within_this, doing, bus.until([&] { return said.has_value(); })); !answered)
    co_return answered;
  if (*said) co_return std::unexpected(**std::move(said));
  co_return Result<>();
}

BusCall about(const char* member, const std::string& unit) {
  return {.member = member, .arguments = [unit](auto* m) { return sd_bus_message_append(m, "s", unit.c_str()); }};
}

bool knows_none(const Error& e) { return e.code == Code::invalid; }

std::string environment(const char* name) {
  auto value = ::getenv(name);
  return value ? value : "";
}

}  // namespace

Result<GiftPlace> Units::gifts(Manager manager) const {
  if (manager == Manager::system) return GiftPlace{place_.root, "/etc/systemd/system"};
  if (auto config = environment("XDG_CONFIG_HOME"); config.starts_with('/'))
    return GiftPlace{place_.root, config + "/systemd/user"};
  if (auto home = environment("HOME"); home.starts_with('/'))
    return GiftPlace{place_.root, home + "/.config/systemd/user"};
  return fail(Code::invalid, "nobody says where this user's units are: neither $XDG_CONFIG_HOME nor $HOME is set");
}

Task<ports::UnitState> Units::look(Manager manager, std::string unit) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return std::unexpected(there.error());
  BusCall call{.member = "GetAll",
               .arguments = [](auto* m) { return sd_bus_message_append(m, "s", ""); },
               .path = unit_path(unit),
               .interface = "org.freedesktop.DBus.Properties"};
  Result<ports::UnitState> state;
  auto asked =
      co_await ask(bus, call, "asking for " + printable(unit), kAnswer, [&](auto* m) { state = unit_state(m); });
  if (!asked) co_return std::unexpected(asked.error());
  co_return state;
}

Task<std::vector<ports::JobEnd>> Units::act(Manager manager, ports::UnitAct act, std::vector<std::string> units,
                                            Duration time) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return std::unexpected(there.error());
  Jobs jobs(bus, act, std::move(units));
  jobs.begin();
  auto begun = co_await within(kAnswer, "having systemd begin a job", bus.until([&] { return jobs.begun(); }));
  if (!begun) co_return std::unexpected(begun.error());
  auto over =
      co_await within(std::max(time, Duration(1ms)), "waiting for a job", bus.until([&] { return jobs.over(); }));
  if (!over && over.error().code != Code::timed_out) co_return std::unexpected(over.error());
  co_return jobs.ends();
}

Task<> Units::kill(Manager manager, std::string unit) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return there;
  BusCall call{.member = "KillUnit",
               .arguments = [unit](auto* m) { return sd_bus_message_append(m, "ssi", unit.c_str(), "all", SIGKILL); }};
  auto killed = co_await ask(bus, call, "killing " + unit, kAnswer, [](auto*) {});
  if (!killed && knows_none(killed.error())) killed = {};  // no such unit, or no process
  co_return killed;
}

Task<> Units::reset_failed(Manager manager, std::string unit) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return there;
  auto call = about("ResetFailedUnit", unit);
  auto reset = co_await ask(bus, call, "resetting " + unit, kAnswer, [](auto*) {});
  if (!reset && knows_none(reset.error())) reset = {};
  co_return reset;
}

Task<> Units::enable(Manager manager, std::string unit, bool on) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return there;
  BusCall call{.member = on ? "EnableUnitFiles" : "DisableUnitFiles", .arguments = [unit, on](auto* m) {
                 auto error = sd_bus_message_append(m, "asb", 1, unit.c_str(), 0);    // 0: over a boot
                 return on && error >= 0 ? sd_bus_message_append(m, "b", 0) : error;  // 0: nobody's links are replaced
               }};
  co_return co_await ask(bus, call, (on ? "enabling " : "disabling ") + unit, kAnswer, [](auto*) {});
}

Task<> Units::reload(Manager manager) {
  Bus bus(co_await asio::this_coro::executor);
  if (auto there = bus.open(manager, place_.bus); !there) co_return there;
  co_return co_await ask(bus, {.member = "Reload"}, "having systemd read its units anew", kReload, [](auto*) {});
}

Task<> Units::give(Manager manager, std::string unit, ports::Gift gift) {
  auto at = gifts(manager);
  if (!at) co_return std::unexpected(at.error());
  co_return write_gift(*at, unit, gift, secrets_);
}

Task<> Units::take_back(Manager manager, std::string unit) {
  auto at = gifts(manager);
  if (!at) co_return std::unexpected(at.error());
  co_return remove_gift(*at, unit);
}

Task<std::vector<ports::Given>> Units::given(Manager manager, std::string unit) {
  auto at = gifts(manager);
  if (!at) co_return std::unexpected(at.error());
  co_return gifts_in(*at, unit);
}

}  // namespace davy::io
