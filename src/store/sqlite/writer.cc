#include "store/sqlite/writer.h"

namespace davy::store {
namespace {

constexpr int kPagesWorthACheckpoint = 1000;  // 4 MB, as SQLite itself would

}  // namespace

Writer::Writer(const char* thread, std::string doing, std::unique_ptr<Connection> db, std::function<void()> make_room)
    : doing_(std::move(doing)),
      db_(std::move(db)),
      make_room_(std::move(make_room)),
      worker_(thread, [this](std::vector<Write> writes) {
        carry_out(writes);
        if (db_->wal_pages() >= kPagesWorthACheckpoint) db_->checkpoint();
      }) {}

// When the commit of many fails, each is tried alone: one that is too large must not fail its neighbours. Not so when
// the file stays locked: the wait is bounded, and would be paid for each of them.
void Writer::carry_out(std::span<Write> writes) {
  auto done = commit(writes);
  if (!done && done.error().code == Code::no_space) {
    make_room_();
    done = commit(writes);
  }
  if (!done && writes.size() > 1 && done.error().code != Code::unavailable) {
    for (auto& write : writes) carry_out({&write, 1});
    return;
  }
  writes_ += std::ssize(writes);
  for (auto& write : writes) write.answer(done);
}

Result<> Writer::commit(std::span<Write> writes) {
  if (auto there = db_->in_place(); !there) return there;
  return db_->attempt(doing_, [&]() -> Result<> {
    auto before = db_->changes();
    Transaction transaction(*db_, Transaction::Kind::immediate);
    for (auto& write : writes) write.apply(*db_);
    transaction.commit();
    commits_ += db_->changes() != before;
    return {};
  });
}

}  // namespace davy::store
