// What a MongoDB sends, from the first byte of the connection on. The first byte says in which pieces it comes: however
// it is cut, the answers are the same. What they hold is read as what a server says of itself; and the rest as a
// command.
#include <cstdint>
#include <cstdlib>

#include "io/data/mongo_messages.h"
#include "signals/systems/mongo_account.h"
#include "spec/json.h"

namespace {

using namespace davy;

struct Heard {
  std::vector<std::string> answers;
  bool refused = false;
  bool operator==(const Heard&) const = default;
};

void require(bool held) {
  if (!held) std::abort();
}

Heard hear(std::string_view text, std::size_t piece) {
  io::MongoReplies all;
  Heard out;
  for (std::size_t at = 0; at <= text.size() && !out.refused; at += piece) {
    require(all.feed(text.substr(at, piece)).has_value());
    while (!out.refused) {
      auto answer = all.next(1);
      out.refused = !answer;
      if (!answer) require(!answer.error().message.empty());
      if (!answer || !*answer) break;
      out.answers.push_back(**answer);
    }
  }
  return out;
}

void account(const std::string& answer) {
  (void)signals::mongo_size(answer);
  (void)signals::mongo_lag(answer);
  auto figures = signals::mongo_figures(answer);
  if (!figures) return;
  signals::MongoAccount account;
  account.look(*figures, Time{}, Time{});
  auto w = account.look(*figures, Time{}, Time{std::chrono::seconds(1)});
  require(w.numbers["restarts"][""] <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 64 * 1024) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto whole = hear(text, text.size() + 1);
  require(whole == hear(text, data[0] % 64 + 1));
  for (auto& answer : whole.answers) account(answer);
  account(std::string(text));
  if (auto message = io::mongo_message(1, {std::string(text), "d"})) require(message->size() > 21);
  return 0;
}
