// Group commit: one thread owns a write connection, takes every write that waits, commits them together, answers all.
// A disk syncs a few thousand times a second however much it is given, so what waits for one sync shares the next.
#pragma once
#include <atomic>
#include <span>

#include "store/sqlite/connection.h"
#include "store/sqlite/worker.h"

namespace davy::store {

struct Write {
  // On the writer's thread, inside the transaction; keeps what it finds out for itself. May be called again after a
  // rollback, and then must start afresh.
  std::move_only_function<void(Connection&)> apply;
  // Once, after the commit or the failure that undid it. Not before: a refusal too may rest on what was rolled back.
  std::move_only_function<void(Result<>)> answer;
};

class Writer {
 public:
  // make_room is called on the writer's thread when the disk is full; what failed is then tried once more.
  Writer(const char* thread, std::string doing, std::unique_ptr<Connection>, std::function<void()> make_room = [] {});

  void add(Write write) { worker_.add(std::move(write)); }

  // How much the writes shared: commits counts those that changed something, and so cost a sync.
  struct Effort {
    std::int64_t writes = 0, commits = 0;
  };
  Effort effort() const { return {writes_, commits_}; }

 private:
  void carry_out(std::span<Write>);
  Result<> commit(std::span<Write>);

  std::string doing_;
  std::unique_ptr<Connection> db_;
  std::function<void()> make_room_;
  std::atomic<std::int64_t> writes_ = 0, commits_ = 0;
  Worker<Write> worker_;  // last: its thread uses the others
};

}  // namespace davy::store
