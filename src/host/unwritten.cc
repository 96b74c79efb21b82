#include "host/unwritten.h"

#include <fcntl.h>

#include <cstdio>

#include "io/posix/files.h"
#include "io/posix/posix.h"

namespace davy::host {
namespace {

std::string path_of(const StateDir& dir, const std::string& stream) { return dir.spool(stream) + "/unwritten.json"; }

}  // namespace

void show_unwritten(const StateDir& dir, const std::string& stream, const Unwritten& u) {
  spec::Json events = spec::Json::array();
  for (auto& e : u.events) events.push_back(watch::encode(e));
  auto text = spec::dump({{"seq", u.seq}, {"at", u.at.time_since_epoch().count()}, {"events", events}});
  auto path = path_of(dir, stream), next = path + ".next";
  io::Fd to(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (to && io::write_all(to.get(), text)) std::rename(next.c_str(), path.c_str());
}

std::optional<Unwritten> unwritten(const StateDir& dir, const std::string& stream) {
  io::Files files;
  auto text = files.read(path_of(dir, stream));
  auto json = text ? spec::parse_json(*text) : std::unexpected(text.error());
  if (!json || !json->is_object() || !json->contains("events") || !(*json)["events"].is_array()) return {};
  Unwritten out{.seq = json->value("seq", std::int64_t{0}),
                .at = Time(Duration(json->value("at", std::int64_t{0}))),
                .events = {}};
  for (auto& one : (*json)["events"]) {
    if (!one.is_object() || one.size() != 1) return {};
    auto event = watch::decode(one.items().begin().key(), one.front(), "unwritten");
    if (!event) return {};
    out.events.push_back(*std::move(event));
  }
  return out;
}

}  // namespace davy::host
