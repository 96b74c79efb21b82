// The last stretch of a stream of windows, by series and release.
#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "judge/numbers/slope.h"
#include "judge/numbers/window.h"

namespace davy::judge {

// What is seen of a series that is a number, in one stretch of time.
struct Gauge {
  double last = 0, least = 0, most = 0, sum = 0;
  std::uint64_t samples = 0;
  void see(double);
  void merge(const Gauge& later);
  double mean() const { return samples == 0 ? 0 : sum / static_cast<double>(samples); }
};

// The last `over` of a stream of windows, in about 60 slots, so that a window costs one addition a series and a read
// one look-up. It holds between `over` and 61/60 of it, and always the newest window, however long.
class Rolling {
 public:
  explicit Rolling(Duration over);
  void see(const Window&);

  Duration over() const { return over_; }
  Duration covered() const { return covered_; }  // time of the windows in it
  bool full() const { return covered_ >= over_; }
  Duration blind() const { return blind_; }        // of that: windows whose traffic may lack something
  const std::string& gap() const { return gap_; }  // why the newest of those may
  Time now() const { return stretches_.empty() ? Time{} : stretches_.back().to; }
  const Tally* tally(const std::string& release) const;  // null: it had no request
  std::optional<Gauge> gauge(const std::string& series, const std::string& release) const;
  const std::string* word(const std::string& series, const std::string& release) const;  // the newest
  // How many there were of what a window counts; nothing: it is no such series, or nobody told of it.
  std::optional<double> count(const std::string& series, const std::string& release) const;
  Duration unbroken(const std::string& signal) const;        // time of the windows since it was last away
  const std::string* away(const std::string& signal) const;  // why it cannot be read now; null: it can

  // A point a slot, for slopes: the mean of a gauge; what `number` makes of the traffic of a slot.
  std::vector<Point> points(const std::string& series, const std::string& release) const;
  std::vector<Point> points(const std::string& release,
                            const std::function<std::optional<double>(const Tally&, Duration)>& number) const;

 private:
  struct Stretch {
    Time from{}, to{};
    Duration covered{}, blind{};
  };
  template <class T>
  struct Slot {
    std::uint64_t stretch = 0;  // number of its stretch, counted from the first one ever
    T what;
  };
  struct Track {  // one series of one release
    std::deque<Slot<Gauge>> slots;
    bool counts = false;  // the slots' sums are what was counted
    std::string word;
    Time word_at{};
  };
  struct Traffic {
    std::deque<Slot<Tally>> slots;
    Tally total;
  };
  using Key = std::pair<std::string, std::string>;              // series, release
  using Asked = std::pair<std::string_view, std::string_view>;  // so that a look-up copies no string
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const auto& key) const { return of(key.first, key.second); }
    static std::size_t of(std::string_view series, std::string_view release);
  };
  struct Same {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return a.first == b.first && a.second == b.second; }
  };
  Track& track(const std::string& series, const std::string& release);
  const Track* find(const std::string& series, const std::string& release) const;
  std::uint64_t newest() const { return first_ + stretches_.size() - 1; }
  double middle(std::uint64_t stretch) const;
  void forget(Time now);
  void sweep();
  void forget_away(const std::map<std::string, std::string>& signals);

  Duration over_, covered_{}, blind_{};
  std::string gap_;
  std::deque<Stretch> stretches_;
  std::uint64_t first_ = 0, swept_ = 0;
  std::unordered_map<Key, Track, Hash, Same> tracks_;
  std::map<std::string, Traffic> traffic_;
  std::map<std::string, std::string> away_;
  std::map<std::string, Time> away_until_;  // end of the last window in which a signal was away
};

}  // namespace davy::judge
