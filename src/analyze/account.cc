#include "analyze/account.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/text.h"

namespace davy::analyze {
namespace {

using namespace std::chrono_literals;
using signals::Line;
using signals::Outcome;
using signals::Parsed;
using signals::Want;

constexpr std::size_t kMostMoments = 240, kMostWindows = 1 << 16;
constexpr std::size_t kNoServer = 0, kOthers = 1;

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

judge::Tally& side_tally(Moment& m, Side side) { return m.sides[static_cast<std::size_t>(side)]; }

}  // namespace

void Figures::merge(const Figures& other) {
  tally.merge(other.tally);
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] += other.classes[i];
  bytes += other.bytes;
  longest = std::max(longest, other.longest);
}

void Moment::merge(const Moment& other) {
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i].merge(other.sides[i]);
}

void FailingPath::merge(const FailingPath& other) {
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i] += other.sides[i];
  if (other.status != 0) status = other.status;
}

// What most lines are not.
static inline bool uneventful(const Line& line) { return line.outcome == Outcome::answered && line.status < 400; }

static inline void count_event(judge::Tally& t, const Line& line) {
  t.errors += line.outcome == Outcome::error;
  t.aborts += line.outcome == Outcome::aborted;
  t.client_errors += line.outcome == Outcome::answered && line.status >= 400 && line.status < 500;
}

// `bucket` is that of the latency.
static inline void count_in(Figures& f, const Line& line, std::size_t bucket) {
  auto& t = f.tally;
  ++t.requests;
  ++f.classes[line.status >= 600 ? 0 : static_cast<std::size_t>(line.status / 100)];
  if (!uneventful(line)) [[unlikely]]
    count_event(t, line);
  if (line.bytes > 0) f.bytes += static_cast<std::uint64_t>(line.bytes);
  if (line.latency == Duration{}) return;
  t.latency.add_to(bucket);
  f.longest = std::max(f.longest, line.latency);
}

Account::Account(signals::Format format, const AccountOptions& options)
    : format_(std::move(format)),
      options_(options),
      want_(wanted(options)),
      comparing_(!options.candidate.empty() || !options.baseline.empty()),
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
  if (name.empty()) name = "(all)";
  if (auto found = cells_by_name_.find(name); found != cells_by_name_.end()) return found->second;
  if (cells_.size() >= options_.most_groups + 2) return kOthers;
  auto place = static_cast<std::uint32_t>(cells_.size());
  cells_by_name_.emplace(name, place);
  cells_.push_back({name, side_of(name), {}});
  return place;
}

// Lines of a few servers come in their thousands: the names of late are known by their bytes. Names are short and
// differ at their ends, so eight bytes of each say most; what has collided is looked for in full.
inline Account::Cell& Account::cell(std::string_view backend, std::string_view server) {
  auto key = side_by_side(backend, server);
  if (key.size() < 8 || key.size() > sizeof(Place::name)) return cells_[find_cell(backend, server)];
  auto first = eight(key.data()), last = eight(key.data() + key.size() - 8);
  auto& place = places_[((first ^ std::rotl(last, 23) ^ key.size()) * 0x9e3779b97f4a7c15ull) >> 55];
  if (place.size == key.size() && place.backend == backend.size() && eight(place.name) == first &&
      eight(place.name + key.size() - 8) == last &&
      (key.size() <= 16 || std::memcmp(place.name + 8, key.data() + 8, key.size() - 16) == 0))
    return cells_[place.cell];
  place.size = static_cast<std::uint16_t>(key.size()), place.backend = static_cast<std::uint16_t>(backend.size());
  place.cell = find_cell(backend, server);
  std::memcpy(place.name, key.data(), key.size());
  return cells_[place.cell];
}

inline bool Account::inside(const Line& line) {
  if (!line.end) return !options_.since && !options_.until;
  if ((options_.since && *line.end < *options_.since) || (options_.until && *line.end >= *options_.until)) return false;
  if (!first_ || *line.end < *first_) first_ = line.end;
  if (!last_ || *line.end > *last_) last_ = line.end;
  return true;
}

void Account::see_broken(std::string_view text) {
  ++counted_.broken;
  if (!first_broken_) first_broken_ = Broken{counted_.lines + counted_.other, std::string(text.substr(0, 300))};
}

inline void Account::count(const Line& line, std::string_view text) {
  bool unreached = line.outcome == Outcome::unreached;
  auto bucket = judge::Sketch::bucket_of(line.latency);
  counted_.unreached += unreached;
  Cell* into = &cells_[kNoServer];
  auto side = Side::neither;
  if (options_.by == By::path) {
    auto path = line.path.substr(0, line.path.find('?'));
    count_in(by_path_.add(path).figures, line, bucket);
    if (comparing_) side = side_of(path);
  } else {
    if (!unreached) into = options_.by == By::release ? &cell({}, line.release) : &cell(line.backend, line.server);
    count_in(into->figures, line, bucket);
    side = into->side;
  }
  if (line.end) {
    auto& t = side_tally(moments_.at(*line.end), side);
    ++t.requests;
    if (line.latency > Duration{}) t.latency.add_to(bucket);
    t.errors += line.outcome == Outcome::error;
  }
  if (comparing_ && side != Side::neither && !unreached) compare(line, side);
  if (!line.tried.empty() && options_.by == By::server) charge(line);
  if (line.outcome == Outcome::error) [[unlikely]]
    failed(text, side);
}

