#include "control/untold.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "engine/notice/channel.h"
#include "host/keeper_start.h"
#include "host/plan_folder.h"
#include "io/posix/lockfile.h"

namespace davy::control {
namespace {

constexpr int kMostRuns = 20;             // that are looked at for what they left
constexpr std::size_t kMostLines = 1000;  // of what was refused

const run::Runbook* runbook_of(const std::vector<view::TimedEvent>& events) {
  auto started = events.empty() ? nullptr : std::get_if<run::Started>(&events.front().event);
  return started && !started->runbook.notices.null() ? &started->runbook : nullptr;
}

bool tried_on(Runs& runs, const std::string& run) {
  auto holder = io::LockFile::holder(runs.dir().notices_lock(run));
  return holder && holder->has_value();
}

Untold untold_of(const notices::Notice& n, bool tried, std::string why) {
  return {.id = n.id,
          .person = n.channel.person,
          .event = n.name(),
          .way = n.channel.way,
          .at = n.at,
          .tried = tried && why.empty(),
          .why = std::move(why)};
}

// By id.
std::map<std::string, std::string> refused(Runs& runs, const std::string& run) {
  std::map<std::string, std::string> out;
  std::ifstream file(runs.dir().notices_refused(run));
  for (std::string line; out.size() < kMostLines && std::getline(file, line);)
    if (auto tab = line.find('\t'); tab != line.npos) out[line.substr(0, tab)] = line.substr(tab + 1);
  return out;
}

struct Place {
  notices::Channel channel;
  std::int64_t told = 0;
};

Result<std::vector<Place>> places(Runs& runs, const notices::Book& book, const std::string& run) {
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  std::vector<Place> out;
  for (auto& channel : notices::channels_of(book)) {
    auto at = runs.wait((*store)->cursor(channel.reader("told"), run));
    if (!at) return std::unexpected(at.error());
    out.push_back({channel, *at});
  }
  return out;
}

}  // namespace

Result<std::vector<Untold>> untold(Runs& runs, const std::string& run, const std::vector<view::TimedEvent>& events) {
  std::vector<Untold> out;
  auto runbook = runbook_of(events);
  if (!runbook) return out;
  auto book = notices::book_from(runbook->notices);
  if (!book) return std::unexpected(book.error());
  bool tried = tried_on(runs, run);  // before the cursors: who has told all is gone only behind them
  auto all = places(runs, *book, run);
  if (!all) return std::unexpected(all.error());
  auto given_up = refused(runs, run);
  notices::Listener listener(run);
  for (auto& event : events)
    if (auto news = listener.hear(event.event, event.at, event.seq))
      for (auto& place : *all)
        if (auto notice = notices::notice_for(*book, place.channel, *news, run, event.seq, event.at)) {
          auto no = given_up.find(notice->id);
          if (event.seq > place.told || no != given_up.end())
            out.push_back(untold_of(*notice, tried, no == given_up.end() ? "" : no->second));
        }
  return out;
}

std::vector<std::string> in_words(const std::vector<Untold>& all, const std::string& run) {
  std::vector<std::string> out;
  bool left = false;
  for (auto& one : all) {
    left |= one.why.empty() && !one.tried;
    out.push_back(fmt::format("not told: {} to {} by {}, of {}{}", one.event, one.person,
                              spec::encode(one.way).get<std::string>(), clock_text(one.at),
                              !one.why.empty() ? "; given up: " + one.why
                              : one.tried      ? "; it is tried"
                                               : ""));
  }
  if (left) out.push_back("nobody tries on: davy work notices " + run);
  return out;
}

spec::Json to_json(const std::vector<Untold>& all) {
  auto out = spec::Json::array();
  for (auto& one : all) {
    out.push_back({{"id", one.id},
                   {"event", one.event},
                   {"person", one.person},
                   {"way", spec::encode(one.way)},
                   {"at", timestamp(one.at)},
                   {"tried", one.tried}});
    if (!one.why.empty()) out.back()["refused"] = one.why;
  }
  return out;
}

void tell_what_was_left(Runs& runs) {
  auto all = runs.list({.most = kMostRuns});
  if (!all) return;
  for (auto& run : *all) {
    bool late = !run.ended || *run.ended + engine::NoticeChannel::kLongest < runs.now();
    if (late || !run.damage.empty() || tried_on(runs, run.id)) continue;
    auto events = runs.events(run.id);
    auto left = events ? untold(runs, run.id, *events) : std::unexpected(events.error());
    if (!left || std::ranges::none_of(*left, [](auto& one) { return one.why.empty(); })) continue;
    host::in_folder(host::plan_folder(*runbook_of(*events), runs.dir().spool(run.id)),
                    [&] { (void)host::tell_people(runs.dir(), run.id); });
  }
}

}  // namespace davy::control
