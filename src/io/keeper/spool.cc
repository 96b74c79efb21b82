#include "io/keeper/spool.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <charconv>
#include <cstdint>
#include <set>
#include <sstream>

#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kSmall = 64 * 1024;
constexpr std::size_t kLongestName = 180;  // of the 255 that file systems allow

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~+").contains(c);
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool taken_by_us(std::string_view name) {
  static const std::set<std::string_view> ours = {"keeper.lock", "ctl",   "ctl.new", "keeper.log",
                                                  "engine.log",  "armed", "way-back"};
  return ours.contains(name) || name.empty() || name.starts_with('.');
}

}  // namespace

std::string to_text(const Begun& begun) {
  return fmt::format("{} {} {} {} {}\n", begun.process.pid, begun.process.start, begun.process.boot,
                     begun.deadline.count(), begun.grace.count());
}

std::string to_text(const Ended& ended) {
  auto how = ended.exit_code ? "exit" : ended.signal ? "signal" : "unknown";
  return fmt::format("{} {} {} {}\n", how, ended.exit_code.value_or(ended.signal.value_or(0)), ended.timed_out ? 1 : 0,
                     ended.took.count());
}

std::optional<Begun> parse_begun(const std::string& text) {
  std::istringstream in(text);
  Begun begun;
  std::int64_t deadline = 0, grace = 0;
  if (!(in >> begun.process.pid >> begun.process.start >> begun.process.boot >> deadline >> grace)) return {};
  begun.deadline = Duration(deadline);
  begun.grace = Duration(grace);
  return begun;
}

std::optional<Ended> parse_ended(const std::string& text) {
  std::istringstream in(text);
  std::string how;
  int value = 0, timed_out = 0;
  std::int64_t took = 0;
  if (!(in >> how >> value >> timed_out >> took)) return {};
  Ended ended{{}, {}, timed_out != 0, Duration(took)};
  if (how == "exit") ended.exit_code = value;
  if (how == "signal") ended.signal = value;
  return ended;
}

Ended ended_from_wait(int status) {
  if (WIFSIGNALED(status)) return {{}, WTERMSIG(status)};
  return {WEXITSTATUS(status), {}};
}

std::string file_name(std::string_view key) {
  std::string name;
  for (char c : key) {
    if (is_plain(c) && !taken_by_us(key))
      name += c;
    else
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.empty()) return "%";
  if (name.size() <= kLongestName) return name;
  return fmt::format("{}%{:016x}", name.substr(0, kLongestName), fnv1a(key));
}

std::string key_of(std::string_view name) {
  std::string key;
  for (std::size_t at = 0; at < name.size(); ++at) {
    unsigned char byte = static_cast<unsigned char>(name[at]);
    if (byte == '%' && at + 2 < name.size()) {
      std::from_chars(name.data() + at + 1, name.data() + at + 3, byte, 16);
      at += 2;
    }
    key += static_cast<char>(byte);
  }
  return key;
}

Spool::Standing Spool::look(std::string_view name, std::string_view boot) const {
  auto folder = file(name);
  if (auto text = read_file(folder + "/exit", kSmall))
    if (auto ended = parse_ended(*text)) return *ended;
  auto text = read_file(folder + "/begun", kSmall);
  if (!text) return text.error().code == Code::invalid ? Standing(NeverBegan{}) : Standing(Ended{});
  auto begun = parse_begun(*text);
  if (begun && alive(begun->process, boot)) return *begun;
  return Ended{};
}

}  // namespace davy::io
