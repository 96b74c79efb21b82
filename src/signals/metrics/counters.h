// Growth of counters between looks, by series. Counters only rise; one that fell was set back by a restart and counts
// from zero (Prometheus: querying/functions, rate).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace davy::signals {

class Counters {
 public:
  static constexpr std::size_t kMostSeries = 100'000;
  static constexpr std::uint64_t kRemembered = 100;  // looks for which a series may be missing and still be the same

  void begin();  // a new look

  // Since the look before. Nothing on the first look, for what is not a number, and beyond kMostSeries. A series that
  // the look before did not have was born between, with its first event: all of it is growth. restarted: its process is
  // a new one, so all of it is growth as well. born: the look at which its process was seen first; a series that was
  // not there since then is that process's own, whatever an earlier one had counted under its name.
  std::optional<double> see(std::string_view series, double value, bool restarted = false, std::uint64_t born = 0);

  std::uint64_t look() const { return look_; }  // the number of this one

  void end();  // forgets what has been missing for long

  std::size_t size() const { return seen_.size(); }
  std::uint64_t fell() const { return fell_; }            // values of the last look that were less than before
  std::uint64_t came_back() const { return came_back_; }  // that are where they were before they fell
  std::uint64_t refused() const { return refused_; }      // values of series beyond kMostSeries, of the last look

 private:
  struct Seen {
    double value = 0;
    std::uint64_t look = 0;
    double fell_from = 0;  // 0: it never fell, or rose again as counters do
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<std::string, Seen, Hash, std::equal_to<>> seen_;
  std::uint64_t look_ = 0, refused_ = 0, fell_ = 0, came_back_ = 0;
};

}  // namespace davy::signals
