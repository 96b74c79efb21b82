#include "signals/formats/guessed_fields.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "signals/formats/parts.h"
#include "signals/traffic/figures.h"

namespace davy::signals {
namespace {

bool all_digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

// nginx writes times with three decimals, ratios with two, versions with one, and $msec with ten digits before them.
bool is_seconds(std::string_view text) {
  auto dot = text.find('.');
  return dot != text.npos && dot >= 1 && dot <= 5 && text.size() == dot + 4 && all_digits(text.substr(0, dot)) &&
         all_digits(text.substr(dot + 1));
}

bool has_unit(std::string_view text) {
  Duration ignored{};
  return !text.empty() && text.back() == 's' && read_latency(text, std::chrono::seconds(1), ignored);
}

// The members of "a, b : c".
std::vector<std::string_view> members(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    auto end = std::min(list.find_first_of(", "), list.size());
    auto one = list.substr(0, end);
    if (!one.empty() && one != ":" && one != "-") out.push_back(one);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

int port_of(std::string_view address) {
  std::int64_t port = 0;
  auto colon = address.rfind(':');
  return colon != address.npos && read_digits(address.substr(colon + 1), port) && port <= 65'535 ? int(port) : -1;
}

// "10.1.0.1:80", "[2001:db8::1]:80", "unix:/run/x.sock".
bool is_server(std::string_view text) {
  if (text.starts_with("unix:/")) return true;
  if (port_of(text) < 0) return false;
  auto host = text.substr(0, text.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']'))
    return host.find_first_not_of("0123456789abcdefABCDEF:.%[]") == host.npos;
  return std::ranges::count(host, '.') == 3 && host.find_first_not_of("0123456789.") == host.npos;
}

// All that one field says.
struct Column {
  std::string_view key;
  bool quoted = false;
  std::vector<std::string_view> values;  // without `-`
  std::size_t dashes = 0;

  bool all(auto test) const { return !values.empty() && std::ranges::all_of(values, test); }
  std::set<std::string_view> different() const { return {values.begin(), values.end()}; }
};

Column column(std::span<const std::vector<TailField>> lines, std::size_t i) {
  Column out{.key = lines[0][i].key, .quoted = lines[0][i].quoted};
  for (auto& line : lines)
    line[i].value == "-" || line[i].value.empty() ? void(++out.dashes) : out.values.push_back(line[i].value);
  return out;
}

bool are_servers(const Column& c) {
  bool any = false;
  for (auto value : c.values)
    for (auto one : members(value)) {
      if (is_server(one))
        any = true;
      else if (one.find_first_not_of("0123456789abcdefABCDEF:.%[]") == one.npos)
        return false;  // a name is a group of nginx's in which nobody was up; an address without a port is a client's
    }
  return any;
}

// Clients come from any port; servers listen at a few.
bool are_clients(const Column& c) {
  std::set<int> ports;
  std::size_t high = 0;
  for (auto value : c.values)
    if (auto all = members(value); !all.empty()) {
      auto port = port_of(all.front());
      ports.insert(port);
      high += port >= 32'768;
    }
  return 2 * high > c.values.size() || (c.values.size() > 3 && 2 * ports.size() > c.values.size());
}

constexpr std::string_view kTimeNames[] = {"rt",       "request_time", "req_time", "reqtime",       "time",    "t",
                                           "duration", "took",         "tt",       "response_time", "latency", "total"};
constexpr std::string_view kUpstreamTimes[] = {"urt", "upstream_response_time"};
constexpr std::string_view kUpstreamStatuses[] = {"us", "ust", "ustatus", "upstream_status"};
constexpr std::string_view kUpstreams[] = {"ua", "ups", "upstream", "upstream_addr", "addr"};

class Guess {
 public:
  Guess(std::span<const std::vector<TailField>> lines, Figures figures) : figures_(figures) {
    for (std::size_t i = 0; i < lines[0].size(); ++i) all_.push_back(column(lines, i));
    names_.resize(all_.size());
    bytes_.reserve(lines.size());
    for (auto& line : lines) bytes_.push_back(line.empty() ? std::string_view{} : line[0].value);
  }

  GuessedTail made() {
    first_fields();
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (names_[i].empty()) names_[i] = by_key(all_[i]);
    if (!has("upstream_addr")) choose_upstream();
    if (!has_latency()) choose_by_unit();
    if (!has_latency()) choose_seconds();
    if (!has_latency()) choose_figures();
    if (!has_latency() && out_.doubt.empty()) look_for_doubts();
    write();
    return std::move(out_);
  }

