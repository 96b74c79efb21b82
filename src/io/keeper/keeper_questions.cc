#include "io/keeper/keeper_questions.h"

#include <vector>

namespace davy::io {

void Questions::ask(Asker asker, const Command& spec, Answer answer) {
  auto child = ask_program(loop_, spec, RunningCommand::Rest::is_ended,
                           [this, asker](const Ended& ended) { done(asker, ended); });
  if (!child) return answer(child.error());
  running_[asker] = {std::move(*child), std::move(answer), spec.grace};
}

void Questions::done(Asker asker, const Ended& ended) {
  auto entry = running_.extract(asker);
  entry.mapped().answer(Answered{ended, entry.mapped().child->output()});
}

void Questions::give_up(Asker asker) {
  if (auto at = running_.find(asker); at != running_.end()) at->second.child->end(at->second.grace);
}

// end() may destroy what it is called on, and with it the entry.
void Questions::gone(std::uint64_t client) {
  std::vector<Asker> asked;
  for (const auto& [asker, entry] : running_)
    if (asker.client == client) asked.push_back(asker);
  for (auto asker : asked) give_up(asker);
}

}  // namespace davy::io
