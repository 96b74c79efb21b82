// Exact tails of the binomial and Poisson distributions, summed: for counts of errors, which are few.
#pragma once
#include <cstdint>

namespace davy::judge {

double binomial_at_least(double events, double of, double probability);  // P(X >= events)
double poisson_tail(std::uint64_t events, double mean);                  // P(X >= events)

// The rate that so few events among so many requests leave room for: the largest at which they would still come with
// probability `chance` (Clopper & Pearson 1934).
double highest_rate(double events, double of, double chance);

}  // namespace davy::judge
