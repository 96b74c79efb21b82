// Web vitals as pages send them: what Google's web-vitals library hands to its callbacks, as JSON, with the release
// beside it (github.com/GoogleChrome/web-vitals: Metric; web.dev/articles/vitals).
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace davy::signals {

// errors: how many errors of scripts a page view, or a session, has met.
enum class Vital : std::uint8_t { lcp, fcp, cls, inp, ttfb, page_load, errors };
inline constexpr std::array<std::string_view, 7> kVitalNames{"lcp", "fcp", "cls", "inp", "ttfb", "page_load", "errors"};

struct Beacon {
  Vital vital = Vital::lcp;
  double value = 0;  // seconds; of cls its score, of errors how many
  std::string id;    // of this metric of this page view: what comes again under it is newer; may be empty
  std::string release;
};
struct Beacons {
  std::vector<Beacon> all;
  std::uint64_t broken = 0;  // what was no beacon; names that are none of the vitals are passed over
};

// One object, or a list of at most 50: {name: "LCP", value: 2500.0, id: "v4-…", version: "1.4.2", …}. Values are in
// milliseconds, up to an hour. release_by: the field that names the release; empty: none does.
Beacons read_beacons(std::string_view body, const std::string& release_by);

}  // namespace davy::signals
