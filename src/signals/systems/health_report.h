// JSON of health endpoints into states and numbers: Spring Boot's actuator, ASP.NET, application/health+json
// (draft-inadarei-api-health-check), NestJS's terminus, and maps of one's own.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "spec/condition.h"

namespace davy::signals {

struct HealthReport {
  // Names are paths: {"checks": {"database": {"status": "up"}}} gives `database` and `checks.database`, both "up". ""
  // is the whole. Bytes that no condition could name become _.
  std::map<std::string, std::string> states;
  // With the unit that stands there, in base units: 12 with observedUnit ms, took_ms: 12, "15ms", "00:00:00.0150000".
  std::map<std::string, spec::Quantity> numbers;
  std::size_t failing = 0;  // parts that do not say that they are well, and words that say ill
  bool cut = false;         // there was more than kMost of them
  static constexpr std::size_t kMost = 1000, kDeepest = 12;
};
HealthReport health_report(const spec::Json&);

// "15ms", "1.5 s", "00:00:00.0150000" in seconds.
std::optional<double> duration_text(std::string_view);

}  // namespace davy::signals
