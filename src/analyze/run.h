// Reads logs, several at a time, and answers one account of all.
#pragma once
#include <functional>

#include "analyze/account.h"
#include "base/error.h"

namespace davy::analyze {

struct RunOptions {
  std::string format;  // as Format::from; empty, or a name alone (Format::is_guessed): guessed from the first lines
  signals::FormatOptions fields = {};
  AccountOptions account = {};
  std::size_t threads = 0;  // 0: one for each core, as many as there are logs
};

struct Progress {
  std::uint64_t done = 0, all = 0;  // bytes of files; all is 0 when somebody's size is not known
  Duration passed{};
};

// What became of one log.
struct Read {
  std::string name, format;
  std::string taken_for;  // which field was taken for what, as a sentence
  std::uint64_t bytes = 0;
  Counted counted;
  std::optional<Broken> first_broken;
};

struct Analysis {
  std::vector<Read> logs;
  Account account;
  Duration took{};
};

// `progress` is called by the caller's thread, five times a second. Invalid: the format is none, or no line is of it.
// Unavailable: a log cannot be read; nothing is answered then, for half an account would be taken for a whole one.
Result<Analysis> analyze(const std::vector<std::string>& logs, const RunOptions&,
                         const std::function<void(const Progress&)>& progress = {});

}  // namespace davy::analyze
