// Lines in, figures out: what `davy analyze` knows of a log. Bounded: groups, paths and stretches of time have a number
// of places each. One account belongs to one thread; accounts of several files are merged.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyze/bins.h"
#include "analyze/figures.h"
#include "analyze/top.h"
#include "signals/formats/format.h"
#include "signals/traffic/clients.h"

namespace davy::analyze {

inline constexpr std::string_view kAll = "(all)";  // the group of lines that name nobody

enum class By { server, path, release };

struct AccountOptions {
  By by = By::server;
  std::optional<Time> since = {},
                      until = {};  // by the end of the answer; until is the first moment that does not count
  // Two groups to compare: a group's name, of "backend/server" also the part behind the slash; `*` at its end stands
  // for anything; several with commas between. Empty: nothing is compared.
  std::string baseline = {}, candidate = {};
  std::size_t most_groups = 1000, most_paths = 1000;
};

enum class Side : std::uint8_t { neither, baseline, candidate };

struct Group {
  std::string name;
  Figures figures;
  std::uint64_t over = 0;  // requests that may be this group's or those of a rarer one that it displaced
};

// One stretch of time.
struct Moment {
  std::array<judge::Tally, 3> sides;  // by Side
  void merge(const Moment&);
};

// The two that are compared, in one stretch; what is in neither is not asked for.
struct Pair {
  judge::Tally baseline, candidate;
  void merge(const Pair& other) { baseline.merge(other.baseline), candidate.merge(other.candidate); }
};

struct FailingPath {
  std::array<std::uint64_t, 2> sides{};  // errors that fell on baseline and candidate
  int status = 0;                        // the latest
  void merge(const FailingPath&);
};

struct Broken {
  std::uint64_t line = 0;  // from 1
  std::string text;        // the beginning of it
};

struct Counted {
  std::uint64_t lines = 0;      // all that are about requests, broken ones too
  std::uint64_t other = 0;      // messages that are not about a request, empty lines
  std::uint64_t broken = 0;     // of lines
  std::uint64_t outside = 0;    // of lines: not between since and until, or without a time while one was asked for
  std::uint64_t unreached = 0;  // of lines: no server had them
};

class Account {
 public:
  Account(signals::Format, const AccountOptions&);

  void block(std::string_view whole_lines);  // the last one may lack its newline
  void too_long(std::string_view begin);     // a line that no buffer holds is broken
  void merge(const Account&);

  const Counted& counted() const { return counted_; }
  const std::optional<Broken>& first_broken() const { return first_broken_; }
  const signals::Format& format() const { return format_; }
  std::vector<Group> groups() const;  // most requests first; "(no server)" and "(others)" last
  const Top<FailingPath>& paths() const { return paths_; }
  Bins<Moment> moments() const;
  const Bins<Pair>& windows() const { return windows_; }  // of a second, as long as there are not too many
  std::optional<Time> first() const { return first_ <= last_ ? std::optional(first_) : std::nullopt; }
  std::optional<Time> last() const { return first_ <= last_ ? std::optional(last_) : std::nullopt; }

 private:
  struct Cell {
    std::string name;
    Side side = Side::neither;
    Counts counts;
  };
  // Of the stretch of time that is being read; added to its moment when the next one is reached, or the block's end.
  struct Now {
    std::uint64_t errors = 0;
    Latencies latencies;
  };
  struct Place {
    std::uint32_t sizes = 0;  // of the name as it stands in the line, shifted by 16, and of its first part
    std::uint32_t cell = 0;
    char name[56] = {};
  };
  static constexpr std::size_t kPlaces = 512;

  void see(std::span<const signals::LineRead>);
  void see_plain(std::span<const signals::LineRead>, std::uint64_t before);
  void see_asked(std::span<const signals::LineRead>, std::uint64_t before);
  void count_plain(const signals::Request&);
  void count(const signals::LineRead&);
  Side count_path(const signals::Request&);
  void count_moment(const signals::Request&, Side, std::size_t place);
  void count_late(const signals::Request&, Side);
  void event(const signals::LineRead&, Side);
  bool reach(Time end);  // whether it lies in the stretch that is being read
  bool begin_stretch(Time end);
  std::uint32_t cell_of(const signals::Request&);
  void settle();
  void add_now(Bins<Moment>&) const;
  void compare(const signals::Request&, Side);
  void charge(const signals::Request&);
  void failed(std::string_view text, Side);
  bool inside(const signals::Request&) const;
  std::uint32_t cell(std::string_view backend, std::string_view server);
  std::uint32_t find_cell(std::string_view backend, std::string_view server);
  Side side_of(std::string_view name) const;
  void see_other(const signals::LineRead&, std::uint64_t number);
  void see_broken(std::string_view, std::uint64_t number);

  signals::Format format_;
  AccountOptions options_;
  signals::Want want_;
  bool bounded_, comparing_, plain_;  // plain: only servers are asked for
  Counted counted_;
  std::optional<Broken> first_broken_;
  Time first_ = Time::max(), last_ = Time::min();                 // of none: first_ is behind last_
  std::vector<Cell> cells_;                                       // [0]: no server, [1]: others
  std::unordered_map<std::string, std::uint32_t> cells_by_name_;  // of all cells but these two
  std::array<Place, kPlaces> places_{};
  Top<Figures> by_path_;
  Top<FailingPath> paths_;
  Bins<Moment> moments_;
  Bins<Pair> windows_;
  Bins<Moment>::Stretch stretch_;
  std::array<Now, 3> now_;  // by Side, of that stretch
  signals::Clients clients_;
  signals::Clients::Keys keys_;
  Time window_end_{};
};

}  // namespace davy::analyze
