// Beacons of web vitals as anybody may post them: bodies between two NUL bytes, taken and looked at in time.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "signals/systems/vitals_account.h"

namespace {

using namespace davy;
using namespace davy::signals;

void require(bool held) {
  if (!held) std::abort();
}

void check(const judge::Window& w) {
  for (auto& [series, by_release] : w.numbers)
    for (auto& [release, value] : by_release) require(std::isfinite(value) && value >= 0);
  require(judge::decode(judge::encode(w)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  VitalsAccount account(std::chrono::seconds(10), data[0] & 1);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Time now{std::chrono::seconds(1)};
  for (int bodies = 0; bodies < 10; ++bodies) {
    auto end = rest.find('\0');
    auto beacons = read_beacons(rest.substr(0, end), data[0] & 2 ? "version" : "");
    require(beacons.all.size() <= 50);
    for (auto& one : beacons.all) require(one.value >= 0 && one.id.size() <= 100 && one.release.size() <= 100);
    for (int again = 0; again < (data[0] & 4 ? 30 : 1); ++again) account.take(beacons, now);
    check(account.look(now));
    now += std::chrono::seconds(data[0] & 8 ? 11 : 1);
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  check(account.look(now + std::chrono::seconds(11)));
  return 0;
}
