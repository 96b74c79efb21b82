#include "io/data/redis_replies.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <string.h>

#include <new>

#include "base/text.h"

namespace davy::io {
namespace {

using Kind = RedisReply::Kind;

// What hiredis calls while it reads. Its own functions set up a list for as many items as its first line promises;
// these keep the outermost reply only, and of a list nothing.
void* made(const redisReadTask* task, Kind kind, std::string_view text = {}) {
  static RedisReply inner;  // hiredis wants an address; what stands in a list is not kept
  if (task->parent) return &inner;
  return new (std::nothrow) RedisReply{kind, std::string(text)};
}

void* make_text(const redisReadTask* task, char* text, std::size_t size) try {
  return made(task, task->type == REDIS_REPLY_ERROR ? Kind::error : Kind::text, {text, size});
} catch (const std::bad_alloc&) {
  return nullptr;
}
void* make_list(const redisReadTask* task, int) { return made(task, Kind::list); }
void* make_number(const redisReadTask* task, long long number) {
  return made(task, Kind::number, std::to_string(number));
}
void* make_none(const redisReadTask* task) { return made(task, Kind::none); }
void free_reply(void* reply) { delete static_cast<RedisReply*>(reply); }

redisReplyObjectFunctions functions = {make_text, make_list, make_number, make_none, free_reply};

}  // namespace

std::string redis_command(const std::vector<std::string>& words) {
  std::vector<const char*> places;
  std::vector<std::size_t> sizes;
  for (auto& word : words) places.push_back(word.data()), sizes.push_back(word.size());
  char* text = nullptr;
  auto size = ::redisFormatCommandArgv(&text, static_cast<int>(words.size()), places.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string out(text, static_cast<std::size_t>(size));
  ::explicit_bzero(text, static_cast<std::size_t>(size));
  ::redisFreeCommand(text);
  return out;
}

Error redis_refusal(const std::string& shown, const std::string& said) {
  auto code = said.starts_with("NOAUTH") || said.starts_with("WRONGPASS") || said.starts_with("NOPERM") ||
                      said.starts_with("ERR AUTH") || said.starts_with("ERR invalid password")
                  ? Code::refused
              : said.starts_with("LOADING") || said.starts_with("MASTERDOWN") || said.starts_with("BUSY")
                  ? Code::unavailable
                  : Code::invalid;
  return {code, fmt::format("Redis at {} says: {}", shown, printable(said.substr(0, 200)))};
}

void RedisReplies::Free::operator()(redisReader* reader) const { ::redisReaderFree(reader); }

RedisReplies::RedisReplies(std::size_t most) : reader_(::redisReaderCreateWithFunctions(&functions)), most_(most) {
  if (!reader_) throw std::bad_alloc();
}

Result<> RedisReplies::feed(std::string_view bytes) {
  fed_ += bytes.size();
  if (fed_ > most_) return fail(Code::invalid, fmt::format("the answer is larger than {} MiB", most_ / 1024 / 1024));
  ::redisReaderFeed(reader_.get(), bytes.data(), bytes.size());  // if it fails, so does every next()
  return {};
}

Result<std::optional<RedisReply>> RedisReplies::next() {
  void* found = nullptr;
  if (::redisReaderGetReply(reader_.get(), &found) != REDIS_OK)
    return fail(Code::invalid, "the answer is not Redis's protocol: " + printable(reader_->errstr));
  if (!found) return std::nullopt;
  std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(found));
  return std::optional(std::move(*reply));
}

}  // namespace davy::io
