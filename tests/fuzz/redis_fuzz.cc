// What a Redis sends, from the first byte of the connection on. The first byte says in which pieces it comes: however
// it is cut, the replies are the same.
#include <cstdint>
#include <cstdlib>

#include "backups/redis/told.h"
#include "io/data/redis_replies.h"
#include "signals/systems/redis_info.h"

namespace {

using namespace davy;

struct Heard {
  std::vector<std::string> replies;
  bool refused = false;
  bool operator==(const Heard&) const = default;
};

void require(bool held) {
  if (!held) std::abort();
}

Heard hear(std::string_view text, std::size_t piece) {
  io::RedisReplies all;
  Heard out;
  for (std::size_t at = 0; at <= text.size() && !out.refused; at += piece) {
    require(all.feed(text.substr(at, piece)).has_value());
    while (!out.refused) {
      auto reply = all.next();
      out.refused = !reply;
      if (!reply) require(!reply.error().message.empty());
      if (!reply || !*reply) break;
      require((*reply)->text.size() <= text.size());
      out.replies.push_back(std::to_string(static_cast<int>((*reply)->kind)) + (*reply)->text);
    }
  }
  return out;
}

// What a copy of it reads.
void copied(std::string_view text) {
  if (auto told = backups::redis_told(text)) (void)backups::not_copied(*told);
  auto begins = backups::dump_begins(text, "cache:6379");
  if (begins && *begins) require((*begins)->skip <= text.size() && (*begins)->bytes >= 0);
  auto notes = backups::dump_notes(text);
  std::size_t all = 0;
  if (notes)
    for (auto& [key, value] : *notes) all += key.size() + value.size();
  require(all <= 6 * text.size());  // a number of a byte may have four digits
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 64 * 1024) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto whole = hear(text, text.size() + 1);
  require(whole == hear(text, data[0] % 64 + 1));
  signals::RedisAccount account;
  for (auto& reply : whole.replies) (void)account.look(std::string_view(reply).substr(1), Time{}, Time{});
  copied(text);
  return 0;
}
