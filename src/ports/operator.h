// What the engine sees of a provider: one adapter per port turns a Call into that port's narrow interface.
#pragma once
#include "ports/guard.h"
#include "ports/task.h"
#include "run/state.h"

namespace davy::ports {

struct Done {
  run::Outcome outcome = run::Outcome::ok;
  std::string says;
  spec::Value evidence;
  spec::Value made = {};    // small: what later steps and this step's undo are handed
  bool for_people = false;  // it did not go well, and going on or back by itself would do harm
};

struct Operator {
  virtual ~Operator() = default;

  // Reads only. What it finds is journalled before start(), and handed to the undo.
  virtual Task<spec::Value> prepare(const run::Attempt&, const run::Call&) = 0;

  // Acts. Cancellable; after a cancel the engine calls stop().
  virtual asio::awaitable<Done> start(const run::Attempt&, const run::Call&) = 0;

  // Of an attempt that an earlier Davy began and whose end is not recorded: asks what became of it, carries it on where
  // that is safe. Outcome::unknown when nobody can say.
  virtual asio::awaitable<Done> resume(const run::Attempt&, const run::Call&) = 0;

  // Ends what was begun, whoever began it. Idempotent.
  virtual asio::awaitable<Done> stop(const run::Attempt&, const run::Call&) = 0;
};

}  // namespace davy::ports
