#include "host/past.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "engine/run/records.h"
#include "host/freezes.h"
#include "io/posix/posix.h"
#include "notices/notice.h"

namespace davy::host {
namespace {

constexpr int kMost = 1000;

}  // namespace

ports::Task<std::optional<run::Started>> Past::started(std::string run) {
  auto records = co_await journal_.read(run);
  if (!records) co_return std::unexpected(records.error());
  for (auto& record : *records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = engine::event_of(record);
    if (!event) co_return std::unexpected(event.error());
    auto first = std::get_if<run::Started>(&*event);
    co_return first ? std::optional(std::move(*first)) : std::nullopt;
  }
  co_return std::nullopt;
}

ports::Task<std::string> Past::takes_back(std::string run) {
  auto first = co_await started(run);
  if (!first) co_return std::unexpected(first.error());
  co_return *first ? (*first)->takes_back : "";
}

// The newest run of a service that was done can be taken back, and then the one before it; or it was taken back
// already.
ports::Task<std::set<std::string>> Past::may_go_back() {
  constexpr int kTakenBack = 2;
  auto open = co_await journal_.runs({.open_only = true, .most = kMost});
  if (!open) co_return std::unexpected(open.error());
  auto done = co_await journal_.runs({.most = kMost});
  if (!done) co_return std::unexpected(done.error());
  std::map<std::string, int> seen;
  std::erase_if(*done, [&](auto& run) {
    if (run.damage.empty() && run.ending != "done") return true;
    bool counts = !run.damage.empty();
    for (auto& service : run.services) counts |= seen[run.environment + "/" + service]++ < kTakenBack;
    return !counts;
  });
  std::ranges::move(*open, std::back_inserter(*done));
  std::set<std::string> out;
  for (auto& run : *done) {
    if (!run.damage.empty()) co_return fail(Code::internal, run.damage);
    out.insert(run.id);
  }
  co_return out;
}

ports::Task<std::set<std::string>> Past::folders() {
  auto runs = co_await may_go_back();
  if (!runs) co_return runs;
  std::set<std::string> out;
  for (auto& run : *runs) {
    auto first = co_await started(run);
    if (!first) co_return std::unexpected(first.error());
    if (!*first) continue;
    for (auto& subject : (*first)->runbook.subjects)
      for (auto& folder : {subject.candidate.folder, subject.previous.folder})
        if (!folder.empty()) out.insert(folder);
  }
  co_return out;
}

// The last that began first: what takes another one back comes before it.
ports::Task<std::optional<ports::Deployment>> Past::deployed(std::string service, std::string environment) {
  auto runs = co_await journal_.runs({.service = service, .environment = environment, .most = kMost});
  if (!runs) co_return std::unexpected(runs.error());
  std::set<std::string> taken;
  Time since{};  // whatever came after it and was taken back served in its place for a while
  for (auto& run : *runs) {
    if (!run.damage.empty()) co_return fail(Code::internal, run.damage);
    if (run.ending == "done" && !taken.contains(run.id) && run.ended)
      co_return ports::Deployment{run.id, run.version, std::max(*run.ended, since)};
    bool unsure = !run.ending || run.ending == "abandoned" || run.ending == "needs people";
    if (unsure)
      co_return fail(Code::unavailable,
                     fmt::format("what serves in {} nobody can tell: run {} of {} {}", environment, run.id, run.version,
                                 run.ending ? "was left: " + *run.ending : "goes on there"));
    if (run.ending != "refused" && run.ended) since = std::max(since, *run.ended);
    if (run.ending != "rolled back") continue;
    auto other = co_await takes_back(run.id);
    if (!other) co_return std::unexpected(other.error());
    taken.insert(*other);
  }
  co_return std::optional<ports::Deployment>();
}

namespace {

// What the other side refused again and again is told no more, and its cursor goes on as if it had been.
Result<std::set<std::string>> given_up(const std::string& file) {
  constexpr std::size_t kLargest = 4 * 1024 * 1024;
  auto text = io::read_if_there(file, kLargest);
  if (!text) return std::unexpected(text.error());
  std::set<std::string> out;
  for (auto line : split(text->value_or(""), '\n')) out.emplace(line.substr(0, line.find('\t')));
  return out;
}

struct Last {
  notices::News news;
  std::int64_t seq = 0;
  Time at{};
};

Result<std::optional<Last>> last_of(const std::vector<ports::Record>& records, const std::string& run,
                                    const std::string& name) {
  notices::Listener listener(run);
  std::optional<Last> out;
  for (auto& record : records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = engine::event_of(record);
    if (!event) return std::unexpected(event.error());
    auto news = listener.hear(*event, record.at, record.seq);
    if (news && news->name() == name) out = Last{std::move(*news), record.seq, record.at};
  }
  return out;
}

}  // namespace

ports::Task<std::optional<ports::Told>> Past::told_of(std::string run, std::string name) {
  auto records = co_await journal_.read(run);
  if (!records) co_return std::unexpected(records.error());
  auto last = last_of(*records, run, name);
  if (!last) co_return std::unexpected(last.error());
  if (!*last) co_return std::nullopt;
  auto history = engine::replay(*records);
  if (!history) co_return std::unexpected(history.error());
  auto book = notices::book_from(history->state.runbook.notices);
  if (!book) co_return std::unexpected(book.error());
  auto& one = **last;
  auto refused = given_up(StateDir{where_}.notices_refused(run));
  if (!refused) co_return std::unexpected(refused.error());
  ports::Told out{.at = one.at};
  for (auto& channel : notices::channels_of(*book)) {
    auto notice = notices::notice_for(*book, channel, one.news, run, one.seq, one.at);
    if (!notice) continue;
    auto told = co_await cursors_.cursor(channel.reader("told"), run);
    if (!told) co_return std::unexpected(told.error());
    ++out.to, out.reached += *told >= one.seq && !refused->contains(notice->id);
  }
  co_return out;
}

ports::Task<std::string> Past::frozen(std::string environment, Time now) {
  auto all = freezes(StateDir{where_}, now);
  if (!all) co_return std::unexpected(all.error());
  for (auto& one : *all)
    if (one.environment == environment)
      co_return fmt::format("frozen until {} by {}: {}", timestamp(one.until), one.who, one.why);
  co_return "";
}

ports::Task<std::optional<ports::Told>> Past::notified(std::string name, std::string service, std::string environment,
                                                       std::string version) {
  bool any_version = std::ranges::any_of(spec::kWords<notices::Event>, [&](auto& one) { return one.first == name; });
  auto runs = co_await journal_.runs({.service = service, .environment = environment});
  if (!runs) co_return std::unexpected(runs.error());
  for (auto& run : *runs) {
    if (!run.damage.empty()) co_return fail(Code::internal, run.damage);
    if (!any_version && run.version != version) continue;
    auto told = co_await told_of(run.id, name);
    if (!told || *told) co_return told;
  }
  co_return std::nullopt;
}

}  // namespace davy::host
