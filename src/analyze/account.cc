#include "analyze/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/text.h"
#include "signals/traffic/scan.h"
#include "signals/traffic/tried.h"

namespace davy::analyze {
namespace {

using namespace std::chrono_literals;
using signals::Outcome;
using signals::Parsed;
using signals::Request;
using signals::Want;

constexpr std::size_t kMostMoments = 240, kMostWindows = 1 << 16;
constexpr std::uint32_t kNoServer = 0, kOthers = 1;

std::uint64_t eight(const char* p) {
  std::uint64_t out = 0;
  std::memcpy(&out, p, 8);
  return out;
}

// Backend and server as one text, where they stand side by side in the line, as they do in HAProxy's.
std::string_view side_by_side(std::string_view backend, std::string_view server) {
  if (backend.empty()) return server;
  return server.data() == backend.data() + backend.size() + 1
             ? std::string_view(backend.data(), backend.size() + 1 + server.size())
             : std::string_view{};
}

std::string full_name(std::string_view backend, std::string_view server) {
  std::string out(backend);
  if (!backend.empty()) out += '/';
  return out += server;
}

bool matches(std::string_view name, std::string_view wanted) {
  if (wanted.ends_with('*')) return name.starts_with(wanted.substr(0, wanted.size() - 1));
  return name == wanted;
}

Want wanted(const AccountOptions& options) {
  auto out = Want::counts;
  if (!options.candidate.empty() || !options.baseline.empty()) out = out | Want::client;
  if (options.by == By::path) out = out | Want::path;
  return out;
}

bool nobody_had(const Request& line) {
  return line.outcome == Outcome::unreached || (line.outcome == Outcome::unserved && line.release.empty());
}

DAVY_INLINE bool is_plain(const Request& line) { return line.outcome == Outcome::answered && line.tried.empty(); }

judge::Tally& side_tally(Moment& m, Side side) { return m.sides[static_cast<std::size_t>(side)]; }
judge::Tally& side_tally(Pair& p, Side side) { return side == Side::candidate ? p.candidate : p.baseline; }

// Few are: they have no part in what is done for each line.
bool is_client_error(const Request& line) {
  return line.status >= 400 && line.status < 500 && line.outcome == Outcome::answered;
}

}  // namespace

void Moment::merge(const Moment& other) {
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i].merge(other.sides[i]);
}

void FailingPath::merge(const FailingPath& other) {
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i] += other.sides[i];
  if (other.status != 0) status = other.status;
}

Account::Account(signals::Format format, const AccountOptions& options)
    : format_(std::move(format)),
      options_(options),
      want_(wanted(options)),
      bounded_(options.since || options.until),
      comparing_(!options.candidate.empty() || !options.baseline.empty()),
      plain_(!comparing_ && options.by == By::server),
      cells_{Cell{.name = "(no server)"}, Cell{.name = "(others)"}},
      by_path_(options.most_groups),
      paths_(options.most_paths),
      moments_(kMostMoments),
      windows_(kMostWindows) {}

Side Account::side_of(std::string_view name) const {
  auto behind = name.substr(name.find('/') == name.npos ? 0 : name.find('/') + 1);
  auto meant = [&](std::string_view wanted) {
    return matches(name, wanted) || (options_.by == By::server && matches(behind, wanted));
  };
  for (auto [wanted, side] : {std::pair{&options_.candidate, Side::candidate}, {&options_.baseline, Side::baseline}})
    if (!wanted->empty() && (meant(*wanted) || std::ranges::any_of(split(*wanted, ','), meant))) return side;
  return Side::neither;
}

std::uint32_t Account::find_cell(std::string_view backend, std::string_view server) {
  auto name = full_name(backend, server);
  if (name.empty()) name = kAll;
  if (auto found = cells_by_name_.find(name); found != cells_by_name_.end()) return found->second;
  if (cells_.size() >= options_.most_groups + 2) return kOthers;
  auto place = static_cast<std::uint32_t>(cells_.size());
  cells_by_name_.emplace(name, place);
  cells_.push_back({name, side_of(name), {}});
  return place;
}

// Lines of a few servers come in their thousands: the names of late are known by their bytes. Names are short and
// differ at their ends, so eight bytes of each say most; what has collided is looked for in full.
DAVY_INLINE std::uint32_t Account::cell(std::string_view backend, std::string_view server) {
  auto key = side_by_side(backend, server);
  if (key.size() - 8 > sizeof(Place::name) - 8) return find_cell(backend, server);
  auto first = eight(key.data()), last = eight(key.data() + key.size() - 8);
  auto sizes = static_cast<std::uint32_t>(key.size() << 16 | backend.size());
  auto& place = places_[((first ^ std::rotl(last, 23) ^ sizes) * 0x9e3779b97f4a7c15ull) >> 55];
  if (place.sizes == sizes && eight(place.name) == first && eight(place.name + key.size() - 8) == last &&
      (key.size() <= 16 || std::memcmp(place.name + 8, key.data() + 8, key.size() - 16) == 0))
    return place.cell;
  place.sizes = sizes, place.cell = find_cell(backend, server);
  std::memcpy(place.name, key.data(), key.size());
  return place.cell;
}