 private:
  // Size, referrer and user agent.
  void first_fields() {
    if (all_.empty()) return;
    auto& size = all_[0];
    if (size.key.empty() && !size.quoted && (size.all(all_digits) || size.values.empty()))
      names_[0] = "body_bytes_sent";
    if (names_[0].empty()) return;
    constexpr std::string_view kNames[] = {"http_referer", "http_user_agent"};
    std::size_t i = 1;
    while (i < all_.size() && all_[i].key.empty() && !all_[i].quoted) ++i;
    for (auto name : kNames)
      if (i < all_.size() && all_[i].quoted && all_[i].key.empty()) names_[i] = name, behind_ = ++i;
  }

  static bool is_one_of(std::string_view key, auto& names) { return std::ranges::find(names, key) != std::end(names); }

  // Empty: the key says nothing, or there is none.
  static std::string by_key(const Column& c) {
    if (c.key.empty()) return "";
    if (is_one_of(c.key, kTimeNames))
      return c.all([](auto v) { return is_seconds(v) || has_unit(v); }) ? "request_time" : "_";
    if (is_one_of(c.key, kUpstreamTimes)) return "upstream_response_time";
    if (is_one_of(c.key, kUpstreamStatuses)) return "upstream_status";
    if (is_one_of(c.key, kUpstreams)) return are_servers(c) ? "upstream_addr" : "_";
    auto part = part_of(c.key);
    return part == Part::skip || is_moment(part) || is_latency(part) ? "_" : std::string(c.key);
  }

  bool has(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }
  bool has_latency() const {
    return has("request_time") || has("upstream_response_time") || has("seconds") || has("milliseconds") ||
           has("microseconds");
  }
  bool free(std::size_t i) const { return names_[i].empty(); }

  // nginx's stock format ends with "$http_x_forwarded_for", which may have ports (Azure): in quotes right behind the
  // user agent an address is a client's, unless there are only a few of them and they are no clients' ports. It is not
  // taken for the client unless somebody says so: anybody can send that header.
  void choose_upstream() {
    for (std::size_t i = all_.size(); i-- > 0;) {
      auto& c = all_[i];
      if (!free(i) || !are_servers(c)) continue;
      bool few = c.values.size() >= 4 && 2 * c.different().size() <= c.values.size();
      bool forwarded =
          (c.quoted && are_clients(c)) || (c.quoted && i == behind_ && !few) || (c.values.size() > 3 && are_clients(c));
      names_[i] = forwarded ? "_" : "upstream_addr";
      if (!forwarded) return;
    }
  }

  // A request always has a time, an upstream's may be `-`. Of two the one that is never shorter is the request's.
  void choose_seconds() {
    std::vector<std::size_t> whole;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (free(i) && all_[i].dashes == 0 && all_[i].all([](auto v) { return is_seconds(v) || has_unit(v); }))
        whole.push_back(i);
    for (auto i : whole)
      if (std::ranges::all_of(whole, [&](auto j) { return never_shorter(all_[i], all_[j]); })) {
        if (!may_be_milliseconds(all_[i])) return names_[i] = "request_time", void();
        out_.doubt = "half of the figures with three decimals are one and more, so they may be seconds or milliseconds";
        return;
      }
    if (!whole.empty()) out_.doubt = "several fields look like times, and none is always the longest";
  }

  // nginx writes seconds; whoever else writes three decimals may mean milliseconds, and then most are above one.
  bool may_be_milliseconds(const Column& c) const {
    if (figures_ == Figures::of_nginx || c.all(has_unit)) return false;
    auto above = std::ranges::count_if(c.values, [](auto v) { return !v.starts_with("0."); });
    return 2 * static_cast<std::size_t>(above) >= c.values.size();
  }

  // "39.458 ms": the unit is the next word.
  void choose_by_unit() {
    static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"ms", "milliseconds"}, {"msec", "milliseconds"}, {"us", "microseconds"},
        {"µs", "microseconds"}, {"s", "seconds"},         {"sec", "seconds"}};
    auto is_number = [](std::string_view v) { return v.find_first_not_of("0123456789.") == v.npos; };
    for (std::size_t i = 0; i + 1 < all_.size(); ++i)
      for (auto [word, name] : kWords)
        if (free(i) && free(i + 1) && all_[i].all(is_number) && all_[i + 1].all([&](auto v) { return v == word; }))
          return names_[i] = name, void();
  }

