#include "signals/traffic/accumulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "signals/traffic/tried.h"

namespace davy::signals {
namespace {

// Of a window by server: requests that were meant for it, or for its backend, when nobody was there.
const std::string kUnserved = "unserved";

// Of `shop@2~run` that is `shop`. Names without one ("candidate" of a recording) are all of one service.
std::string_view service_of(std::string_view release) {
  auto end = release.find('@');
  return end == release.npos ? std::string_view{} : release.substr(0, end);
}

bool is_among(std::string_view path, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](std::string_view one) {
    return one.ends_with('*') ? path.starts_with(one.substr(0, one.size() - 1)) : path == one;
  });
}

}  // namespace

Accumulator::Accumulator(AccumulatorOptions options)
    : options_(std::move(options)), unwrapper_(options_.format.wrapping()) {}

bool Accumulator::excluded(std::string_view path) const {
  path = path.substr(0, path.find('?'));
  if (is_among(path, options_.excluded)) return true;
  return !options_.included.empty() && !is_among(path, options_.included);
}

Accumulator::Cell* Accumulator::cell(std::string_view backend, std::string_view server) {
  auto is = [&](std::string_view name) {
    return name.size() == backend.size() + 1 + server.size() && name[backend.size()] == '/' && name.ends_with(server) &&
           name.starts_with(backend);
  };
  if (latest_ < cells_.size() && is(cells_[latest_].name)) return &cells_[latest_];
  for (latest_ = 0; latest_ < cells_.size(); ++latest_)
    if (is(cells_[latest_].name)) return &cells_[latest_];
  if (cells_.size() >= options_.most_servers) return nullptr;
  cells_.push_back({std::string(backend) + '/' + std::string(server), {}, 0});
  return &cells_.back();
}

void Accumulator::line(std::string_view text) {
  if (options_.format.wrapping().none()) return read(text);
  if (auto inside = unwrapper_.line(text)) read(*inside);
}

void Accumulator::read(std::string_view text) {
  Request line;
  auto parsed = options_.format.parse(text, line);
  if (parsed == Parsed::other) return;
  ++window_.lines;
  if (parsed == Parsed::broken) return ++window_.broken, void();
  if (excluded(line.path)) return ++window_.excluded, void();
  window_.redispatched += line.redispatched;
  each_failed(line, [&](std::string_view server) {
    if (auto from = cell(line.backend, server)) ++from->tally.redispatched;
  });
  if (line.outcome == Outcome::unreached) return ++window_.unreached, void();
  if (auto into = cell(line.backend, line.release.empty() ? line.server : line.release))
    count(line, *into);
  else
    ++window_.broken;
}

// Whose error it is: the first of late of its client, on whichever server of the backend it falls. Once per client AND
// server would count the larger release's clients too seldom, and an equal candidate would look worse.
void Accumulator::count(const Request& line, Cell& cell) {
  auto& t = cell.tally;
  ++t.requests;
  auto client = clients_.request(keys_.of(line.client, line.backend), static_cast<std::uint32_t>(&cell - &cells_[0]));
  t.repeats += client.made;
  t.newcomers += client.newcomer;
  t.returns += client.made > 1;
  t.moved += client.moved;
  t.after_error += client.erred;
  t.after_client_error += client.refused;
  if (line.latency > Duration{}) t.latency.add(line.latency);
  t.aborts += line.outcome == Outcome::aborted;
  t.untold += line.outcome == Outcome::untold, t.untold_client += line.outcome == Outcome::untold;
  judge::Part one{.requests = 1};
  one.client_errors = line.outcome == Outcome::answered && line.status >= 400 && line.status < 500;
  bool limited = one.client_errors && line.status == 429;
  one.client_error_clients = one.client_errors && !limited && clients_.client_error();
  t.limited += limited;
  cell.unserved += line.outcome == Outcome::unserved;
  if (is_error(line.outcome)) {
    auto error = clients_.error();
    one.errors = 1, one.error_clients = error.first;
    failing_ += error.first || line.client.empty();
    t.error_squares += 2 * error.earlier + 1;  // (k+1)² − k²
  }
  t.errors += one.errors, t.error_clients += one.error_clients;
  t.client_errors += one.client_errors, t.client_error_clients += one.client_error_clients;
  if (line.latency >= std::chrono::seconds(1)) t.aged_for(line.latency).merge(one);
  auto endpoint = endpoints_.request(line.path);
  if (endpoint.empty()) return;
  one.client_errors -= limited;
  if (line.latency > Duration{}) one.latency.add(line.latency);
  auto part = t.endpoints.find(endpoint);
  if (part == t.endpoints.end()) part = t.endpoints.emplace(endpoint, judge::Part{}).first;
  part->second.merge(one);
}

RawWindow Accumulator::finish(Time from, Time to, bool complete) {
  auto out = std::exchange(window_, {});
  failing_ = 0;
  auto& w = out.by_server;
  w.from = from, w.to = to;
  w.complete = complete && out.broken * 100 <= out.lines;
  for (auto& cell : cells_) {
    if (cell.unserved > 0) w.numbers[kUnserved][cell.name] = static_cast<double>(std::exchange(cell.unserved, 0));
    if (cell.tally.requests + cell.tally.redispatched > 0) w.releases[cell.name] = std::exchange(cell.tally, {});
  }
  clients_.end_of_window(to);
  endpoints_.end_of_window(to);
  return out;
}

