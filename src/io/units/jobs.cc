#include "io/units/jobs.h"

#include <algorithm>

#include "base/text.h"
#include "io/units/properties.h"

namespace davy::io {
namespace {

using ports::UnitAct;

constexpr const char* kNoSuchUnit = "org.freedesktop.systemd1.NoSuchUnit";
constexpr std::string_view kAgain = "auto-restart";  // of SubState

struct Words {
  const char* member;
  const char* doing;
};
Words words_of(UnitAct act) {
  if (act == UnitAct::start) return {"StartUnit", "starting "};
  if (act == UnitAct::stop) return {"StopUnit", "stopping "};
  return {"RestartUnit", "restarting "};
}

}  // namespace

void Jobs::begin() {
  bus_.hear("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved", [this](auto* m) {
    std::uint32_t id = 0;
    const char *path = nullptr, *unit = nullptr, *result = nullptr;
    if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) < 0) return;
    if (std::ranges::find(units_, unit) != units_.end() || removed_.size() < 1000) removed_[path] = result;
  });
  for (std::size_t i = 0; i < units_.size() && act_ != UnitAct::stop; ++i)
    bus_.hear(unit_path(units_[i]), "org.freedesktop.DBus.Properties", "PropertiesChanged", [this, i](auto* m) {
      if (changed_sub_state(m) == kAgain && !jobs_[i].path.empty()) jobs_[i].again = true;
    });
  bus_.ask({.member = "Subscribe"}, [](auto*) {});
  for (std::size_t i = 0; i < units_.size(); ++i)
    bus_.ask({.member = words_of(act_).member,
              .arguments = [&](auto* m) { return sd_bus_message_append(m, "ss", units_[i].c_str(), "replace"); }},
             [this, i](auto* m) { heard_of(i, m); });
}

void Jobs::heard_of(std::size_t job, sd_bus_message* m) {
  auto& one = jobs_[job];
  if (act_ == UnitAct::stop && sd_bus_message_is_method_error(m, kNoSuchUnit)) return void(one.none = true);
  one.refused = error_in(m, words_of(act_).doing + units_[job]);
  const char* path = nullptr;
  if (one.refused) return;
  if (sd_bus_message_read(m, "o", &path) > 0) return void(one.path = path);
  one.refused = Error{Code::invalid, words_of(act_).doing + units_[job] + ": systemd does not say which job that is"};
}

std::string Jobs::result_of(const Job& job) const {
  if (job.none) return "done";
  auto found = removed_.find(job.path);
  if (!job.path.empty() && found != removed_.end()) return printable(found->second.substr(0, 40));
  return job.again ? "again" : "";
}

bool Jobs::begun() const {
  return std::ranges::all_of(jobs_, [](auto& j) { return j.none || j.refused || !j.path.empty(); });
}

bool Jobs::over() const {
  return std::ranges::all_of(jobs_, [&](auto& j) { return j.refused || !result_of(j).empty(); }) ||
         (begun() && std::ranges::any_of(jobs_, [](auto& j) { return j.refused.has_value(); }));
}

Result<std::vector<ports::JobEnd>> Jobs::ends() const {
  std::vector<ports::JobEnd> out;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].refused) return std::unexpected(*jobs_[i].refused);
    auto result = result_of(jobs_[i]);
    out.push_back({units_[i], result.empty() ? "running" : result});
  }
  return out;
}

}  // namespace davy::io
