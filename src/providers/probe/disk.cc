#include "providers/probe/disk.h"

#include <fmt/format.h>

namespace davy::providers {

ports::Observation observed(const DiskProbe& o, ports::Files::Space s) {
  auto free = static_cast<double>(s.free.value), total = static_cast<double>(s.total.value);
  auto used = total > 0 ? 1 - free / total : 1;
  return {.ok = s.free.value > 0,
          .says = fmt::format("{} has {} free of {}", o.path, human(s.free), human(s.total)),
          .numbers = {{"free", free}, {"total", total}, {"used", used}}};
}

ports::Task<ports::Observation> perform(DiskProbe o, ports::Outside& out, ports::Asking) {
  auto space = out.files.space(o.path);
  if (!space) co_return std::unexpected(space.error());
  co_return observed(o, *space);
}

static std::optional<spec::Measured> measured(const DiskProbe&, std::string_view name) {
  using spec::Unit;
  return spec::among({{"free", Unit::bytes}, {"total", Unit::bytes}, {"used", Unit::ratio}}, name);
}

void add_disk_probe(ports::Registry& r) {
  r.probe<DiskProbe>("disk", "Counts the room on a file system.", "{ disk: /, expect: free > 10 GB }", perform,
                     {"numbers"}, [](const DiskProbe&) { return std::vector<std::string>{"free", "total", "used"}; });
  r.measured<DiskProbe>("probe", "disk", measured);
}

}  // namespace davy::providers
