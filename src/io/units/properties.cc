#include "io/units/properties.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace davy::io {
namespace {

using ports::UnitState;

// A reader of one property: below zero, as of sd_bus_message_read, when it is of another type.
using Reader = int (*)(sd_bus_message*, UnitState&);

template <std::string UnitState::* member>
int text(sd_bus_message* m, UnitState& out) {
  const char* value = nullptr;
  int error = sd_bus_message_read(m, "s", &value);
  if (error > 0) out.*member = printable(std::string_view(value).substr(0, 300));
  return error;
}

template <std::int64_t UnitState::* member, class T, char type>
int number(sd_bus_message* m, UnitState& out) {
  T value = 0;
  int error = sd_bus_message_read_basic(m, type, &value);
  if (error > 0) out.*member = value;
  return error;
}

// "!" before it: systemd starts the unit all the same where it is not there.
int directory(sd_bus_message* m, UnitState& out) {
  constexpr std::size_t kLongest = 4096;
  const char* value = nullptr;
  int error = sd_bus_message_read(m, "s", &value);
  if (error > 0) out.directory = printable(std::string_view(value).substr(*value == '!' ? 1 : 0).substr(0, kLongest));
  return error;
}

int since(sd_bus_message* m, UnitState& out) {
  std::uint64_t value = 0;  // microseconds; what never was is 0
  int error = sd_bus_message_read_basic(m, 't', &value);
  constexpr std::uint64_t kFar = 1ull << 52;  // a hundred years from now, and no overflow
  if (error > 0 && value < kFar) out.since = Time(std::chrono::microseconds(value));
  return error;
}

int invocation(sd_bus_message* m, UnitState& out) {
  const void* bytes = nullptr;
  std::size_t size = 0;
  int error = sd_bus_message_read_array(m, 'y', &bytes, &size);
  if (error < 0) return error;
  if (size > 16) return -EINVAL;
  for (std::size_t i = 0; i < size; ++i)
    out.invocation += fmt::format("{:02x}", static_cast<const unsigned char*>(bytes)[i]);
  return 1;
}

int drop_ins(sd_bus_message* m, UnitState& out) {
  int error = sd_bus_message_enter_container(m, 'a', "s");
  const char* path = nullptr;
  while (error >= 0 && (error = sd_bus_message_read(m, "s", &path)) > 0) out.drop_ins.emplace_back(path);
  return error < 0 ? error : sd_bus_message_exit_container(m);
}

int environment_files(sd_bus_message* m, UnitState& out) {
  int error = sd_bus_message_enter_container(m, 'a', "(sb)");
  const char* path = nullptr;
  int may_lack = 0;
  while (error >= 0 && (error = sd_bus_message_read(m, "(sb)", &path, &may_lack)) > 0)
    out.environment_files.emplace_back(path);
  return error < 0 ? error : sd_bus_message_exit_container(m);
}

// (path, arguments, and when and how it last ran) of each; the arguments begin with the program.
int program(sd_bus_message* m, UnitState& out) {
  constexpr std::size_t kLongest = 4000;
  int error = sd_bus_message_enter_container(m, 'a', "(sasbttttuii)");
  for (bool first = true; error >= 0 && (error = sd_bus_message_enter_container(m, 'r', "sasbttttuii")) > 0;
       first = false) {
    const char* text = nullptr;
    error = sd_bus_message_read(m, "s", &text);
    if (error >= 0 && first) out.program = printable(std::string_view(text).substr(0, kLongest));
    if (error >= 0) error = sd_bus_message_enter_container(m, 'a', "s");
    for (bool name = true; error >= 0 && (error = sd_bus_message_read(m, "s", &text)) > 0; name = false)
      if (first && !name && out.program.size() < kLongest)
        out.program += " " + printable(std::string_view(text).substr(0, kLongest));
    if (error >= 0) error = sd_bus_message_exit_container(m);
    if (error >= 0) error = sd_bus_message_skip(m, "bttttuii");
    if (error >= 0) error = sd_bus_message_exit_container(m);
  }
  return error < 0 ? error : sd_bus_message_exit_container(m);
}

struct Property {
  std::string_view name;
  Reader read;
};
constexpr Property kProperties[] = {
    {"Id", text<&UnitState::name>},
    {"LoadState", text<&UnitState::load>},
    {"ActiveState", text<&UnitState::active>},
    {"SubState", text<&UnitState::sub>},
    {"Result", text<&UnitState::result>},
    {"UnitFileState", text<&UnitState::file_state>},
    {"InvocationID", invocation},
    {"MainPID", number<&UnitState::pid, std::uint32_t, 'u'>},
    {"ExecMainCode", number<&UnitState::ended, std::int32_t, 'i'>},
    {"ExecMainStatus", number<&UnitState::status, std::int32_t, 'i'>},
    {"NRestarts", number<&UnitState::restarts, std::uint32_t, 'u'>},
    {"ActiveEnterTimestamp", since},
    {"DropInPaths", drop_ins},
    {"EnvironmentFiles", environment_files},
    {"WorkingDirectory", directory},
    {"ExecStart", program},
};

Reader reader_of(std::string_view name) {
  for (auto& one : kProperties)
    if (one.name == name) return one.read;
  return nullptr;
}

// One property: its name, and a value whose type it says itself.
int read_value(sd_bus_message* m, Reader read, UnitState& out) {
  const char* type = nullptr;
  if (!read) return sd_bus_message_skip(m, "v");
  int error = sd_bus_message_peek_type(m, nullptr, &type);
  if (error > 0) error = sd_bus_message_enter_container(m, 'v', type);
  if (error >= 0) error = read(m, out);
  return error < 0 ? error : sd_bus_message_exit_container(m);
}

int read_properties(sd_bus_message* m, UnitState& out) {
  int error = sd_bus_message_enter_container(m, 'a', "{sv}");
  while (error >= 0 && (error = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
    const char* name = nullptr;
    error = sd_bus_message_read(m, "s", &name);
    if (error >= 0) error = read_value(m, reader_of(name), out);
    if (error >= 0) error = sd_bus_message_exit_container(m);
  }
  return error < 0 ? error : sd_bus_message_exit_container(m);
}

}  // namespace

Result<UnitState> unit_state(sd_bus_message* m) {
  UnitState out;
  if (int error = read_properties(m, out); error < 0)
    return fail(Code::invalid, fmt::format("what systemd says of a unit cannot be read: {}", std::strerror(-error)));
  if (out.load.empty() || out.active.empty() || out.sub.empty())
    return fail(Code::invalid, "systemd does not say how a unit is");
  return out;
}

std::optional<std::string> changed_sub_state(sd_bus_message* m) {
  UnitState out;
  if (sd_bus_message_skip(m, "s") < 0 || read_properties(m, out) < 0 || out.sub.empty()) return {};
  return out.sub;
}

std::string unit_path(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &path) < 0) return "/";
  std::unique_ptr<char, void (*)(void*)> owned(path, ::free);
  return path;
}

}  // namespace davy::io
