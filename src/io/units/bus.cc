#include "io/units/bus.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr std::int64_t kMost = 16 * 1024 * 1024;  // in one call: of a unit's properties there are some 20 KiB

Error bus_error(int error) {
  return {Code::unavailable, fmt::format("the bus of systemd: {}", std::strerror(-error)),
          "does systemd run on this machine, and D-Bus? `systemctl status` says so"};
}

// sd-bus knows no exceptions.
int trampoline(sd_bus_message* message, void* heard, sd_bus_error*) {
  try {
    (*static_cast<Bus::Heard*>(heard))(message);
  } catch (...) {
    return -ENOMEM;
  }
  return 0;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> all) {
  return std::ranges::find(all, name) != all.end();
}

Code code_of(std::string_view name) {
  constexpr std::string_view kCommon = "org.freedesktop.DBus.Error.";
  if (!name.starts_with(kCommon)) return Code::invalid;
  name.remove_prefix(kCommon.size());
  if (is_one_of(name, {"AccessDenied", "AuthFailed", "InteractiveAuthorizationRequired"})) return Code::refused;
  bool away = is_one_of(name, {"ServiceUnknown", "NameHasNoOwner", "NoReply", "NoServer", "Disconnected", "Timeout",
                               "TimedOut", "LimitsExceeded", "NoMemory"});
  return away || name.starts_with("Spawn.") ? Code::unavailable : Code::invalid;
}

}  // namespace

Bus::Bus(asio::any_io_executor executor) : descriptor_(executor), timer_(executor) {}

Bus::~Bus() {
  if (descriptor_.is_open()) descriptor_.release();  // sd-bus closes it
  sd_bus_close_unref(bus_);
}

Result<> Bus::open(ports::Manager manager, const std::string& address) {
  int error = 0;
  if (address.empty()) {
    error = manager == ports::Manager::system ? sd_bus_open_system(&bus_) : sd_bus_open_user(&bus_);
  } else {
    error = sd_bus_new(&bus_);
    if (error >= 0) error = sd_bus_set_address(bus_, address.c_str());
    if (error >= 0) error = sd_bus_set_bus_client(bus_, 1);
    if (error >= 0) error = sd_bus_start(bus_);
  }
  int fd = error < 0 ? error : sd_bus_get_fd(bus_);
  if (fd < 0) return std::unexpected(bus_error(fd));
  boost::system::error_code taken;
  descriptor_.assign(fd, taken);
  if (taken) return std::unexpected(network_error("the bus of systemd", taken));
  return {};
}

void Bus::ask(const BusCall& call, Heard heard) {
  sd_bus_message* message = nullptr;
  int error = sd_bus_message_new_method_call(bus_, &message, kSystemd, call.path.c_str(), call.interface, call.member);
  if (error >= 0) error = call.arguments(message);
  heard_.push_back(std::move(heard));
  constexpr auto kNoLimit = UINT64_MAX;  // whoever asks has one
  if (error >= 0) error = sd_bus_call_async(bus_, nullptr, message, trampoline, &heard_.back(), kNoLimit);
  sd_bus_message_unref(message);
  if (error < 0 && failed_ == 0) failed_ = error;
}

void Bus::hear(const std::string& path, const char* interface, const char* signal, Heard heard) {
  heard_.push_back(std::move(heard));
  int error = sd_bus_match_signal_async(bus_, nullptr, kSystemd, path.c_str(), interface, signal, trampoline, nullptr,
                                        &heard_.back());
  if (error < 0 && failed_ == 0) failed_ = error;
}

// What waits is counted at each turn, so more than once where several messages wait: rather too much than too little,
// for sd-bus reads on while a bus that never ends writes on.
Result<> Bus::turn() {
  for (int more = 1; more > 0;) {
    int waiting = 0;
    if (::ioctl(descriptor_.native_handle(), FIONREAD, &waiting) == 0) read_ += waiting;
    if (read_ > kMost) return fail(Code::unavailable, "the bus of systemd says more than 16 MiB");
    more = failed_ < 0 ? failed_ : sd_bus_process(bus_, nullptr);
    if (more < 0) return std::unexpected(bus_error(more));
  }
  return {};
}

ports::Task<> Bus::until(std::function<bool()> holds) {
  for (;;) {
    auto turned = turn();
    if (holds()) co_return Result<>();
    if (!turned) co_return turned;
    co_await ready();
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, "hearing the bus");
  }
}

asio::awaitable<void> Bus::ready() {
  using namespace asio::experimental::awaitable_operators;
  using Wait = asio::posix::stream_descriptor;
  std::uint64_t due = UINT64_MAX;  // of CLOCK_MONOTONIC, in microseconds
  sd_bus_get_timeout(bus_, &due);
  auto far = std::chrono::duration_cast<std::chrono::microseconds>(asio::steady_timer::duration::max()).count();
  timer_.expires_at(
      asio::steady_timer::time_point(std::chrono::microseconds(std::min(due, static_cast<std::uint64_t>(far)))));
  auto hear = descriptor_.async_wait(Wait::wait_read, kAsTuple);
  if ((sd_bus_get_events(bus_) & POLLOUT) == 0) {
    co_await (std::move(hear) || timer_.async_wait(kAsTuple));
    co_return;
  }
  co_await (std::move(hear) || descriptor_.async_wait(Wait::wait_write, kAsTuple) || timer_.async_wait(kAsTuple));
}

std::optional<Error> error_in(sd_bus_message* message, const std::string& doing) {
  auto error = sd_bus_message_get_error(message);
  if (!error) return {};
  auto code = code_of(error->name ? error->name : "");
  auto said = printable(std::string_view(error->message ? error->message : "").substr(0, 200));
  Error out{code, fmt::format("{}: systemd says {}", doing, said)};
  if (code == Code::refused)
    out.hint = "Davy has to run as root, or polkit must let this user do it (org.freedesktop.systemd1.manage-units)";
  return out;
}

}  // namespace davy::io