  static bool never_shorter(const Column& a, const Column& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      Duration one{}, other{};
      read_latency(a.values[i], std::chrono::seconds(1), one);
      read_latency(b.values[i], std::chrono::seconds(1), other);
      if (one < other) return false;
    }
    return true;
  }

  // Of Apache's and Tomcat's kind: one whole number at the end of the line.
  void choose_figures() {
    if (figures_ == Figures::of_nginx || all_.size() < 2 || !free(all_.size() - 1) || all_.size() - 1 < behind_) return;
    auto& last = all_.back();
    bool alone = std::ranges::count_if(all_, [&](auto& c) { return &c != &all_[0] && c.all(all_digits); }) == 1;
    if (last.quoted || !last.key.empty() || last.dashes > 0 || !last.all(all_digits)) return;
    if (figures_ == Figures::of_apache && alone && are_microseconds(last))
      return names_.back() = "microseconds", void();
    out_.doubt =
        figures_ == Figures::of_java
            ? "%D is milliseconds up to Tomcat 9 and Jetty 9.4.14, microseconds since; write the pattern, with "
              "%{ms}T or %{us}T for it"
            : "the whole number at the end may be microseconds (%D), milliseconds, seconds (%T), a size or a "
              "port; write the pattern";
  }

  // Apache's %D, and not its %{ms}T, nor a port: half of the requests took twenty seconds otherwise.
  bool are_microseconds(const Column& c) const {
    std::vector<std::int64_t> all;
    for (auto value : c.values)
      if (std::int64_t n = 0; read_digits(value, n)) all.push_back(n);
    if (all.empty() || is_a_size(all) || (all.size() > 4 && c.different().size() == 1)) return false;
    std::ranges::sort(all);
    return all[all.size() / 2] >= 20'000 && all.back() > 65'535;
  }

  // %O is the body and some headers.
  bool is_a_size(const std::vector<std::int64_t>& figures) const {
    std::size_t near = 0, known = 0;
    for (std::size_t i = 0; i < figures.size() && i < bytes_.size(); ++i) {
      std::int64_t body = 0;
      if (!read_digits(bytes_[i], body) || body == 0) continue;
      ++known, near += figures[i] >= body && figures[i] <= body + 4'096;
    }
    return known > 1 && near == known;
  }

  void look_for_doubts() {
    for (std::size_t i = 1; i < all_.size(); ++i)
      if (free(i) && all_[i].all([](auto v) { return all_digits(v) || has_unit(v); }))
        out_.doubt = "which figure is the request's time cannot be told";
  }

  void write() {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      auto name = "$" + (names_[i].empty() ? "_" : names_[i]);
      out_.pattern += ' ';
      if (!all_[i].key.empty()) out_.pattern += std::string(all_[i].key) + "=";
      out_.pattern += all_[i].quoted ? "\"" + name + "\"" : name;
    }
    out_.of_start = figures_ == Figures::of_apache || figures_ == Figures::of_java || has("microseconds");
  }

  Figures figures_;
  std::vector<Column> all_;
  std::vector<std::string> names_;
  std::vector<std::string_view> bytes_;
  std::size_t behind_ = 1;  // the first field behind the user agent
  GuessedTail out_;
};

std::size_t closing_quote(std::string_view text, std::size_t from) {
  for (; from < text.size() && text[from] != '"'; ++from)
    if (text[from] == '\\') ++from;
  return from < text.size() ? from : text.npos;
}

// A list goes on behind its comma and around its colon.
bool goes_on(std::string_view text, std::size_t end) {
  return end > 0 && (text[end - 1] == ',' || text[end - 1] == ':' || text.substr(end).starts_with(" : "));
}

}  // namespace

std::vector<TailField> fields_of(std::string_view left) {
  constexpr std::size_t kMost = 40;
  std::vector<TailField> out;
  for (auto begin = left.find_first_not_of(' '); begin != left.npos && out.size() < kMost;
       begin = left.find_first_not_of(' ')) {
    left.remove_prefix(begin);
    TailField one;
    if (auto stop = left.find_first_of(" =\""); stop != left.npos && stop > 0 && left[stop] == '=') {
      one.key = left.substr(0, stop);
      left.remove_prefix(stop + 1);
    }
    one.quoted = left.starts_with('"') && closing_quote(left, 1) != left.npos;
    auto end = one.quoted ? closing_quote(left, 1) : left.find(' ');
    while (!one.quoted && end != left.npos && goes_on(left, end)) end = left.find(' ', end + 1);
    one.value = one.quoted ? left.substr(1, end - 1) : left.substr(0, end);
    left.remove_prefix(std::min(end == left.npos ? end : end + one.quoted, left.size()));
    out.push_back(one);
  }
  return out;
}

bool same_shape(std::span<const TailField> a, std::span<const TailField> b) {
  return std::ranges::equal(a, b, [](auto& x, auto& y) { return x.key == y.key && x.quoted == y.quoted; });
}

GuessedTail guess_tail(std::span<const std::vector<TailField>> lines, Figures figures) {
  return Guess(lines, figures).made();
}

}  // namespace davy::signals
