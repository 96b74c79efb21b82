// What a user's own commands become, migrations among them: a call, and what takes it back.
#include <fmt/format.h>

#include "base/text.h"
#include "rollout/builder.h"

namespace davy::rollout {
namespace {

using run::UndoKind;

run::Undo undo_of(Builder& b, const plan::Common& common, const run::Call& like) {
  if (!common.undo || common.undo->nothing()) return {};
  if (common.undo->impossible()) return {UndoKind::impossible, {}};
  if (!common.undo->restore.empty()) return {UndoKind::loses, restoring(b, common.undo->restore)};
  auto call = like;
  call.args = args({arg("text", common.undo->text)});
  if (auto cwd = like.args.find("cwd")) call.args = args({arg("text", common.undo->text), {"cwd", {}, *cwd}});
  return {UndoKind::call, call};
}

// The first line of a command, as the name of its step.
std::string leaf_of(const std::string& text) {
  auto line = std::string(trimmed(split(trimmed(text), '\n').front()));
  return line.size() > 48 ? line.substr(0, 48) + "…" : line;
}

}  // namespace

run::Step command(Builder& b, const std::string& kind, const std::string& text, const std::string& cwd,
                  const plan::Common& common) {
  auto name = common.name.empty() ? leaf_of(text) : common.name;
  run::Step step{.path = name, .says = kind + ": " + name, .effect = run::Effect::changes};
  spec::Map with{arg("text", text)};
  if (!cwd.empty()) with.push_back(arg("cwd", cwd));
  step.call = {"command", "", "run", args(std::move(with))};
  step.undo = undo_of(b, common, step.call);
  apply(common, step);
  return step;
}

namespace {

// Of a signal, or what stands there itself.
std::string database_of(Builder& b, const plan::Migrate& m) {
  for (auto& signal : b.plan().signals)
    if (auto url = signal.name == m.database ? signal.provider.options.find(signal.provider.name) : nullptr)
      return b.text(spec::scalar_text(*url).value_or(""));
  return m.database;
}

spec::Map about_database(Builder& b, const plan::Migrate& m) {
  if (m.database.empty()) return {};
  return {arg("database", database_of(b, m)), {"lock-timeout", {}, spec::from_json(spec::encode(m.lock_timeout))}};
}

void add_to(run::Call& call, const spec::Map& more) {
  if (call.nothing()) return;
  auto& with = std::get<spec::Map>(call.args.is);
  with.insert(with.end(), more.begin(), more.end());
}

// What stands in the database says what became of it, so it may simply be begun again.
run::Step of_folder(Builder& b, const plan::Migrate& m, const plan::Common& common) {
  auto step = command(b, "migrate", b.text(m.what.text), b.text(m.cwd), common);
  auto with = about_database(b, m);
  with.push_back(arg("folder", b.text(m.what.text)));
  if (!m.cwd.empty()) with.push_back(arg("cwd", b.text(m.cwd)));
  if (!m.adopt.empty()) with.push_back(arg("adopt", m.adopt));
  if (!m.program.empty()) with.push_back({"program", {}, spec::from_json(spec::encode(m.program))});
  bool down = common.undo && common.undo->text == "down";
  step.call = {"command", "migrations", "up", args(with)};
  if (down)
    step.undo = {UndoKind::call, {"command", "migrations", "down", args(with)}},
    with.push_back({"down", {}, {true, {}}});
  step.call.args = args(std::move(with));
  step.repeatable = true;
  return step;
}

}  // namespace

run::Step migration(Builder& b, const plan::Migrate& m, const plan::Common& common) {
  auto step = m.folder() ? of_folder(b, m, common) : command(b, "migrate", m.what.text, b.text(m.cwd), common);
  step.compatible = m.compatible_with_previous;
  step.data = true;
  if (m.folder()) return step;
  auto more = about_database(b, m);
  if (step.undo.call.port == "command") add_to(step.undo.call, more);
  if (!m.status.empty()) more.push_back(arg("status", m.status));
  add_to(step.call, more);
  return step;
}

}  // namespace davy::rollout
