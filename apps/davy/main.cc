#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "io/keeper/keeper.h"

int main(int argc, char** argv) {
  // The keeper comes first: it forks, so no thread and no event loop may exist yet.
  if (argc > 1 && std::string_view(argv[1]) == "keep") {
    auto options = davy::io::keeper_options(std::vector<std::string>(argv + 2, argv + argc));
    if (!options) return std::fprintf(stderr, "davy keep: %s\n", options.error().message.c_str()), 2;
    return davy::io::keep(*options);
  }
  return davy::cli::program(argc, argv);
}
