// What client and keeper say to each other over <spool>/ctl: one request, one reply with the same number, any number of
// them in flight. A private format of one version of Davy; a keeper of another version answers with an Error.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "io/keeper/spool.h"
#include "ports/guard.h"

namespace davy::io {

// members(): all of a message, in the order in which it travels.
struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> secret_env;  // values: these never go to a file, nor into an argv
  std::map<std::string, std::string> masked;      // name → value of every secret: taken out of the output
  std::string cwd;
  Duration timeout{};
  Duration grace{};
  std::uint64_t keep_output = 0;
  auto members(this auto& self) {
    return std::tie(self.argv, self.env, self.secret_env, self.masked, self.cwd, self.timeout, self.grace,
                    self.keep_output);
  }
};
struct LaunchCommand {
  std::string key;
  Command command;
  auto members(this auto& self) { return std::tie(self.key, self.command); }
};
struct AskCommand {
  Command command;
  auto members(this auto& self) { return std::tie(self.command); }
};
struct GiveUpAsking {  // ends what this client asked for by that number
  std::uint64_t number = 0;
  auto members(this auto& self) { return std::tie(self.number); }
};
struct FindCommand {
  std::string key;
  auto members(this auto& self) { return std::tie(self.key); }
};
struct EndCommand {
  std::string key;
  Duration grace{};
  auto members(this auto& self) { return std::tie(self.key, self.grace); }
};
struct StartInstance {
  std::string key;
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> secret_env;
  std::vector<std::string> hidden;  // names of all secrets: what the keeper itself has of them is not handed on
  std::string cwd, note;
  auto members(this auto& self) {
    return std::tie(self.key, self.argv, self.env, self.secret_env, self.hidden, self.cwd, self.note);
  }
};
struct StopInstance {
  std::string key;
  Duration grace{};
  auto members(this auto& self) { return std::tie(self.key, self.grace); }
};
struct ArmGuard {
  ports::WayBack way;
  std::map<std::string, std::string> secrets;  // name → value of every one: given to acts that name it, and masked
  auto members(this auto& self) { return std::tie(self.way.moves, self.way.patience, self.way.rehearse, self.secrets); }
};
struct Judged {
  auto members(this auto&) { return std::tie(); }
};
struct DisarmGuard {
  auto members(this auto&) { return std::tie(); }
};
struct AskTaken {  // answered by Taking, or NothingTaken
  auto members(this auto&) { return std::tie(); }
};
using Request = std::variant<LaunchCommand, FindCommand, EndCommand, AskCommand, GiveUpAsking, StartInstance,
                             StopInstance, ArmGuard, Judged, DisarmGuard, AskTaken>;

struct Agreed {
  auto members(this auto&) { return std::tie(); }
};
struct Answered {  // what a question came to; nothing else is kept of it
  Ended end;
  std::string output;
};
struct NothingTaken {
  auto members(this auto&) { return std::tie(); }
};
struct SecretsWanted {  // to a judge's sign of life: what is armed has lost them, and is to be armed anew
  auto members(this auto&) { return std::tie(); }
};
using Reply =
    std::variant<Agreed, Spool::NeverBegan, Ended, Answered, ports::Guard::Taken, NothingTaken, SecretsWanted, Error>;

struct NumberedRequest {
  std::uint64_t number = 0;
  Request request;
};
struct NumberedReply {
  std::uint64_t number = 0;
  Reply reply;
};
std::string encode(const NumberedRequest&);
std::string encode(const NumberedReply&);
Result<NumberedRequest> decode_request(std::string_view);  // number is lost with a garbled one
Result<NumberedReply> decode_reply(std::string_view);
void wipe(Request&);  // the secrets in it
void wipe(Command&);
void wipe(std::map<std::string, std::string>& values);

// SOCK_SEQPACKET packets have a limit, messages have a higher one: a message travels in one or more packets, the first
// byte of each says whether more follow.
std::vector<std::string> to_packets(std::string_view message);
inline constexpr std::size_t kLargestPacket = 32 * 1024;
inline constexpr std::size_t kLargestMessage = 8 * 1024 * 1024;

class Assembler {
 public:
  ~Assembler();
  enum class State { more, whole, broken };
  State add(std::string_view packet);
  std::string take();  // the whole message

 private:
  std::string message_;
};

}  // namespace davy::io
