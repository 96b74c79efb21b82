#include "providers/probe/file.h"

#include <fmt/format.h>

namespace davy::providers {

ports::Observation observed(const FileProbe& o, const std::optional<ports::Files::Stat>& s) {
  if (!s) return {.ok = false, .says = o.path + " is not there", .words = {{"exists", "false"}}};
  auto mode = fmt::format("{:o}", s->mode);
  return {.ok = true,
          .says = fmt::format("{}, {}, mode {}", o.path, s->directory ? "a directory" : human(s->size), mode),
          .numbers = {{"size", static_cast<double>(s->size.value)}},
          .words = {{"exists", "true"}, {"mode", mode}, {"kind", s->directory ? "directory" : "file"}}};
}

ports::Task<ports::Observation> perform(FileProbe o, ports::Outside& out, ports::Asking) {
  auto stat = out.files.stat(o.path);
  if (!stat) co_return std::unexpected(stat.error());
  co_return observed(o, *stat);
}

static std::optional<spec::Measured> measured(const FileProbe&, std::string_view name) {
  using spec::Unit;
  return spec::among({{"size", Unit::bytes}}, name);
}

void add_file_probe(ports::Registry& r) {
  r.probe<FileProbe>("file", "Looks whether a file is there.", "{ file: /etc/shop/key.pem, expect: mode is 600 }",
                     perform, {"numbers"},
                     [](const FileProbe&) { return std::vector<std::string>{"exists", "mode", "kind", "size"}; });
  r.measured<FileProbe>("probe", "file", measured);
}

}  // namespace davy::providers
