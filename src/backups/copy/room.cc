#include "backups/copy/room.h"

#include <fmt/format.h>

#include "base/units.h"
#include "io/posix/files.h"

namespace davy::backups {

Result<> has_room(const std::string& folder, std::int64_t wanted, const std::string& what) {
  auto space = io::Files().space(folder);
  if (!space) return std::unexpected(space.error());
  if (space->free.value >= wanted) return {};
  return fail(
      Code::no_space,
      fmt::format("{} needs about {}, and {} has {} free", what, human(Bytes{wanted}), folder, human(space->free)),
      "free some, or `keep` fewer copies");
}

}  // namespace davy::backups
