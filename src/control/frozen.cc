#include "control/frozen.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "io/posix/posix.h"

namespace davy::spec {

template <>
inline constexpr auto kFields<control::Frozen> =
    std::tuple{required("environment", &control::Frozen::environment, "which"),
               required("since", &control::Frozen::since, "when it was said"),
               required("until", &control::Frozen::until, "how long it holds"),
               required("why", &control::Frozen::why, "for whoever is refused"),
               required("who", &control::Frozen::who, "who said it")};

}  // namespace davy::spec

namespace davy::control {
namespace {

constexpr std::size_t kLargest = 64 * 1024;

std::string file_of(Runs& runs, const std::string& environment) {
  return runs.dir().freezes() + "/" + percent_encoded(environment) + ".json";
}

Result<Frozen> read(const std::string& file) {
  auto text = io::read_file(file, kLargest);
  if (!text) return std::unexpected(text.error());
  auto json = spec::parse_json(*text);
  auto out = json ? spec::decoded<Frozen>(spec::from_json(*json), file) : fail(Code::internal, "");
  if (!out)
    return fail(Code::internal, file + " cannot be read: whether its environment is frozen, nobody knows",
                "`davy freeze ENVIRONMENT --lift` removes it");
  return out;
}

}  // namespace

Result<Frozen> freeze(Runs& runs, const std::string& environment, Time until, const std::string& why,
                      const run::Speaker& who) {
  if (environment.empty()) return fail(Code::invalid, "an environment without a name");
  if (until <= runs.now()) return fail(Code::invalid, "that time is over: " + timestamp(until));
  if (auto made = io::make_folders(runs.dir().freezes()); !made) return std::unexpected(made.error());
  Frozen out{environment, runs.now(), until, why, who.name()};
  auto text = spec::dump(spec::encode(out)) + "\n";
  auto written = io::replace_file(file_of(runs, environment), text, 0600, io::Sync::yes);
  if (!written) return std::unexpected(written.error());
  return out;
}

Result<> thaw(Runs& runs, const std::string& environment) {
  std::error_code error;
  if (std::filesystem::remove(file_of(runs, environment), error)) return {};
  if (error) return fail(Code::unavailable, file_of(runs, environment) + ": " + error.message());
  return fail(Code::refused, fmt::format("`{}` is not frozen", environment), "`davy freeze` lists what is");
}

Result<std::vector<Frozen>> frozen(Runs& runs) {
  std::vector<Frozen> out;
  std::error_code error;
  std::filesystem::directory_iterator all(runs.dir().freezes(), error);
  if (error == std::errc::no_such_file_or_directory) return out;
  if (error) return fail(Code::unavailable, runs.dir().freezes() + ": " + error.message());
  for (auto& file : all) {
    if (file.path().extension() != ".json") continue;
    auto one = read(file.path());
    if (!one) return std::unexpected(one.error());
    if (one->until > runs.now()) out.push_back(*std::move(one));
  }
  std::ranges::sort(out, {}, &Frozen::environment);
  return out;
}

}  // namespace davy::control
