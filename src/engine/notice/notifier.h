// Tells all that is news of one run to all who are to hear it.
#pragma once
#include "engine/loop/nursery.h"
#include "engine/notice/channel.h"

namespace davy::engine {

class Notifier {
 public:
  Notifier(asio::any_io_executor ex, NoticeWorld world, notices::Book book, std::string run)
      : world_(std::move(world)), book_(std::move(book)), run_(std::move(run)), listener_(run_), nursery_(ex) {}

  // Until the run has ended and all is told; or NoticeChannel::kLongest after it ended or nobody drove it. An Error
  // when the journal cannot be read for good, or holds what this Davy does not know.
  ports::Task<> go();

  // So long nobody must have driven an open run: an engine that vanishes is started again within less.
  static constexpr Duration kAlone = std::chrono::seconds(15);

 private:
  ports::Task<> follow();
  ports::Task<> read_on();
  void look_for_a_driver();
  void look_at_the_clock();
  void watch_the_end();
  asio::awaitable<void> tell(notices::Channel);
  asio::awaitable<void> keep_quiet();

  NoticeWorld world_;
  notices::Book book_;
  std::string run_;
  notices::Listener listener_;
  Nursery nursery_;
  Feed feed_;
  std::int64_t seq_ = 0;
  int telling_ = 0;
  std::optional<Time> ended_, alone_since_;
  bool told_alone_ = false;
  std::int64_t late_ = 0;       // the record with which the phase began that is late and was told so
  std::int64_t progress_ = -1;  // how many were due when it was looked last; -1: nobody looked
};

}  // namespace davy::engine
