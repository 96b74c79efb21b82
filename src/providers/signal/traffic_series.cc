#include "providers/signal/traffic_series.h"

#include "judge/numbers/series.h"

namespace davy::providers {

std::vector<spec::GivenSeries> traffic_series() {
  std::vector<spec::GivenSeries> out;
  for (auto& one : judge::traffic_series()) out.push_back({std::string(one.name), std::string(one.doc), one.unit});
  return out;
}

}  // namespace davy::providers