DAVY_INLINE bool Account::inside(const Request& line) const {
  if (!bounded_) return true;
  return line.end && !(options_.since && *line.end < *options_.since) &&
         !(options_.until && *line.end >= *options_.until);
}

void Account::see_broken(std::string_view text, std::uint64_t number) {
  ++counted_.broken;
  if (!first_broken_) first_broken_ = Broken{number, std::string(text.substr(0, 300))};
}

// What most lines are, where only servers are asked for: answered, and by the first that was asked.
DAVY_INLINE void Account::count_plain(const Request& line) {
  auto place = Latencies::place(line.latency);
  cells_[cell(line.backend, line.server)].counts.count(line, place);
  if (!line.end) return;
  if (!reach(*line.end)) [[unlikely]]
    return count_late(line, Side::neither);
  now_[0].latencies.add(place);
}

DAVY_INLINE void Account::count(const signals::LineRead& one) {
  auto& line = one.line;
  auto place = Latencies::place(line.latency);
  auto side = Side::neither;
  if (options_.by != By::path) {
    auto& cell = cells_[cell_of(line)];
    cell.counts.count(line, place);
    side = cell.side;
  } else {
    side = count_path(line);
  }
  if (line.end) count_moment(line, side, place);
  if (!is_plain(line)) [[unlikely]]
    event(one, side);
  if (comparing_) compare(line, side);
}

void Account::see_other(const signals::LineRead& one, std::uint64_t number) {
  if (one.parsed == Parsed::broken)
    see_broken(one.text, number);
  else if (one.parsed == Parsed::other)
    ++counted_.other, --counted_.lines;
  else if (!inside(one.line))
    ++counted_.outside;
  else
    count(one);
}

// What most lines do not tell of.
void Account::event(const signals::LineRead& one, Side side) {
  counted_.unreached += nobody_had(one.line);
  if (options_.by == By::server) charge(one.line);
  if (is_error(one.line.outcome)) failed(one.text, side);
}

DAVY_INLINE std::uint32_t Account::cell_of(const Request& line) {
  if (nobody_had(line)) return kNoServer;
  return options_.by == By::release ? cell({}, line.release) : cell(line.backend, line.server);
}

Side Account::count_path(const Request& line) {
  auto path = line.path.substr(0, line.path.find('?'));
  by_path_.add(path).count(line);
  return comparing_ ? side_of(path) : Side::neither;
}

DAVY_INLINE void Account::count_moment(const Request& line, Side side, std::size_t place) {
  if (!reach(*line.end)) return count_late(line, side);
  auto& now = now_[static_cast<std::size_t>(side)];
  now.latencies.add(place);
  now.errors += is_error(line.outcome);
}

DAVY_INLINE bool Account::reach(Time end) {
  if (end < first_) [[unlikely]]
    first_ = end;
  last_ = std::max(last_, end);
  return stretch_.holds(end) || begin_stretch(end);
}

// Behind the stretch that is being read the next one begins. What lies before it came late: a log in no order must not
// begin a stretch with each line.
bool Account::begin_stretch(Time end) {
  if (end < stretch_.from) return false;
  settle();
  stretch_ = moments_.around(end);
  return true;
}

void Account::count_late(const Request& line, Side side) {
  auto& t = side_tally(moments_.at(*line.end), side);
  ++t.requests;
  t.errors += is_error(line.outcome);
  if (line.latency > Duration{}) t.latency.add(line.latency);
}

void Account::settle() {
  add_now(moments_);
  now_ = {};
}

void Account::add_now(Bins<Moment>& to) const {
  if (stretch_.from == stretch_.to) return;
  for (std::size_t i = 0, n = comparing_ ? now_.size() : 1; i < n; ++i) {
    auto& t = to.at(stretch_.from).sides[i];
    t.requests += now_[i].latencies.count(), t.errors += now_[i].errors;
    now_[i].latencies.add_to(t.latency);
  }
}

Bins<Moment> Account::moments() const {
  auto out = moments_;
  add_now(out);
  return out;
}

DAVY_FAST void Account::see_plain(std::span<const signals::LineRead> lines, std::uint64_t before) {
  for (auto& one : lines) {
    if (one.parsed == Parsed::line && inside(one.line) && is_plain(one.line)) [[likely]]
      count_plain(one.line);
    else
      see_other(one, before + static_cast<std::uint64_t>(&one - lines.data()) + 1);
  }
}

