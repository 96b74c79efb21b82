// How well the judge judges, in parts that can be asked for alone (judge_bench --only PART).
#pragma once
#include <cstdint>
#include <string>

namespace davy::bench {

inline constexpr double kAlpha = 0.01;

void false_alarms(std::uint64_t canaries, std::uint64_t seed, const std::string& only);
void evidence_needed(std::uint64_t seed);   // beside Wald, Flagger and Kayenta
void time_to_decision(std::uint64_t seed);  // first bad answer to verdict
void promises(std::uint64_t bakes, std::uint64_t seed);
// In traffic that breaks assumptions; only: worlds whose name holds it.
void equal_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only);
void bad_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only);
void costs(const std::string& log);  // log: a HAProxy log to measure the sketch's error on; may be empty

}  // namespace davy::bench
