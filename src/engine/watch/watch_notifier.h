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

  // Until it is cancelled; what was not told then is told by whoever keeps the watch next, from the same cursors.
  ports::Task<> go();
  // All that was written is told, or given up.
  bool idle() const { return feed_.closed && telling_ == 0; }
  // Nothing more will come: who tells ends when all is told.
  void close() { closing_ = true; }

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
  bool closing_ = false;
  Nursery nursery_;
};

}  // namespace davy::engine
