#include "backups/redis/told.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "io/data/redis_replies.h"
#include "signals/systems/redis_info.h"

namespace davy::backups {
namespace {

using Info = std::map<std::string, std::string>;

std::string text(const Info& info, const char* key) {
  auto found = info.find(key);
  return found == info.end() ? "" : printable(found->second.substr(0, 200));
}

std::int64_t number_in(std::string_view text, std::int64_t without = 0) {
  std::int64_t out = without;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// "keys=12,expires=3,avg_ttl=0"
std::int64_t field(std::string_view text, std::string_view name) {
  for (auto one : split(text, ','))
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return number_in(one.substr(name.size() + 1));
  return 0;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// One item of a dump's head, after what it is: a text, or a number in few bytes.
class Head {
 public:
  explicit Head(std::string_view text) : left_(text) {}
  bool next_is(unsigned char what) {
    if (left_.empty() || static_cast<unsigned char>(left_.front()) != what) return false;
    return take(1).has_value();
  }
  std::optional<std::string> text() {
    auto first = take(1);
    if (!first) return {};
    auto byte = static_cast<unsigned char>(first->front());
    switch (byte >> 6) {
      case 0:
        return whole(byte & 63u);
      case 1:
        return long_text(byte);
      case 3:
        return in_bytes(byte & 63u);
      default:
        return {};  // no note is so long
    }
  }

 private:
  std::optional<std::string_view> take(std::size_t count) {
    if (left_.size() < count) return {};
    auto out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }
  std::optional<std::string> whole(std::size_t size) {
    auto out = take(size);
    return out ? std::optional(std::string(*out)) : std::nullopt;
  }
  std::optional<std::string> long_text(unsigned char byte) {
    auto second = take(1);
    if (!second) return {};
    return whole((byte & 63u) << 8u | static_cast<unsigned char>(second->front()));
  }
  // 1, 2 or 4 bytes, the least first. What is compressed no note is.
  std::optional<std::string> in_bytes(unsigned kind) {
    if (kind > 2) return {};
    auto bytes = take(1u << kind);
    if (!bytes) return {};
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes->size(); ++i)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[i])) << (8 * i);
    auto unused = 32 - 8 * bytes->size();
    return std::to_string(static_cast<std::int32_t>(value << unused) >> unused);
  }
  std::string_view left_;
};

}  // namespace

Result<RedisTold> redis_told(std::string_view whole) {
  auto info = signals::parse_redis_info(whole);
  RedisTold out{.version = text(info, "redis_version"), .role = text(info, "role")};
  if (out.version.empty() || out.role.empty())
    return fail(Code::invalid, "the answer is not Redis's INFO: " + printable(whole.substr(0, 40)));
  out.replication = text(info, "master_replid"), out.offset = number_in(text(info, "master_repl_offset"), -1);
  out.memory = number_in(text(info, "used_memory_dataset"), number_in(text(info, "used_memory")));
  out.most = number_in(text(info, "maxmemory"));
  out.cluster = text(info, "cluster_enabled") == "1", out.loading = text(info, "loading") == "1";
  out.saves = text(info, "rdb_bgsave_in_progress") == "1" || text(info, "aof_rewrite_in_progress") == "1";
  out.functions = number_in(text(info, "number_of_functions"));
  for (auto& [name, value] : info)
    if (name.starts_with("db") && all_digits(name.substr(2)) && value.starts_with("keys="))
      out.databases.push_back({number_in(name.substr(2)), field(value, "keys"), field(value, "expires")});
  std::ranges::sort(out.databases, {}, &Keyspace::index);
  return out;
}

std::optional<Error> not_copied(const RedisTold& told) {
  int major = 0, minor = 0;
  auto& v = told.version;
  auto end = v.data() + v.size();
  auto at = std::from_chars(v.data(), end, major).ptr;
  if (at != end) std::from_chars(at + 1, end, minor);
  if (major * 100 + minor < 602)
    return Error{Code::invalid, fmt::format("it is Redis {}, which cannot hold writes alone", v), "6.2 or newer"};
  if (told.cluster) return Error{Code::invalid, "it is one node of a cluster, and has a part of the keys", {}};
  if (told.role != "master")
    return Error{Code::invalid, "it is a replica, whose writes nobody can hold", "the address of its master"};
  if (told.loading) return Error{Code::unavailable, "it is still loading its data", {}};
  return {};
}

std::vector<std::string> differences(const std::vector<Keyspace>& source, std::int64_t functions,
                                     const RedisTold& now) {
  std::vector<std::string> out;
  auto of = [](const std::vector<Keyspace>& all, std::int64_t index) {
    auto found = std::ranges::find(all, index, &Keyspace::index);
    return found == all.end() ? Keyspace{index, 0, 0} : *found;
  };
  std::set<std::int64_t> indices;
  for (auto list : {&source, &now.databases})
    for (auto& one : *list) indices.insert(one.index);
  for (auto index : indices) {
    auto was = of(source, index), is = of(now.databases, index);
    if (was.keys != is.keys)
      out.push_back(fmt::format("database {} has {} keys, and had {}", index, is.keys, was.keys));
    if (was.expiring != is.expiring)
      out.push_back(fmt::format("of database {} {} keys expire, and {} did", index, is.expiring, was.expiring));
  }
  if (functions != now.functions)
    out.push_back(fmt::format("there are {} functions, and were {}", now.functions, functions));
  return out;
}

Result<std::optional<DumpBegins>> dump_begins(std::string_view text, const std::string& shown) {
  constexpr std::size_t kMostBefore = 64 * 1024;  // a newline each second while it is made
  auto blank = std::min(text.find_first_not_of("\r\n"), text.size());
  auto line = text.substr(blank);
  auto end = line.find("\r\n");
  if (end == line.npos) {
    if (text.size() > kMostBefore) return fail(Code::invalid, "what Redis answers to SYNC is no dump");
    return std::nullopt;
  }
  line = line.substr(0, end);
  if (line.starts_with('-')) return std::unexpected(io::redis_refusal(shown, std::string(line.substr(1))));
  if (!line.starts_with('$') || !all_digits(line.substr(1)))
    return fail(Code::invalid, "what Redis answers to SYNC is no dump: " + printable(line.substr(0, 80)));
  return DumpBegins{blank + end + 2, number_in(line.substr(1))};
}

Result<std::map<std::string, std::string>> dump_notes(std::string_view head) {
  constexpr std::string_view kMagic = "REDIS";
  constexpr std::size_t kBegin = 9;  // and four digits of its version
  constexpr unsigned char kNote = 0xfa;
  if (!head.starts_with(kMagic) || head.size() < kBegin || !all_digits(head.substr(5, 4)))
    return fail(Code::invalid, "it is no dump of a Redis");
  Head rest(head.substr(kBegin));
  std::map<std::string, std::string> out;
  while (rest.next_is(kNote)) {
    auto key = rest.text(), value = rest.text();
    if (!key || !value) break;
    out[*key] = *value;
  }
  return out;
}

}  // namespace davy::backups
