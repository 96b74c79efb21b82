// A calendar whose clocks go on an hour in one night and back in another, and a watch to be told things. Tests only.
#pragma once
#include <gmock/gmock.h>

#include "watch/news.h"

namespace davy::watch {

using namespace std::chrono_literals;

// UTC+1; from 01:00 UTC of day `summer` to 01:00 UTC of day `winter` UTC+2, as in Berlin.
struct Berlin final : Zone {
  std::int32_t summer = 0, winter = 0;
  Duration offset(Time t) const {
    bool is_summer = t >= Time(std::chrono::days(summer)) + 1h && t < Time(std::chrono::days(winter)) + 1h;
    return is_summer ? 2h : 1h;
  }
  std::int32_t day(Time t) const override {
    return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(t + offset(t)).time_since_epoch().count());
  }
  Time moment(std::int32_t day, std::int32_t minute) const override {
    Time local = Time(std::chrono::days(day)) + std::chrono::minutes(minute);
    for (auto at : {local - 2h, local - 1h})
      if (at + offset(at) == local) return at;
    return Time(std::chrono::days(day)) + 1h;  // left out: the moment at which they go on
  }
};

inline constexpr std::int32_t kDay = 20'000;  // 2024-10-04, a Friday
inline Time at(Duration since) { return Time(std::chrono::days(kDay)) + 12h + since; }

inline run::Duty once(std::string name, Duration after) {
  return {std::move(name), {.after = after}, {{.path = "look"}}};
}
inline run::Duty beats(std::string name, std::vector<run::Look> looks) {
  return {std::move(name), {.beats = std::move(looks)}, {{.path = "look"}}};
}
inline run::Duty daily(std::string name, std::int32_t minute) {
  return {std::move(name), {.every = run::Every::day, .at = minute, .dated = false}, {{.path = "look"}}};
}
inline run::Rule rule(std::string_view text, run::Consequence then) { return {*spec::parse_condition(text), then}; }

// Tells, decides, folds: what its loop does, and no more.
struct Story {
  explicit Story(std::vector<run::Duty> duties, std::vector<run::Rule> rules = {}) {
    run::Runbook book{
        .environment = "production", .version = "2", .subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}};
    book.watch = std::move(duties), book.rules = std::move(rules);
    take({Began{"r1", at(0s), book}}, at(0s));
  }
  void take(const std::vector<Event>& events, Time now) {
    for (auto& e : events) {
      if (auto one = news_of(s, e, now)) told.push_back(one->values["reason"]);
      fold(s, e, now);
      all.push_back(e);
    }
  }
  void hear(const Input& in, Duration since) { take(decide(s, in, at(since), zone), at(since)); }
  Wanted want(Duration since) const { return wanted(s, at(since), zone); }
  // Looks at all that is due.
  void look(Duration since, Seen seen = Seen::well, std::string says = "fine") {
    for (auto& one : want(since).looks) hear(Finished{one.duty, one.due, one.id, seen, says, {}, {}, 1s}, since);
  }
  template <class T>
  std::vector<T> list() const {
    std::vector<T> out;
    for (auto& e : all)
      if (auto one = std::get_if<T>(&e)) out.push_back(*one);
    return out;
  }

  Berlin zone;
  State s;
  std::vector<Event> all;
  std::vector<std::string> told;
};

}  // namespace davy::watch
