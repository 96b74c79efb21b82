#include "engine/notice/notifier.h"

#include <utility>

#include "engine/notice/quiet.h"
#include "engine/run/records.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLook = 500ms;

}  // namespace

ports::Task<> Notifier::read_on() {
  auto records = co_await world_.journal.read(run_, seq_);
  if (!records) co_return std::unexpected(records.error());
  for (auto& record : *records) {
    seq_ = record.seq;
    if (ports::written_by_the_store(record)) continue;
    auto event = event_of(record);
    if (!event) co_return std::unexpected(event.error());
    if (std::holds_alternative<run::Ended>(*event)) ended_ = record.at;
    if (auto news = listener_.hear(*event, record.at, record.seq))
      feed_.all.push_back({.seq = record.seq, .at = record.at, .news = std::move(*news)});
  }
  if (!records->empty()) told_alone_ = false;
  co_return Result<>();
}

// Once for each record to which the run had come: it may be taken up, and left again.
void Notifier::look_for_a_driver() {
  auto now = world_.clock.now();
  if (listener_.state().ended || world_.driven())
    alone_since_.reset();
  else if (!alone_since_)
    alone_since_ = now;
  if (!alone_since_ || now - *alone_since_ < kAlone || told_alone_) return;
  told_alone_ = true;
  feed_.all.push_back({.seq = seq_, .at = now, .news = listener_.nobody(now, world_.moved()), .beside = "alone"});
}

// What follows from time alone. What was due while nobody told is not made up: it is no news any more.
void Notifier::look_at_the_clock() {
  auto now = world_.clock.now();
  if (auto late = listener_.late(now); late && late->seq > late_ && !alone_since_) {
    late_ = late->seq;
    feed_.all.push_back({.seq = late->seq, .at = now, .news = std::move(late->news), .beside = "late"});
  }
  auto telling = book_.telling(notices::Event::progress);
  if (!telling || telling->every <= Duration{} || alone_since_) return;
  auto due = (now - listener_.began()) / telling->every;
  auto before = std::exchange(progress_, due);
  if (before < 0 || due <= before) return;
  if (auto news = listener_.progress(now))
    feed_.all.push_back({.seq = seq_, .at = now, .news = std::move(*news), .passing = due});
}

void Notifier::watch_the_end() {
  auto now = world_.clock.now();
  feed_.over_since = listener_.state().ended ? ended_ : alone_since_;
  bool over = feed_.over_since && now >= *feed_.over_since + NoticeChannel::kLongest;
  feed_.closed = listener_.state().ended || over;
}

ports::Task<> Notifier::follow() {
  while (!feed_.closed) {
    auto read = co_await read_on();
    if (!read && read.error().code != Code::unavailable) co_return read;
    if (!read) world_.say(to_string(read.error()));
    look_for_a_driver();
    look_at_the_clock();
    watch_the_end();
    if (feed_.closed) break;
    if (auto slept = co_await world_.clock.sleep_until(world_.clock.now() + kLook); !slept) co_return slept;
  }
  co_return Result<>();
}

asio::awaitable<void> Notifier::tell(notices::Channel channel) {
  NoticeChannel one(world_, book_, feed_, run_, std::move(channel));
  co_await one.tell_all();
  --telling_;
}

asio::awaitable<void> Notifier::keep_quiet() {
  Quiet quiet(world_, book_.silence, "davy: run " + run_, listener_.state());
  co_await quiet.keep(feed_);
  --telling_;
}

ports::Task<> Notifier::go() {
  if (!book_.silence.alertmanager.empty() && world_.http) ++telling_, nursery_.spawn(keep_quiet());
  for (auto& channel : notices::channels_of(book_)) {
    ++telling_;
    nursery_.spawn(tell(channel));
  }
  auto followed = co_await follow();
  while (followed && telling_ > 0)
    if (auto slept = co_await world_.clock.sleep_until(world_.clock.now() + kLook); !slept) followed = slept;
  co_await nursery_.close();
  co_return followed;
}

}  // namespace davy::engine
