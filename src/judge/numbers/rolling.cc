#include "judge/numbers/rolling.h"

#include <algorithm>

namespace davy::judge {
namespace {

constexpr int kSlots = 60;

// Adds to the newest slot, or begins one.
template <class Slots, class T>
void add(Slots& slots, std::uint64_t stretch, const T& what) {
  if (slots.empty() || slots.back().stretch != stretch) slots.push_back({stretch, {}});
  slots.back().what.merge(what);
}

}  // namespace

void Gauge::see(double value) { merge({value, value, value, value, 1}); }

void Gauge::merge(const Gauge& later) {
  if (later.samples == 0) return;
  least = samples == 0 ? later.least : std::min(least, later.least);
  most = samples == 0 ? later.most : std::max(most, later.most);
  last = later.last;
  sum += later.sum;
  samples += later.samples;
}

std::size_t Rolling::Hash::of(std::string_view series, std::string_view release) {
  std::hash<std::string_view> hash;
  return hash(series) * 31 + hash(release);
}

Rolling::Rolling(Duration over) : over_(over) {}

void Rolling::see(const Window& w) {
  if (stretches_.empty() || w.to - stretches_.back().from > over_ / kSlots) stretches_.push_back({.from = w.from});
  auto& stretch = stretches_.back();
  stretch.to = w.to;
  stretch.covered += w.length(), covered_ += w.length();
  if (!w.complete) stretch.blind += w.length(), blind_ += w.length(), gap_ = w.gap;
  for (auto& [release, tally] : w.releases) {
    auto& traffic = traffic_[release];
    add(traffic.slots, newest(), tally);
    traffic.total.merge(tally);
  }
  for (auto& [series, values] : w.numbers)
    for (auto& [release, value] : values)
      add(track(series, release).slots, newest(), Gauge{value, value, value, value, 1});
  for (auto& [series, values] : w.states)
    for (auto& [release, word] : values) track(series, release).word = word, track(series, release).word_at = w.to;
  for (auto& [series, values] : w.counts)
    for (auto& [release, n] : values) {
      auto& counted = track(series, release);
      auto value = static_cast<double>(n);
      counted.counts = true;
      add(counted.slots, newest(), Gauge{value, value, value, value, 1});
    }
  for (auto& [signal, _] : w.away) away_until_[signal] = w.to;
  forget_away(w.away);
  forget(w.to);
}

// What a signal told before it went away is not how things are; what it counted did happen, and whether it was up.
void Rolling::forget_away(const std::map<std::string, std::string>& signals) {
  for (auto& [signal, why] : signals) {
    if (away_.contains(signal)) continue;
    std::erase_if(tracks_, [&](auto& entry) {
      auto& series = entry.first.first;
      return !entry.second.counts && !series.ends_with(".up") && series.starts_with(signal) &&
             (series.size() == signal.size() || series[signal.size()] == '.');
    });
  }
  away_ = signals;
}

Rolling::Track& Rolling::track(const std::string& series, const std::string& release) {
  auto found = tracks_.find(Asked(series, release));
  if (found != tracks_.end()) {
    auto& slots = found->second.slots;
    while (!slots.empty() && slots.front().stretch < first_) slots.pop_front();
    return found->second;
  }
  return tracks_[{series, release}];
}

// What went out of sight: traffic is taken out of its total at once, tracks when they are next written.
void Rolling::forget(Time now) {
  for (; stretches_.size() > 1 && stretches_.front().to <= now - over_; stretches_.pop_front(), ++first_)
    covered_ -= stretches_.front().covered, blind_ -= stretches_.front().blind;
  for (auto it = traffic_.begin(); it != traffic_.end();) {
    auto& [slots, total] = it->second;
    for (; !slots.empty() && slots.front().stretch < first_; slots.pop_front()) total.remove(slots.front().what);
    it = slots.empty() ? traffic_.erase(it) : std::next(it);
  }
  if (first_ - swept_ > kSlots) sweep();
}

// Series that nobody tells of any more.
void Rolling::sweep() {
  swept_ = first_;
  std::erase_if(tracks_, [&](auto& entry) {
    auto& track = entry.second;
    return (track.slots.empty() || track.slots.back().stretch < first_) && track.word_at <= now() - over_;
  });
}

const Rolling::Track* Rolling::find(const std::string& series, const std::string& release) const {
  auto found = tracks_.find(Asked(series, release));
  return found == tracks_.end() ? nullptr : &found->second;
}

const Tally* Rolling::tally(const std::string& release) const {
  auto found = traffic_.find(release);
  return found == traffic_.end() || found->second.total.attempts() == 0 ? nullptr : &found->second.total;
}

std::optional<Gauge> Rolling::gauge(const std::string& series, const std::string& release) const {
  Gauge all;
  if (auto found = find(series, release))
    for (auto& slot : found->slots)
      if (slot.stretch >= first_) all.merge(slot.what);
  return all.samples == 0 ? std::nullopt : std::optional(all);
}

std::optional<double> Rolling::count(const std::string& series, const std::string& release) const {
  auto found = find(series, release);
  if (!found || !found->counts) return {};
  auto all = gauge(series, release);
  return all ? std::optional(all->sum) : std::nullopt;
}

Duration Rolling::unbroken(const std::string& signal) const {
  auto found = away_until_.find(signal);
  return found == away_until_.end() ? covered_ : std::min(covered_, now() - found->second);
}

const std::string* Rolling::away(const std::string& signal) const {
  auto found = away_.find(signal);
  return found == away_.end() ? nullptr : &found->second;
}

const std::string* Rolling::word(const std::string& series, const std::string& release) const {
  auto found = find(series, release);
  return !found || found->word.empty() || found->word_at <= now() - over_ ? nullptr : &found->word;
}

double Rolling::middle(std::uint64_t stretch) const {
  auto& it = stretches_[stretch - first_];
  return seconds(it.from - stretches_.front().from) + seconds(it.to - it.from) / 2;
}

std::vector<Point> Rolling::points(const std::string& series, const std::string& release) const {
  std::vector<Point> out;
  if (auto found = find(series, release))
    for (auto& slot : found->slots)
      if (slot.stretch >= first_) out.push_back({middle(slot.stretch), slot.what.mean()});
  return out;
}

std::vector<Point> Rolling::points(const std::string& release,
                                   const std::function<std::optional<double>(const Tally&, Duration)>& number) const {
  std::vector<Point> out;
  auto found = traffic_.find(release);
  if (found == traffic_.end()) return out;
  for (auto& slot : found->second.slots)
    if (auto value = number(slot.what, stretches_[slot.stretch - first_].covered))
      out.push_back({middle(slot.stretch), *value});
  return out;
}

}  // namespace davy::judge
