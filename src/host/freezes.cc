#include "host/freezes.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "io/posix/posix.h"
#include "spec/fields.h"

namespace davy::spec {

template <>
inline constexpr auto kFields<host::Freeze> = std::tuple{required("environment", &host::Freeze::environment, "which"),
                                                         required("since", &host::Freeze::since, "when it was said"),
                                                         required("until", &host::Freeze::until, "how long it holds"),
                                                         required("why", &host::Freeze::why, "for whoever is refused"),
                                                         required("who", &host::Freeze::who, "who said it")};

}  // namespace davy::spec

namespace davy::host {
namespace {

constexpr std::size_t kLargest = 64 * 1024;

Result<Freeze> read(const std::string& file) {
  auto text = io::read_file(file, kLargest);
  if (!text) return std::unexpected(text.error());
  auto json = spec::parse_json(*text);
  auto out = json ? spec::decoded<Freeze>(spec::from_json(*json), file) : fail(Code::internal, "");
  if (!out)
    return fail(Code::internal, file + " cannot be read: whether its environment is frozen, nobody knows",
                "`davy freeze ENVIRONMENT --lift` removes it");
  return out;
}

}  // namespace

std::string file_of_freeze(const StateDir& dir, const std::string& environment) {
  return dir.freezes() + "/" + percent_encoded(environment) + ".json";
}

std::string text_of(const Freeze& f) { return spec::dump(spec::encode(f)) + "\n"; }

Result<std::vector<Freeze>> freezes(const StateDir& dir, Time now) {
  std::vector<Freeze> out;
  std::error_code error;
  std::filesystem::directory_iterator all(dir.freezes(), error);
  if (error == std::errc::no_such_file_or_directory) return out;
  if (error) return fail(Code::unavailable, dir.freezes() + ": " + error.message());
  for (auto& file : all) {
    if (file.path().extension() != ".json") continue;
    auto one = read(file.path());
    if (!one) return std::unexpected(one.error());
    if (one->until > now) out.push_back(*std::move(one));
  }
  std::ranges::sort(out, {}, &Freeze::environment);
  return out;
}

}  // namespace davy::host
