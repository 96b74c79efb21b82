#include "engine/watch/watch_notifier.h"

#include "engine/watch/watch_records.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLook = 500ms;

}  // namespace

// The end first: what is read behind it is all.
ports::Task<> WatchNotifier::read_on() {
  auto info = co_await world_.journal.stream(stream_);
  if (!info) co_return std::unexpected(info.error());
  auto records = co_await world_.journal.read(stream_, seq_);
  if (!records) co_return std::unexpected(records.error());
  for (auto& record : *records) {
    seq_ = record.seq;
    if (ports::written_by_the_store(record)) continue;
    auto event = watch_event_of(record);
    if (!event) co_return std::unexpected(event.error());
    if (auto news = watch::news_of(state_, *event, record.at))
      feed_.all.push_back({.seq = record.seq, .at = record.at, .news = *std::move(news)});
    watch::fold(state_, *event, record.at);
  }
  feed_.over_since = info->closed;
  feed_.closed |= info->closed.has_value();
  co_return Result<>();
}

asio::awaitable<void> WatchNotifier::tell(notices::Channel channel) {
  NoticeChannel one(world_, book_, feed_, stream_, std::move(channel));
  co_await one.tell_all();
  --telling_;
}

ports::Task<> WatchNotifier::go() {
  for (auto& channel : notices::channels_of(book_)) ++telling_, nursery_.spawn(tell(channel));
  Result<> out;
  while (out && !(feed_.closed && telling_ == 0)) {
    auto read = co_await read_on();
    if (!read && read.error().code != Code::unavailable) out = read;
    if (!read) world_.say(to_string(read.error()));
    if (read && until_told_) feed_.closed = true;
    if (auto slept = co_await world_.clock.sleep_until(world_.clock.now() + kLook); !slept) out = slept;
  }
  co_await nursery_.close();
  co_return out;
}

}  // namespace davy::engine
