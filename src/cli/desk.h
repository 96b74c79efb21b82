// A word on a run's desk, as every command that steers one puts it there.
#pragma once
#include <CLI/CLI.hpp>

#include "cli/session.h"

namespace davy::cli {

struct Word {
  std::string run, about, note, as;
  bool follow = false;  // the run, once it was heard
};

// Where one run is open it need not be named: `RUN ITEM`, or ITEM alone.
std::shared_ptr<std::vector<std::string>> run_and_item(CLI::App*, const std::string& item, const std::string& does);
void take(const std::vector<std::string>& words, Word&);

// Puts it there, has the run driven, prints the answer. The exit code: kRefused when the answer is that it was in vain.
int put(Session&, const std::string& what, const Word&);

}  // namespace davy::cli