inline void Account::see(const signals::LineRead& one) {
  if (one.parsed == Parsed::other) return ++counted_.other, void();
  ++counted_.lines;
  if (one.parsed == Parsed::broken) return see_broken(one.text);
  if (!inside(one.line)) return ++counted_.outside, void();
  count(one.line, one.text);
}

// Where the log names the servers that a request was taken from, each is charged with it.
void Account::charge(const Line& line) {
  for (auto left = line.tried; !left.empty();) {
    auto comma = left.find(", ");
    auto& from = cell(line.backend, left.substr(0, comma));
    ++from.figures.tally.redispatched;
    if (from.side != Side::neither && line.end) ++side_tally(windows_.at(*line.end), from.side).redispatched;
    left.remove_prefix(comma == left.npos ? left.size() : comma + 2);
  }
}

// The same figures as the live judge has, in windows of the log's own seconds.
void Account::compare(const Line& line, Side side) {
  if (!line.end) return;
  if (*line.end >= window_end_) {
    clients_.end_of_window(*line.end);
    window_end_ = std::chrono::floor<std::chrono::seconds>(*line.end) + 1s;
  }
  auto& t = side_tally(windows_.at(*line.end), side);
  ++t.requests;
  t.client_errors += line.outcome == Outcome::answered && line.status >= 400 && line.status < 500;
  if (!line.client.empty()) t.repeats += clients_.request(signals::Clients::key(line.client, line.backend));
  if (line.outcome != Outcome::error) return;
  ++t.errors;
  if (line.client.empty()) return;
  auto error = clients_.error();
  t.error_clients += error.first;
  t.error_squares += 2 * error.earlier + 1;  // (k+1)² − k²
}

// Few lines fail, so these are read a second time for their path.
void Account::failed(std::string_view text, Side side) {
  Line line;
  format_.parse(text, line, Want::path);
  auto& path = paths_.add(line.path.substr(0, line.path.find('?')));
  path.status = line.status;
  if (side != Side::neither) ++path.sides[side == Side::candidate];
}

void Account::line(std::string_view text) {
  signals::LineRead one{.text = text};
  one.parsed = format_.parse(text, one.line, want_);
  see(one);
}

void Account::block(std::string_view text) {
  std::array<signals::LineRead, signals::kLinesAtOnce> lines;
  for (auto readable = text.data() + text.size(); !text.empty();) {
    auto taken = std::span(lines).first(signals::take_lines(text, lines));
    format_.parse(taken, readable, want_);
    for (auto& one : taken) see(one);
  }
}

void Account::too_long(std::string_view begin) {
  ++counted_.lines;
  see_broken(begin);
}

void Account::merge(const Account& other) {
  auto& c = other.counted_;
  counted_.lines += c.lines, counted_.other += c.other, counted_.broken += c.broken;
  counted_.outside += c.outside, counted_.unreached += c.unreached;
  if (!first_broken_) first_broken_ = other.first_broken_;
  if (other.first_ && (!first_ || *other.first_ < *first_)) first_ = other.first_;
  if (other.last_ && (!last_ || *other.last_ > *last_)) last_ = other.last_;
  cells_[kNoServer].figures.merge(other.cells_[kNoServer].figures);
  cells_[kOthers].figures.merge(other.cells_[kOthers].figures);
  for (auto i = kOthers + 1; i < other.cells_.size(); ++i)
    cells_[find_cell({}, other.cells_[i].name)].figures.merge(other.cells_[i].figures);
  by_path_.merge(other.by_path_);
  paths_.merge(other.paths_);
  moments_.merge(other.moments_);
  windows_.merge(other.windows_);
}

std::vector<Group> Account::groups() const {
  std::vector<Group> out;
  for (auto& e : by_path_.sorted()) out.push_back({e.name.empty() ? "(none)" : e.name, e.value.figures, e.over});
  for (auto i = kOthers + 1; i < cells_.size(); ++i) out.push_back({cells_[i].name, cells_[i].figures, 0});
  std::ranges::sort(out, [](auto& a, auto& b) {
    auto n = a.figures.tally.requests, m = b.figures.tally.requests;
    return n != m ? n > m : a.name < b.name;
  });
  for (auto i : {kOthers, kNoServer})
    if (cells_[i].figures.tally.requests > 0) out.push_back({cells_[i].name, cells_[i].figures, 0});
  return out;
}

}  // namespace davy::analyze