DAVY_FAST void Account::see_asked(std::span<const signals::LineRead> lines, std::uint64_t before) {
  for (auto& one : lines) {
    if (one.parsed == Parsed::line && inside(one.line)) [[likely]]
      count(one);
    else
      see_other(one, before + static_cast<std::uint64_t>(&one - lines.data()) + 1);
  }
}

void Account::see(std::span<const signals::LineRead> lines) {
  auto before = counted_.lines + counted_.other;  // these lines have come already, those at hand have not
  counted_.lines += lines.size();
  plain_ ? see_plain(lines, before) : see_asked(lines, before);
}

// Where the log names the servers that a request was taken from, each is charged with it.
void Account::charge(const Request& line) {
  signals::each_failed(line, [&](std::string_view server) {
    auto& from = cells_[cell(line.backend, server)];
    from.counts.redispatched();
    if (from.side != Side::neither && line.end) ++side_tally(windows_.at(*line.end), from.side).redispatched;
  });
}

// The same figures as the live judge has, in windows of the log's own seconds.
void Account::compare(const Request& line, Side side) {
  if (!line.end || side == Side::neither || nobody_had(line)) return;
  if (*line.end >= window_end_) {
    clients_.end_of_window(*line.end);
    window_end_ = std::chrono::floor<std::chrono::seconds>(*line.end) + 1s;
  }
  auto& t = side_tally(windows_.at(*line.end), side);
  ++t.requests;
  bool known = !line.client.empty();
  if (known) [[likely]]
    t.repeats += clients_.request(keys_.of(line.client, line.backend));
  if (is_client_error(line)) [[unlikely]] {
    bool limited = line.status == 429;
    ++t.client_errors, t.limited += limited;
    t.client_error_clients += known && !limited && clients_.client_error();
  }
  if (line.outcome == Outcome::answered) [[likely]]
    return;
  t.untold += line.outcome == Outcome::untold;
  if (!is_error(line.outcome)) return;
  ++t.errors;
  if (line.client.empty()) return;
  auto error = clients_.error();
  t.error_clients += error.first;
  t.error_squares += 2 * error.earlier + 1;  // (k+1)² − k²
}

// Few lines fail, so these are read a second time for their path.
void Account::failed(std::string_view text, Side side) {
  Request line;
  format_.parse(text, line, Want::path);
  auto& path = paths_.add(line.path.substr(0, line.path.find('?')));
  path.status = line.status;
  if (side != Side::neither) ++path.sides[side == Side::candidate];
}

void Account::block(std::string_view text) {
  signals::Block lines(text, format_.dividers());
  for (auto some = lines.next(); !some.empty(); some = lines.next()) {
    format_.parse(some, lines.marks(), lines.recent(), want_);
    see(some);
  }
}

void Account::too_long(std::string_view begin) {
  ++counted_.lines;
  see_broken(begin, counted_.lines + counted_.other);
}

void Account::merge(const Account& other) {
  auto& c = other.counted_;
  counted_.lines += c.lines, counted_.other += c.other, counted_.broken += c.broken;
  counted_.outside += c.outside, counted_.unreached += c.unreached;
  if (!first_broken_) first_broken_ = other.first_broken_;
  first_ = std::min(first_, other.first_), last_ = std::max(last_, other.last_);
  cells_[kNoServer].counts.merge(other.cells_[kNoServer].counts);
  cells_[kOthers].counts.merge(other.cells_[kOthers].counts);
  for (auto i = kOthers + 1; i < other.cells_.size(); ++i)
    cells_[find_cell({}, other.cells_[i].name)].counts.merge(other.cells_[i].counts);
  by_path_.merge(other.by_path_);
  paths_.merge(other.paths_);
  moments_.merge(other.moments());
  windows_.merge(other.windows_);
}

std::vector<Group> Account::groups() const {
  std::vector<Group> out;
  for (auto& e : by_path_.sorted()) out.push_back({e.name.empty() ? "(none)" : e.name, e.value, e.over});
  // Where some lines name somebody and some do not, those are of nobody in particular.
  auto nameless = fmt::format("(names no {})", options_.by == By::release ? "release" : "server");
  for (auto i = kOthers + 1; i < cells_.size(); ++i)
    out.push_back({cells_[i].name == kAll && cells_.size() > kOthers + 2 ? nameless : cells_[i].name,
                   cells_[i].counts.figures(), 0});
  std::ranges::sort(out, [](auto& a, auto& b) {
    auto n = a.figures.tally.requests, m = b.figures.tally.requests;
    return n != m ? n > m : a.name < b.name;
  });
  for (auto i : {kOthers, kNoServer})
    if (cells_[i].counts.requests() > 0) out.push_back({cells_[i].name, cells_[i].counts.figures(), 0});
  return out;
}

}  // namespace davy::analyze
