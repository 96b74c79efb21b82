// The options of probe `disk`.
#include "providers/probe/disk.h"

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::DiskProbe> = "disk";
template <>
inline constexpr auto kFields<providers::DiskProbe> =
    std::tuple{required("disk", &providers::DiskProbe::path, "a path on the file system to look at")};

// clang-format off
template <> const core::Table& table_of<providers::DiskProbe>() { return MadeTable<providers::DiskProbe>::get(); }
// clang-format on

}  // namespace davy::spec
