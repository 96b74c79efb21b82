#include "providers/probe/disk.h"

#include <fmt/format.h>

namespace davy::providers {

ports::Observation observed(const DiskProbe& o, ports::Files::Space s) {
  auto free = static_cast<double>(s.free.value), total = static_cast<double>(s.total.value);
  auto used = total > 0 ? 1 - free / total : 1;
  ports::Observation out{.ok = true,
                         .says = fmt::format("{} has {} free of {}", o.path, human(s.free), human(s.total)),
                         .numbers = {{"free", free}, {"total", total}, {"used", used}},
                         .words = {{"writable", s.read_only ? "false" : "true"}}};
  if (s.files > 0) {  // some count none
    out.numbers["inodes"] = static_cast<double>(s.files);
    out.numbers["inodes_free"] = static_cast<double>(s.files_free);
  }
  auto not_well = [&](const char* by, const char* says) {
    out.ok = false, out.unwell.emplace_back(by), out.says += says;
  };
  if (s.read_only) return not_well("writable", ", mounted read-only"), out;  // has no room for anybody
  if (s.free.value <= 0) not_well("free", "");
  if (s.files > 0 && s.files_free <= 0) not_well("inodes_free", ", and no inode");
  return out;
}

ports::Task<ports::Observation> perform(DiskProbe o, ports::Outside& out, ports::Asking who) {
  auto space = out.files.space(ports::beside(who.directory, o.path));
  if (!space) co_return std::unexpected(space.error());
  co_return observed(o, *space);
}

void add_disk_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<DiskProbe>("disk",
                     "Counts the room on a file system; well is that there is any, and that it may be written to.",
                     "{ disk: /, expect: free > 10 GB }", perform,
                     {{"free", Unit::bytes, "room for an unprivileged user; with % its share of `total`", "total"},
                      {"total", Unit::bytes, "the size of the file system"},
                      {"used", Unit::ratio, "the share that is not free"},
                      {"inodes_free", Unit::none, "how many files more it can have; with % the share", "inodes"},
                      {"inodes", Unit::none, "how many files it can have; some file systems do not say"},
                      {"writable", spec::kWord, "true, or false where it is mounted read-only"}});
}

}  // namespace davy::providers
