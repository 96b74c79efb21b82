// Verdicts in words and numbers: the sentence for people, the evidence for the journal.
#pragma once
#include "judge/moments.h"
#include "judge/rules.h"
#include "judge/statistics/alone.h"

namespace davy::judge {

std::string thousands(std::uint64_t);  // 17,280

// "21 errors in 104 requests (20%)"; the previous release is said shorter: "2 in 1,896 (0.11%)".
std::string errors_said(std::uint64_t errors, std::uint64_t requests, std::string_view noun = "error");
std::string errors_said_shortly(std::uint64_t errors, std::uint64_t requests);

Verdict verdict_of_rule(const run::Rule&, const Finding&, const Stand&);
Verdict verdict_of_strike(const ErrorTest&, const Stand&);  // users are to be taken away for now
Verdict verdict_of_errors(const ErrorTest&, Kind, const Stand&);
Verdict verdict_of_strike(const Alone&, const Stand&);
Verdict verdict_of_errors(const Alone&, const Stand&);  // its kind by its cause
Verdict verdict_of_client_errors(const ErrorTest&, Kind, const Stand&);
Verdict verdict_of_aborts(const CountTest&, const Stand&);
Verdict verdict_of_moments(const Moments&, const Stand&);
Verdict verdict_of_shares(double realised, double asked, const Stand&);

// "about 12 more errors on the candidate, or 40s at this traffic, would decide"; "no sign of a difference".
std::string outlook_said(const CountTest&);
std::string outlook_said(const ErrorTest&);

spec::Value real_number(double);
spec::Value evidence_of(const Tally*, const std::string& release);  // null: no traffic

}  // namespace davy::judge
