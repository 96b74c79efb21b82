// A step `backup`, and an undo that restores what it made.
#include <fmt/format.h>

#include <algorithm>

#include "rollout/builder.h"

namespace davy::rollout {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kFormats[] = {"custom", "plain", "directory"};

bool proves(const plan::Backup& backup, plan::Proving what) {
  return std::ranges::find(backup.prove, what) != backup.prove.end();
}

// A path as the name of its step: what a step is called has no `/`.
std::string leaf_of(const std::string& what) {
  auto end = what.find_last_not_of('/');
  auto path = what.substr(0, end == what.npos ? 0 : end + 1);
  return path.substr(path.rfind('/') + 1);
}

// Whose work it is: that of the signal's kind, or of files.
std::string kind_of(const Builder& b, const plan::Backup& backup) {
  for (auto& signal : b.plan().signals)
    if (!backup.of_files() && signal.name == backup.what) return signal.provider.name;
  return "files";
}

spec::Map options(Builder& b, const plan::Backup& backup) {
  spec::Map with{arg("name", b.text(backup.what)), arg("into", b.text(backup.into))};
  if (kind_of(b, backup) == "postgres")
    with.push_back(arg("format", std::string(kFormats[static_cast<int>(backup.format)])));
  if (backup.keep && backup.keep->copies > 0) with.push_back(arg("keep-copies", backup.keep->copies));
  if (backup.keep && backup.keep->age > Duration{})
    with.push_back(arg("keep-days", std::chrono::ceil<std::chrono::days>(backup.keep->age).count()));
  if (proves(backup, plan::Proving::restore)) with.push_back(arg("prove", std::int64_t{1}));
  if (proves(backup, plan::Proving::contents)) with.push_back(arg("contents", std::int64_t{1}));
  return with;
}

}  // namespace

// It looks: users, services and data are as before, whatever becomes of it.
run::Step copying(Builder& b, const plan::Backup& backup, const plan::Common& common) {
  auto what = backup.of_files() ? leaf_of(backup.what) : backup.what;
  auto before = b.backups_of(b.text(backup.what)).size();
  run::Step step{.path = "backup " + what, .timeout = 4h, .repeatable = true};
  if (before > 0) step.path += fmt::format(" {}", before + 1);
  step.says = fmt::format("copy {} into {}", backup.what, backup.into);
  if (!backup.prove.empty())
    step.says += backup.of_files() ? ", and read it back" : ", and prove the copy by restoring it";
  step.call = {"backup", kind_of(b, backup), "dump", args(options(b, backup))};
  apply(common, step);
  return step;
}

run::Call restoring(Builder& b, const std::string& name) {
  auto all = b.backups_of(name);
  if (all.empty()) {
    b.wrong(
        {Code::invalid, fmt::format("`undo: {{ restore: {0} }}`, and in this environment there is no `- backup: {0}` "
                                    "before it",
                                    name)});
    return {};
  }
  auto& step = *all.back();
  auto into = step.call.args.find("into");
  return {"backup", step.call.name, "restore", args({arg("name", name), {"into", {}, *into}, arg("step", step.path)})};
}

std::vector<const run::Step*> Builder::backups_of(const std::string& what) const {
  std::vector<const run::Step*> out;
  for (auto& step : book_.steps) {
    auto name = step.call.port == "backup" ? step.call.args.find("name") : nullptr;
    if (name && spec::scalar_text(*name) == what) out.push_back(&step);
  }
  return out;
}

}  // namespace davy::rollout
