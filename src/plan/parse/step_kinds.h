// The kinds of steps as data: how each is read, and what schema and reference say of it.
#pragma once
#include <span>

#include "plan/parse/reader.h"

namespace davy::plan {

struct StepKind {
  std::string_view name, doc, example;
  Keys own;                 // the kind and the options beside it
  Keys siblings;            // of Common
  bool word = false;        // `- stop` says it all
  bool in_release = false;  // may stand in a `release` list
  void (*read)(Reader&, const spec::Value& own, Step&);
  spec::Json (*schema)();  // without siblings; a null where another section's schema belongs
};
std::span<const StepKind> step_kinds();

// Whether it may stand under `watch`.
bool watches(std::string_view kind);

// What a table cannot say of a step: shares that rise, bakes that watch.
void check_siblings(Reader&, const spec::Value& step, const Step&);
void check_step(Reader&, const spec::Value& own, const Step&, bool inside_release);

}  // namespace davy::plan
