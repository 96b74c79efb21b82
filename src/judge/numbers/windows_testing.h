// Builders for the judge's tests: windows of a steady service, and conditions as text.
#pragma once
#include <gtest/gtest.h>

#include "judge/judge.h"

namespace davy::judge::testing {
using namespace std::chrono_literals;

inline constexpr const char* kNew = "shop@3";
inline constexpr const char* kOld = "shop@2";

inline spec::Condition condition(std::string_view text) {
  auto parsed = spec::parse_condition(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(spec::Condition{});
}

inline run::Rule rule(std::string_view text, run::Consequence then = run::Consequence::roll_back) {
  return {condition(text), then};
}

inline run::Subject subject() {
  return {.service = "shop", .candidate = {.version = "3", .id = kNew}, .previous = {.version = "2", .id = kOld}};
}

// Without a warm-up: what is told at once is tested at once.
inline Setup setup(std::vector<run::Rule> rules) {
  return {.subjects = {subject()}, .rules = std::move(rules), .warm_up = {}};
}

// Errors come from as many clients, none of whom is seen twice.
inline Tally tally(std::uint64_t requests, std::uint64_t errors = 0, Duration latency = 10ms) {
  Tally t{.requests = requests,
          .errors = errors,
          .error_clients = errors,
          .error_squares = errors,
          .repeats = requests,
          .newcomers = requests};
  t.latency.add(latency, requests);
  return t;
}

// One after the other, each as long as asked for.
class Windows {
 public:
  explicit Windows(Duration length = 100ms) : length_(length) {}
  Window next(Tally candidate, Tally previous = {}) {
    auto w = empty();
    if (candidate.attempts() > 0) w.releases[kNew] = std::move(candidate);
    if (previous.attempts() > 0) w.releases[kOld] = std::move(previous);
    return w;
  }
  Window empty() {
    Window w{.from = at_, .to = at_ + length_};
    at_ = w.to;
    return w;
  }
  void jump(Duration gap) { at_ += gap; }

 private:
  Time at_ = Time(1'700'000'000s);
  Duration length_;
};

// All that was said in so many windows.
inline std::vector<Verdict> watch(Judge& judge, Windows& windows, int n, const Tally& candidate,
                                  const Tally& previous = {}) {
  std::vector<Verdict> out;
  for (int i = 0; i < n; ++i)
    for (auto& v : judge.see(windows.next(candidate, previous))) out.push_back(std::move(v));
  return out;
}

// Of several, those of one kind.
inline std::vector<Verdict> only(Kind kind, std::vector<Verdict> all) {
  std::erase_if(all, [&](auto& v) { return v.kind != kind; });
  return all;
}

inline std::vector<Kind> kinds(const std::vector<Verdict>& verdicts) {
  std::vector<Kind> out;
  for (auto& v : verdicts) out.push_back(v.kind);
  return out;
}

}  // namespace davy::judge::testing
