#include "providers/probe/net/listen.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace davy::providers {
namespace {

constexpr std::string_view kListens = "0A";

std::optional<unsigned> hexadecimal(std::string_view text) {
  unsigned out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

// 32 bits at a time, each as this machine's little-endian words print it: 0100007F is 127.0.0.1.
std::string address_of(std::string_view text) {
  if (text.size() == 8) {
    auto n = hexadecimal(text).value_or(0);
    return fmt::format("{}.{}.{}.{}", n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24);
  }
  if (text == "00000000000000000000000000000000") return "[::]";
  if (text == "00000000000000000000000001000000") return "[::1]";
  std::string out;
  for (std::size_t word = 0; word + 8 <= text.size(); word += 8) {
    auto n = hexadecimal(text.substr(word, 8)).value_or(0);
    out += fmt::format("{}{:x}:{:x}", out.empty() ? "" : ":", (n & 255) << 8 | (n >> 8 & 255),
                       (n >> 16 & 255) << 8 | n >> 24);
  }
  return "[" + out + "]";
}

}  // namespace

bool fit_together(const ListenProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (o.port >= 1 && o.port <= 65535) return true;
  d.add(v.find("listen") ? v.find("listen")->mark : v.mark, fmt::format("{} as a port", o.port), "1 to 65535");
  return false;
}

std::vector<std::string> listening(std::string_view table, std::int32_t port) {
  std::vector<std::string> out;
  for (auto line : split(table, '\n')) {
    std::vector<std::string_view> words;
    for (auto word : split(line, ' '))
      if (!word.empty() && words.size() < 4) words.push_back(word);
    if (words.size() < 4 || words[3] != kListens) continue;
    auto colon = words[1].rfind(':');
    if (colon == words[1].npos || hexadecimal(words[1].substr(colon + 1)) != static_cast<unsigned>(port)) continue;
    out.push_back(fmt::format("{}:{}", address_of(words[1].substr(0, colon)), port));
  }
  return out;
}

ports::Observation observed(const ListenProbe& o, std::vector<std::string> addresses) {
  std::ranges::sort(addresses);
  auto text = joined(addresses, ", ");
  return {.ok = !addresses.empty(),
          .unwell = {"count"},
          .says = addresses.empty() ? fmt::format("nobody listens on port {}", o.port) : "listens at " + text,
          .numbers = {{"count", static_cast<double>(addresses.size())}},
          .words = {{"value", text}}};
}

ports::Task<ports::Observation> perform(ListenProbe o, ports::Outside& out, ports::Asking) {
  std::vector<std::string> all;
  for (auto file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    auto there = out.files.stat(file);
    if (!there) co_return std::unexpected(there.error());
    if (!*there && std::string_view(file).ends_with('6')) continue;  // a machine without IPv6
    auto table = out.files.read(file);
    if (!table) co_return std::unexpected(table.error());
    auto some = listening(*table, o.port);
    all.insert(all.end(), some.begin(), some.end());
  }
  co_return observed(o, std::move(all));
}

void add_listen_probe(ports::Registry& r) {
  r.probe<ListenProbe>("listen", "Looks who listens on a TCP port of this machine; well is anybody.",
                       "{ listen: 5432, expect: value is 127.0.0.1:5432 }", perform,
                       {{"value", spec::kWord, "the addresses, sorted: `127.0.0.1:5432, [::1]:5432`"},
                        {"count", spec::Unit::none, "how many there are"}});
}

}  // namespace davy::providers
