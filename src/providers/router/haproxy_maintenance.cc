#include "providers/router/haproxy_maintenance.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers::haproxy {
namespace {

constexpr std::string_view kPlain =
    "<!doctype html><title>Back soon</title><h1>Back soon</h1><p>We are putting in a new version.";
constexpr std::size_t kLongestPage = 10'000;  // HAProxy's buffer of 16 KiB holds the command, and later the answer

std::string rule(const std::string& backend) {
  return fmt::format(
      "create an empty /etc/haproxy/davy.map and put this rule first into the frontend: http-request return status 503 "
      "content-type \"text/html; charset=utf-8\" hdr Retry-After "
      "\"%[str({0}.retry-after),map(/etc/haproxy/davy.map,30)]\" lf-string "
      "\"%[str({0}),map(/etc/haproxy/davy.map),b64dec]\" if {{ str({0}),map(/etc/haproxy/davy.map) -m found }}",
      backend);
}

ports::Task<std::string> find_map(Talk& talk, Maintenance m) {
  auto answer = co_await talk.ask("show map");
  if (!answer) co_return std::unexpected(answer.error());
  for (auto& [file, used] : map_files(*answer))
    if (used && (m.map.empty() ? file == "davy.map" || file.ends_with("/davy.map") : file == m.map)) co_return file;
  co_return fail(Code::refused,
                 fmt::format("HAProxy is not laid out for maintenance: no rule reads {}",
                             m.map.empty() ? "a map file called davy.map" : m.map),
                 rule(m.backend));
}

// Only where HAProxy's files are ours to see: the same machine, no container.
Result<> keep(ports::Files& files, const std::string& file, const Maintenance& m, bool on, const std::string& page) {
  auto there = files.stat(file);
  if (!there || !*there) return {};
  auto text = files.read(file);
  if (!text) return std::unexpected(text.error());
  auto wanted = rewritten(*text, m, on, page);
  return wanted == *text ? Result<>() : files.write(file, wanted, (*there)->mode);
}

ports::Task<> flip(Talk& talk, Maintenance m, std::string file, bool on, std::string page) {
  auto before = co_await talk.ask("show map " + file);
  if (!before) co_return std::unexpected(before.error());
  std::string complaints;
  for (auto& command : switched(m, file, on, page, map_entries(*before))) {
    auto said = co_await talk.ask(command);
    if (!said) co_return std::unexpected(said.error());
    complaints += complaint(*said);
  }
  auto after = co_await talk.ask("show map " + file);
  if (!after) co_return std::unexpected(after.error());
  auto now = map_entries(*after);
  if ((std::ranges::find(now, m.backend, [](auto& e) { return e.first; }) != now.end()) == on) co_return Result<>();
  co_return fail(Code::unavailable, fmt::format("switched maintenance {}, and HAProxy did not: {}", on ? "on" : "off",
                                                complaints.empty() ? "no complaint" : complaints));
}

}  // namespace

std::string one_line(std::string page) {
  for (auto& c : page)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return page;
}

std::string base64(std::string_view in) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < in.size(); i += 3) {
    unsigned three = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      three = three << 8 | (j < in.size() ? static_cast<unsigned char>(in[j]) : 0);
    for (int digit = 0; digit < 4; ++digit)
      out += i + static_cast<std::size_t>(digit) > in.size() ? '=' : kDigits[three >> (18 - 6 * digit) & 63];
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> entries(const Maintenance& m, std::string page) {
  auto wait = std::chrono::ceil<std::chrono::seconds>(m.retry_after).count();
  return {{m.backend + ".retry-after", std::to_string(wait)},
          {m.backend, base64(one_line(page.empty() ? std::string(kPlain) : std::move(page)))}};
}

Commands switched(const Maintenance& m, const std::string& file, bool on, const std::string& page,
                  const std::vector<std::pair<std::string, std::string>>& now) {
  Commands out;
  for (auto& [key, value] : entries(m, page)) {
    auto there = std::ranges::find(now, key, [](auto& e) { return e.first; });
    if (!on && there != now.end()) out.insert(out.begin(), fmt::format("del map {} {}", file, key));
    if (on && there == now.end()) out.push_back(fmt::format("add map {} {} {}", file, key, value));
    if (on && there != now.end() && there->second != value)
      out.push_back(fmt::format("set map {} {} {}", file, key, value));
  }
  return out;
}

std::string rewritten(std::string text, const Maintenance& m, bool on, const std::string& page) {
  std::string out;
  auto ours = entries(m, page);
  for (auto line : split(text, '\n')) {
    auto key = line.substr(0, line.find(' '));
    if (!trimmed(line).empty() && std::ranges::none_of(ours, [&](auto& e) { return e.first == key; }))
      out += std::string(line) + "\n";
  }
  if (on)
    for (auto& [key, value] : ours) out += fmt::format("{} {}\n", key, value);
  return out;
}

// On: the file first, so that a file that cannot be written refuses with nothing changed. Off: users first.
ports::Task<> switch_maintenance(Talk& talk, Maintenance m, bool on, std::string page) {
  if (page.size() > kLongestPage)
    co_return fail(Code::refused,
                   fmt::format("the maintenance page is {} long, HAProxy's buffer takes {}",
                               human(Bytes{static_cast<std::int64_t>(page.size())}),
                               human(Bytes{static_cast<std::int64_t>(kLongestPage)})),
                   "name it in HAProxy's rule instead: `file PAGE` in place of `lf-string …`");
  auto file = co_await find_map(talk, m);
  if (!file) co_return std::unexpected(file.error());
  auto& files = talk.outside().files;
  if (on)
    if (auto kept = keep(files, *file, m, on, page); !kept)
      co_return fail(Code::refused, "maintenance would not survive a reload of HAProxy: " + kept.error().message,
                     fmt::format("let Davy write {} and its directory", *file));
  if (auto flipped = co_await flip(talk, m, *file, on, page); !flipped) co_return std::unexpected(flipped.error());
  if (!on)
    if (auto kept = keep(files, *file, m, on, page); !kept)
      co_return fail(kept.error().code,
                     "maintenance is off, but a reload of HAProxy would bring it back: " + kept.error().message);
  co_return Result<>();
}

}  // namespace davy::providers::haproxy
