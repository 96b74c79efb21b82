// Keeps Alertmanager silent about what a run does, for as long as the run does it.
#pragma once
#include "engine/notice/channel.h"
#include "notices/silence.h"

namespace davy::engine {

class Quiet {
 public:
  // subject: what people read beside the silence. state: of the run, as far as it was heard.
  Quiet(NoticeWorld& world, notices::Silence what, std::string subject, const run::State& state)
      : world_(world), what_(std::move(what)), subject_(std::move(subject)), state_(state) {}

  // Until the feed is closed; then the silence ends within minutes. What Alertmanager does not take is said to the log,
  // and tried again: a lease lapses by itself. May be cancelled.
  asio::awaitable<void> keep(const Feed&);

 private:
  asio::awaitable<void> turn(bool over);
  ports::HttpRequest request(Time until) const;

  NoticeWorld& world_;
  notices::Silence what_;
  std::string subject_;
  const run::State& state_;
  notices::Lease lease_;
  Time not_before_{};  // after one that was not taken
};

}  // namespace davy::engine
