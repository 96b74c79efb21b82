#include "control/plan_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "providers/registry.h"

namespace davy::control {

Result<std::string> text_of_plan(const std::string& path, const std::string& called) {
  std::error_code unseen;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  bool folder = called != "-" && std::filesystem::is_directory(path, unseen);
  if (!folder && in) return text.str();
  auto why = std::strerror(folder ? EISDIR : errno > 0 ? errno : EIO);
  return fail(Code::invalid, fmt::format("cannot read the plan {}: {}", called, why),
              "name it with --file, or go where davy.yaml is");
}

ReadPlan read_plan(const std::string& file, std::string text) {
  ReadPlan out{.plan = {.file = file, .text = std::move(text), .plan = {}}};
  auto parsed = plan::parse(out.plan.text, providers::all_providers().vocabulary());
  out.plan.plan = std::move(parsed.plan), out.mistakes = std::move(parsed.mistakes);
  return out;
}

std::string directory_of(const PlanFile& plan) { return std::filesystem::absolute(plan.file).parent_path().string(); }

Result<std::string> environment_of(const plan::Plan& plan, const std::string& given) {
  if (given.empty() && plan.environments.size() == 1) return plan.environments.front().name;
  std::string names;
  for (auto& e : plan.environments) names += (names.empty() ? "" : ", ") + e.name;
  if (given.empty()) return fail(Code::invalid, "the plan has several environments: " + names, "choose one with --to");
  if (plan.environment(given)) return given;
  return fail(Code::invalid, fmt::format("the plan has no environment `{}`; it has {}", given, names));
}

}  // namespace davy::control
