// Tells all that is news of one watch to all who are to hear it, while it is kept.
#pragma once
#include "engine/loop/nursery.h"
#include "engine/notice/channel.h"
#include "watch/news.h"

namespace davy::engine {

class WatchNotifier {
 public:
  WatchNotifier(asio::any_io_executor ex, NoticeWorld& world, const notices::Book& book, std::string stream)
      : world_(world), book_(book), stream_(std::move(stream)), nursery_(ex) {}

  // Until the watch is over and all is told, or NoticeChannel::kLongest after its end. What was not told when it is
  // cancelled is told by whoever does this next, from the same cursors.
  ports::Task<> go();
  // All that was written so far is told.
  void until_told() { until_told_ = true; }

 private:
  ports::Task<> read_on();
  asio::awaitable<void> tell(notices::Channel);

  NoticeWorld& world_;
  const notices::Book& book_;
  std::string stream_;
  watch::State state_;
  std::int64_t seq_ = 0;
  Feed feed_;
  int telling_ = 0;
  bool until_told_ = false;
  Nursery nursery_;
};

}  // namespace davy::engine
