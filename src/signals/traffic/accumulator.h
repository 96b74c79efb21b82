// Lines in, windows by server out. Owned by the thread that reads the lines; knows servers, never releases: which
// release a server carries is the core's knowledge, and changes (ReleaseMap). Where the format was told which token
// says the release, that token stands for the server.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "judge/numbers/window.h"
#include "signals/formats/format.h"
#include "signals/traffic/clients.h"
#include "signals/traffic/endpoints.h"

namespace davy::signals {

// Windows of one stretch, with the figures about the stretch itself.
struct RawWindow {
  judge::Window by_server;  // releases keyed "backend/server"
  std::uint64_t lines = 0, broken = 0;
  std::uint64_t unreached = 0;     // requests that no server was to have
  std::uint64_t excluded = 0;      // health paths, monitors, Davy's own probes; all that is not among the included
  std::uint64_t redispatched = 0;  // of which HAProxy's log does not say who failed: `show stat` does
};

struct AccumulatorOptions {
  Format format = {};                 // haproxy
  std::vector<std::string> excluded;  // "/health" exactly, "/health*" and all below it
  std::vector<std::string> included;  // the same; empty: all
  std::size_t most_servers = 1000;    // what is beyond is counted as broken: memory stays bounded
};

class Accumulator {
 public:
  explicit Accumulator(AccumulatorOptions = {});

  void line(std::string_view);
  void lost() { ++window_.broken; }  // a line that was cut off by the socket

  // Three clients failed for the first time since the last `finish`, or three requests of clients that are not known: a
  // release that fails everything should not be given the rest of a window. By errors of all servers together, so a
  // window's end says nothing about any of them.
  bool urgent() const { return failing_ >= kMany; }

  // Hands over what was gathered and begins the next stretch. More than one broken line in a hundred makes it
  // incomplete; so does `complete` = false, which is the reader's own knowledge.
  RawWindow finish(Time from, Time to, bool complete = true);

 private:
  struct Cell {
    std::string name;  // "backend/server"
    judge::Tally tally;
    std::uint64_t unserved = 0;
  };
  bool excluded(std::string_view path) const;
  Cell* cell(std::string_view backend, std::string_view server);
  void read(std::string_view);
  void count(const Request&, Cell&);

  AccumulatorOptions options_;
  Unwrapper unwrapper_;
  Clients clients_;
  Clients::Keys keys_;
  Endpoints endpoints_;
  std::vector<Cell> cells_;
  static constexpr std::uint64_t kMany = 3;
  std::uint64_t failing_ = 0;  // clients, for the first time; of those who are not known each
  std::size_t latest_ = 0;     // lines of one server come in rows
  RawWindow window_;
};

// Which release a server carries, by "backend/server", or "server" alone: then in any backend; "green*" is any server
// that begins so. Two backends may each have a server of one name: those are two.
class ReleaseMap {
 public:
  void set(std::string server, std::string release) { releases_[std::move(server)] = std::move(release); }
  void forget(const std::string& server) { releases_.erase(server); }
  // A label that several services share, the version of all that are shipped together: what is read under it is each
  // one's. Of requests it tells nothing.
  void share(std::string label, std::string release) { shared_.emplace(std::move(label), std::move(release)); }
  const std::string* find(const std::string& server) const;

  // Servers that carry no known release are left out: `strangers` counts their requests. Where more than one request in
  // a hundred failed because no server was there, and nothing says for whom, the window is incomplete. Numbers of a
  // release's servers are added up.
  judge::Window apply(const judge::Window& by_server, std::uint64_t* strangers = nullptr) const;

  // That more than one request in a hundred failed because no server was there, and nothing says for whom; else empty.
  std::string nobodys(const judge::Window& by_server) const;

  // What a signal that is read says by label, into `out` by release: its series get the signal's name before theirs,
  // "" is the whole service, a stranger is nobody's.
  void take(const judge::Window& by_label, const std::string& signal, judge::Window& out) const;

 private:
  const std::string* find_in_any_backend(std::string_view server) const;
  const std::string* carried_by(const std::string& server) const;
  std::vector<std::string> labelled(const std::string& label) const;

  std::map<std::string, std::string> releases_;
  std::multimap<std::string, std::string> shared_;
};

}  // namespace davy::signals
