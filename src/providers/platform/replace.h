// Platform `replace`: the user's own command has something else replace one release by the other (a push that a
// pipeline carries out, a deployment of a cluster), and another one says how far that is.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct ReplaceOptions {
  std::string replace, progress, status, cwd;
  Duration up_within = std::chrono::seconds(30), known_within = std::chrono::minutes(1);
};

// One line of `progress`: a release, by its id or version, its share of the users, and how its replacement goes.
struct ProgressLine {
  std::string release;
  ports::Replacing how;
};
Result<std::vector<ProgressLine>> progress_of(std::string_view output);

std::unique_ptr<ports::Platform> replace_platform(ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ReplaceOptions> = "replace";
template <>
inline constexpr auto kFields<providers::ReplaceOptions> = std::tuple{
    required("replace", &providers::ReplaceOptions::replace,
             "has $version ($release) replace what runs, and ends as soon as that is taken up; said twice it does "
             "nothing more. On the way back it is told the previous version"),
    required("progress", &providers::ReplaceOptions::progress,
             "prints a line `RELEASE SHARE STATE` for each release that has users or is on its way: its id, "
             "or its version where that is not shipped once more; percent of the users; and running, done, failed or "
             "stuck with a word why. Without a state it is done at 100%"),
    required("status", &providers::ReplaceOptions::status, "exit 0: $version runs and is healthy"),
    optional("up-within", &providers::ReplaceOptions::up_within, "how long one of these commands may take"),
    optional(
        "known-within", &providers::ReplaceOptions::known_within,
        "how long after `replace` it may be until `progress` tells of it; so long a way back waits to be sure that "
        "what was told a moment ago does not come yet"),
    optional("cwd", &providers::ReplaceOptions::cwd, "where the commands run")};

}  // namespace davy::spec
