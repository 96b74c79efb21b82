#include <fmt/format.h>

#include "cli/commands.h"
#include "providers/registry.h"

namespace davy::cli {

void add_schema(Program& p) {
  static bool markdown = false;
  auto sub = p.command("schema", "Prints the JSON Schema of davy.yaml, for editors", "davy schema > davy.schema.json");
  sub->add_flag("--markdown", markdown, "the reference page instead");
  p.runs(sub, [](Session& session) -> int {
    auto vocabulary = providers::all_providers();
    if (markdown && session.common().json)
      print_json({{"markdown", plan::reference(vocabulary.vocabulary())}});
    else if (markdown)
      fmt::print("{}", plan::reference(vocabulary.vocabulary()));
    else
      print_json(plan::schema(vocabulary.vocabulary()));
    return kDone;
  });
}

}  // namespace davy::cli
