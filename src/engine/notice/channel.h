// What one channel has still to tell.
//
// Nothing is missed, and nothing told twice without saying so: before the first try of a notice the cursor `begun`
// comes to its record, behind the receiver's answer the cursor `told` does, and both are durable. Who dies between the
// two tells it again, with the same id and the word "again". Decision 0039.
#pragma once
#include <deque>

#include "engine/notice/handing.h"
#include "ports/clock.h"
#include "ports/journal.h"

namespace davy::engine {

namespace asio = boost::asio;

struct NoticeWorld {
  ports::Clock& clock;
  ports::Journal& journal;
  ports::Cursors& cursors;
  Ways ways;
  std::function<bool()> driven;                    // does an engine hold the run?
  std::function<std::string()> moved;              // what its keeper did with the users meanwhile; empty: nothing
  std::function<std::string(std::string)> masked;  // takes the values of secrets out
  std::function<void()> failed;                    // before another try: a secret may have another value by now
  std::function<void(const std::string&)> say;     // one line, for a log
  std::function<void(const std::string& id, const std::string& why)> gave_up;  // keeps it for people
  // How a series stood then, of the release that is shipped; in words, also where nobody can say.
  std::function<ports::Task<std::string>(std::string series, Time at)> series = {};
  // A token with which this person alone answers; empty where none can be made.
  std::function<std::string(const notices::Question&, const std::string& person)> token = {};
  ports::Http* http = nullptr;  // where Alertmanager is reached
};

// What is news in a run, in the order in which it was heard.
struct Heard {
  std::int64_t seq = 0;
  Time at{};
  notices::News news;
  // No record tells it, and it stands beside this one: "alone", nobody drives the run, which had come to it; "late",
  // the phase that it began takes too long.
  std::string beside = {};
  std::int64_t passing = 0;  // the so-maniest progress; 0: it is none
};
struct Feed {
  std::deque<Heard> all;
  bool closed = false;             // nothing more will come
  std::optional<Time> over_since;  // when the run ended, or nobody drove it any more
};

class NoticeChannel {
 public:
  NoticeChannel(NoticeWorld& world, const notices::Book& book, const Feed& feed, std::string run,
                notices::Channel channel)
      : world_(world), book_(book), feed_(feed), run_(std::move(run)), channel_(std::move(channel)) {}

  // Until the feed is closed and all of it is told; or until kLongest after it was over, with the rest said to the log.
  asio::awaitable<void> tell_all();

  static constexpr Duration kLongest = std::chrono::hours(24);
  static constexpr Duration kPassing = std::chrono::seconds(30);  // so long progress is news
  // A receiver that said no so often, within two minutes, means this notice: others wait behind it.
  static constexpr int kMostRefusals = 8;

 private:
  asio::awaitable<void> look_up_series(Heard&);
  asio::awaitable<bool> tell(Heard);  // false: the time is over
  asio::awaitable<bool> tell_in_passing(notices::Notice, const Heard&);
  asio::awaitable<bool> try_on(notices::Notice, std::int64_t seq, std::string_view beside);
  asio::awaitable<bool> mark(std::string what, std::int64_t seq, std::string_view beside);
  asio::awaitable<std::optional<std::int64_t>> come_to(std::string what, std::string_view beside);
  asio::awaitable<bool> pause(Duration);
  notices::Notice masked(notices::Notice) const;
  bool over() const;

  NoticeWorld& world_;
  const notices::Book& book_;
  const Feed& feed_;
  std::string run_;
  notices::Channel channel_;
};

}  // namespace davy::engine
