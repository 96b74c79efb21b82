#include "control/watching/serve_unit.h"

#include <fmt/format.h>

#include "io/posix/files.h"

namespace davy::control {
namespace {

constexpr std::string_view kName = "davy-serve.service", kWritten = "# Written by `davy serve --install`.";

std::string quoted(const std::string& word) {
  std::string out = "\"";
  for (auto c : word) out += c == '%' ? "%%" : c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

}  // namespace

// What it starts to take a release back lives on when it is stopped, as whatever a keeper starts does, so the manager
// ends the main process alone; and what the manager takes from it the instances would not have either.
std::string serve_unit(const std::string& program, const std::string& state, const std::string& user) {
  return fmt::format(
      "{4}\n"
      "[Unit]\n"
      "Description=davy serve: looks on after deployments ({0})\n"
      "After=network-online.target time-sync.target\n"
      "Wants=network-online.target\n"
      "StartLimitIntervalSec=0\n"
      "\n"
      "[Service]\n"
      "Type=notify\n"
      "ExecStart={1} serve --state {2}\n"
      "User={3}\n"
      "Restart=always\n"
      "RestartSec=1s\n"
      "WatchdogSec=60s\n"
      "TimeoutStopSec=90s\n"
      "KillMode=process\n"
      "LimitNOFILE=65536\n"
      "\n"
      "[Install]\n"
      "WantedBy=multi-user.target\n",
      state, quoted(program), quoted(state), user, kWritten);
}

Result<std::string> install_serve_unit(const std::string& folder, const std::string& unit) {
  auto path = folder + "/" + std::string(kName);
  io::Files files;
  auto there = files.stat(path);
  if (!there) return std::unexpected(there.error());
  auto before = *there ? files.read(path) : Result<std::string>("");
  if (!before) return std::unexpected(before.error());
  if (*there && !before->starts_with(kWritten))
    return fail(Code::refused, path + " is there, and Davy has not written it", "move it away");
  if (auto done = files.write(path, unit, 0644); !done) return std::unexpected(done.error());
  return path;
}

}  // namespace davy::control