const std::string* ReleaseMap::find(const std::string& server) const {
  auto found = releases_.find(server);
  auto slash = server.find('/');
  auto alone = server.substr(slash + 1);
  if (found == releases_.end()) found = releases_.find(alone);
  if (found == releases_.end())
    found = std::ranges::find_if(releases_, [&](auto& entry) {
      auto& name = entry.first;
      return name.ends_with('*') && alone.starts_with(std::string_view(name).substr(0, name.size() - 1));
    });
  if (found != releases_.end()) return &found->second;
  return slash == 0 || slash == server.npos ? find_in_any_backend(alone) : nullptr;
}

// A log that names no backend: two of them may have a server of this name, and then nobody knows whose it is.
const std::string* ReleaseMap::find_in_any_backend(std::string_view server) const {
  const std::string* out = nullptr;
  for (auto& [name, release] : releases_) {
    if (name.size() <= server.size() || !name.ends_with(server) || name[name.size() - server.size() - 1] != '/')
      continue;
    if (out && *out != release) return nullptr;
    out = &release;
  }
  return out;
}

judge::Window ReleaseMap::apply(const judge::Window& by_server, std::uint64_t* strangers) const {
  judge::Window out{.from = by_server.from, .to = by_server.to, .complete = by_server.complete, .gap = by_server.gap};
  out.sure = by_server.sure, out.doubted = by_server.doubted;
  for (auto& [server, tally] : by_server.releases) {
    if (auto release = carried_by(server))
      out.releases[*release].merge(tally);
    else if (strangers)
      *strangers += tally.requests;
  }
  for (auto& [series, by_name] : by_server.numbers)
    for (auto& [server, value] : by_name)
      if (auto release = find(server); release && series != kUnserved) out.numbers[series][*release] += value;
  if (auto why = nobodys(by_server); !why.empty()) {
    out.complete = false;
    if (out.gap.empty()) out.gap = std::move(why);
  }
  return out;
}

// Whoever names no server names the backend, and that may be of one release alone, beside the backends of another
// release of its service. Where there is no such release, nobody may have been there yet: a first release is not to
// blame for the minute before it, whatever other services have beside it.
const std::string* ReleaseMap::carried_by(const std::string& server) const {
  if (auto found = find(server)) return found;
  auto slash = server.find('/');
  auto rest = slash == server.npos ? std::string_view{} : std::string_view(server).substr(slash + 1);
  if (slash == 0 || slash == server.npos || !(rest.empty() || rest[0] == '<')) return nullptr;
  auto here = [&](const std::string& name) { return name.starts_with(std::string_view(server).substr(0, slash + 1)); };
  const std::string* out = nullptr;
  for (auto& [name, release] : releases_) {
    if (!here(name)) continue;
    if (out && *out != release) return nullptr;
    out = &release;
  }
  bool beside = out && std::ranges::any_of(releases_, [&](auto& one) {
                  return one.first.contains('/') && !here(one.first) && one.second != *out &&
                         service_of(one.second) == service_of(*out);
                });
  return beside ? out : nullptr;
}

// Whether the candidate's servers were to have them nobody can tell.
std::string ReleaseMap::nobodys(const judge::Window& by_server) const {
  auto unserved = by_server.numbers.find(kUnserved);
  if (unserved == by_server.numbers.end()) return {};
  double nobodys = 0, all = 0;
  std::string where;
  for (auto& [server, tally] : by_server.releases) all += static_cast<double>(tally.requests);
  for (auto& [server, n] : unserved->second)
    if (!carried_by(server)) nobodys += n, where = server;
  if (nobodys * 100 <= all) return {};
  return fmt::format("{:.0f} of {:.0f} requests failed because no server was there ({}), and nobody knows for whom",
                     nobodys, all, where);
}

// put: how what two labels of one release say comes together.
template <class T>
static void take_series(T& into, const T& from, const std::string& signal, const auto& releases, auto put) {
  for (auto& [series, values] : from)
    for (auto& [label, value] : values)
      for (auto& id : releases(label)) put(into[series.empty() ? signal : signal + "." + series][id], value);
}

std::vector<std::string> ReleaseMap::labelled(const std::string& label) const {
  if (label.empty()) return {""};
  std::vector<std::string> out;
  auto [first, last] = shared_.equal_range(label);
  for (auto one = first; one != last; ++one) out.push_back(one->second);
  if (!out.empty()) return out;
  if (auto id = find(label)) out.push_back(*id);
  return out;
}

void ReleaseMap::take(const judge::Window& by_label, const std::string& signal, judge::Window& out) const {
  auto releases = [&](const std::string& label) { return labelled(label); };
  auto newest = [](auto& into, auto& value) { into = value; };
  for (auto& [label, tally] : by_label.releases)
    for (auto& id : releases(label)) out.releases[id].merge(tally);
  take_series(out.numbers, by_label.numbers, signal, releases, newest);
  take_series(out.states, by_label.states, signal, releases, newest);
  take_series(out.counts, by_label.counts, signal, releases, [](auto& into, auto& value) { into += value; });
  take_series(out.shown, by_label.shown, signal, releases,
              [](auto& into, auto& value) { into.insert(value.begin(), value.end()); });
}

}  // namespace davy::signals
