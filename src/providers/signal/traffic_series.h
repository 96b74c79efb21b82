// What rules may read of traffic, whichever signal tells of it.
#pragma once
#include <vector>

#include "spec/vocabulary.h"

namespace davy::providers {

std::vector<spec::GivenSeries> traffic_series();

}  // namespace davy::providers
