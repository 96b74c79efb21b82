// From an account to what people see of it, the verdict included.
#pragma once
#include "analyze/run.h"
#include "view/analysis.h"

namespace davy::analyze {

// The candidate against the baseline, by the live judge's own tests (judge/counts.h) on windows of the log's own
// seconds and their realised shares. Where both never had requests in the same window it cannot tell: rates of
// different times differ for reasons of their own.
view::AnalysisView::Comparison compare(const Account&, const AccountOptions&);

view::AnalysisView view_of(const Analysis&, const AccountOptions&);

}  // namespace davy::analyze
