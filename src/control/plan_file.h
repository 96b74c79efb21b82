// A plan as somebody handed it over: its text, what it says, and where it stands.
#pragma once
#include <string>

#include "plan/plan.h"

namespace davy::control {

struct PlanFile {
  std::string file, text;
  plan::Plan plan;
};

// Its text. Code::invalid when it cannot be read; `called`: what people call it.
Result<std::string> text_of_plan(const std::string& path, const std::string& called);

// With mistakes there is no plan in it.
struct ReadPlan {
  PlanFile plan;
  spec::Diagnostics mistakes;
};
ReadPlan read_plan(const std::string& file, std::string text);  // file: where the text came from

std::string directory_of(const PlanFile&);  // where it stands: what it names is named from there

// The environment that was named, or the only one.
Result<std::string> environment_of(const plan::Plan&, const std::string& given);

}  // namespace davy::control
