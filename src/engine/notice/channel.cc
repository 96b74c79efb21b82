#include "engine/notice/channel.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "notices/text.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLook = 200ms, kFirstPause = 1s, kLongestPause = 5min;

Duration longer(Duration pause) { return std::min(pause * 2, kLongestPause); }

}  // namespace

bool NoticeChannel::over() const { return feed_.over_since && world_.clock.now() >= *feed_.over_since + kLongest; }

asio::awaitable<bool> NoticeChannel::pause(Duration length) {
  co_return (co_await world_.clock.sleep_until(world_.clock.now() + length)).has_value() && !over();
}

// That a cursor could not be read or moved is tried again: others may hold the file.
asio::awaitable<std::optional<std::int64_t>> NoticeChannel::come_to(std::string what, std::string_view beside) {
  for (auto length = kFirstPause;; length = longer(length)) {
    auto at = co_await world_.cursors.cursor(channel_.reader(what, beside), run_);
    if (at) co_return *at;
    world_.say(channel_.name() + ": " + to_string(at.error()));
    if (!co_await pause(length)) co_return std::nullopt;
  }
}

asio::awaitable<bool> NoticeChannel::mark(std::string what, std::int64_t seq, std::string_view beside) {
  for (auto length = kFirstPause;; length = longer(length)) {
    auto done = co_await world_.cursors.advance(channel_.reader(what, beside), run_, seq);
    if (done) co_return true;
    world_.say(channel_.name() + ": " + to_string(done.error()));
    if (!co_await pause(length)) co_return false;
  }
}

notices::Notice NoticeChannel::masked(notices::Notice n) const {
  n.subject = printable(world_.masked(n.subject));
  n.text = printable(world_.masked(n.text), true);
  for (auto& [name, value] : n.values) value = printable(world_.masked(value), true);
  // What stands there anybody may use.
  bool public_page = channel_.way == notices::Way::status_page || channel_.way == notices::Way::grafana;
  if (n.question && world_.token && !public_page)
    if (auto token = world_.token(*n.question, channel_.person); !token.empty())
      n = notices::answerable(std::move(n), token, book_.answers.link(token));
  return n;
}

asio::awaitable<bool> NoticeChannel::try_on(notices::Notice n, std::int64_t seq, std::string_view beside) {
  int refused = 0;
  for (auto length = kFirstPause;; length = longer(length)) {
    auto done = co_await hand(world_.ways, book_, n);
    if (done) co_return co_await mark("told", seq, beside);
    bool said_no = done.error().code == Code::refused;
    n.again |= !said_no && done.error().code != Code::unavailable;
    refused += said_no;
    world_.say(fmt::format("{} is not told: {}", n.id, world_.masked(to_string(done.error()))));
    if (refused == kMostRefusals) {
      world_.say(n.id + " is given up: it was refused again and again");
      world_.gave_up(n.id, world_.masked(to_string(done.error())));
      co_return co_await mark("told", seq, beside);
    }
    if (!co_await pause(length)) co_return world_.say(n.id + " was not told, and is not tried any more"), false;
    world_.failed();
  }
}

// Once, while it is news: who was busy with something else, or cannot be reached, hears of the next one.
asio::awaitable<bool> NoticeChannel::tell_in_passing(notices::Notice n, const Heard& heard) {
  if (world_.clock.now() - heard.at > kPassing) co_return true;
  // A page has one place for it, in which the newest stands.
  n.id = channel_.way == notices::Way::status_page ? fmt::format("{}.progress.{}", run_, channel_.name())
                                                   : fmt::format("{}.progress{}", n.id, heard.passing);
  auto done = co_await hand(world_.ways, book_, n);
  if (!done) world_.say(fmt::format("{} is not told: {}", n.id, world_.masked(to_string(done.error()))));
  co_return true;
}

// How the series stood that the plan's text names.
asio::awaitable<void> NoticeChannel::look_up_series(Heard& heard) {
  auto telling = book_.telling(heard.news.name());
  if (!telling || !world_.series) co_return;
  for (auto& name : notices::others_in(telling->text, heard.news.values)) {
    auto stood = co_await world_.series(name, heard.at);
    heard.news.values[name] = stood.value_or("not known");
  }
}

asio::awaitable<bool> NoticeChannel::tell(Heard heard) {
  co_await look_up_series(heard);
  auto notice = notices::notice_for(book_, channel_, heard.news, run_, heard.seq, heard.at);
  if (!notice) co_return true;
  if (heard.passing) co_return co_await tell_in_passing(masked(std::move(*notice)), heard);
  if (!heard.beside.empty()) notice->id += "." + heard.beside;
  auto told = co_await come_to("told", heard.beside);
  auto begun = co_await come_to("begun", heard.beside);
  if (!told || !begun) co_return false;
  if (*told >= heard.seq) co_return true;
  notice->again = *begun >= heard.seq;
  if (!notice->again && !co_await mark("begun", heard.seq, heard.beside)) co_return false;
  co_return co_await try_on(masked(std::move(*notice)), heard.seq, heard.beside);
}

asio::awaitable<void> NoticeChannel::tell_all() {
  for (std::size_t next = 0;;) {
    if (next < feed_.all.size()) {
      if (!co_await tell(feed_.all[next])) break;
      ++next;
    } else if (feed_.closed || !co_await pause(kLook)) {
      co_return;
    }
  }
  world_.say(channel_.name() + ": what came after that is not told either");
}

}  // namespace davy::engine
