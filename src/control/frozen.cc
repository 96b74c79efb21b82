#include "control/frozen.h"

#include <fmt/format.h>

#include <filesystem>

#include "io/posix/posix.h"

namespace davy::control {

Result<Freeze> freeze(Runs& runs, const std::string& environment, Time until, const std::string& why,
                      const run::Speaker& who) {
  if (environment.empty()) return fail(Code::invalid, "an environment without a name");
  if (until <= runs.now()) return fail(Code::invalid, "that time is over: " + timestamp(until));
  if (auto made = io::make_folders(runs.dir().freezes()); !made) return std::unexpected(made.error());
  Freeze out{environment, runs.now(), until, why, who.name()};
  auto file = host::file_of_freeze(runs.dir(), environment);
  if (auto written = io::replace_file(file, host::text_of(out), 0600, io::Sync::yes); !written)
    return std::unexpected(written.error());
  return out;
}

Result<> thaw(Runs& runs, const std::string& environment) {
  std::error_code error;
  auto file = host::file_of_freeze(runs.dir(), environment);
  if (std::filesystem::remove(file, error)) return {};
  if (error) return fail(Code::unavailable, file + ": " + error.message());
  return fail(Code::refused, fmt::format("`{}` is not frozen", environment), "`davy freeze` lists what is");
}

Result<std::vector<Freeze>> frozen(Runs& runs) { return host::freezes(runs.dir(), runs.now()); }

}  // namespace davy::control
