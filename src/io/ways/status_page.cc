#include "io/ways/status_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "io/net/net.h"
#include "io/posix/lockfile.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLargest = 4 * 1024 * 1024, kMostEntries = 50;
constexpr auto kPatience = 5s;
constexpr auto kPause = 50ms;

constexpr std::string_view kMark = R"(<meta name="generator" content="davy">)";
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="davy">
<meta name="viewport" content="width=device-width">
<title>Status</title><style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em }
article { border-top: 1px solid #8886; padding: .6em 0 } h2 { font-size: 1em; margin: 0 }
time { opacity: .7; font-size: .9em } p { margin: .3em 0; white-space: pre-wrap; overflow-wrap: anywhere }
</style></head><body><h1>Status</h1>
)";

std::string word(const Json& entry, const char* key) {
  if (!entry.is_object()) return "";
  auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string html(const Json& entries) {
  std::string out(kHead);
  for (auto& one : entries)
    out += fmt::format("<article><h2>{}</h2><time datetime=\"{}\">{}</time><p>{}</p></article>\n",
                       html_escaped(word(one, "subject")), html_escaped(word(one, "at")), html_escaped(word(one, "at")),
                       html_escaped(word(one, "text")));
  return out + "</body></html>\n";
}

// What stands there by now. A file that is none of these pages is somebody else's, and stays.
Result<Json> entries_in(const std::string& file) {
  auto text = read_if_there(file, kLargest);
  if (!text) return std::unexpected(text.error());
  if (!*text) return Json::array();
  constexpr int kDeepest = 4;  // of what Davy writes; others may write here, too
  auto json = Json::parse(**text, [](int depth, Json::parse_event_t, Json&) { return depth < kDeepest; }, false);
  if (json.is_object() && json.contains("notices") && json["notices"].is_array()) return json["notices"];
  return fail(Code::refused, file + " is no status page of Davy's", "name another file, or move that one away");
}

Json with(Json entries, const ports::PageEntry& e) {
  Json newest{{"id", e.id},
              {"at", timestamp(e.at)},
              {"event", e.event},
              {"subject", printable(e.subject)},
              {"text", printable(e.text, true)}};
  std::vector<Json> all{newest};
  for (auto& one : entries) {
    if (word(one, "id") == e.id) continue;
    Json kept;
    for (auto key : {"id", "at", "event", "subject", "text"}) kept[key] = word(one, key);
    all.push_back(std::move(kept));
  }
  std::ranges::stable_sort(all, std::ranges::greater(), [](auto& one) { return word(one, "at"); });
  all.resize(std::min(all.size(), kMostEntries));
  return all;
}

// The page beside it must be one of Davy's as well, and neither of them leads elsewhere.
Result<> ours(const std::string& file) {
  for (auto path : {file + ".json", file + ".html"}) {
    std::error_code error;
    if (std::filesystem::is_symlink(path, error))
      return fail(Code::refused, path + " is a link", "name the file itself");
  }
  auto text = read_if_there(file + ".html", kLargest);
  if (!text) return std::unexpected(text.error());
  if (*text && !(*text)->contains(kMark))
    return fail(Code::refused, file + ".html is no status page of Davy's", "name another file, or move that one away");
  return {};
}

Result<> write(const ports::PageEntry& e) {
  if (auto fine = ours(e.file); !fine) return fine;
  auto before = entries_in(e.file + ".json");
  if (!before) return std::unexpected(before.error());
  auto entries = with(*std::move(before), e);
  auto text =
      Json{{"updated", timestamp(e.at)}, {"notices", entries}}.dump(2, ' ', false, Json::error_handler_t::replace);
  auto done = replace_file(e.file + ".json", text + "\n", 0644, Sync::yes);
  return done ? replace_file(e.file + ".html", html(entries), 0644, Sync::yes) : done;
}

}  // namespace

// Several runs may write one page; each keeps it for moments.
ports::Task<> StatusPages::put(ports::PageEntry e) {
  for (auto until = std::chrono::steady_clock::now() + kPatience;;) {
    auto lock = LockFile::take(e.file + ".lock", "a notice");
    if (lock) co_return write(e);
    if (lock.error().code != Code::refused || std::chrono::steady_clock::now() > until)
      co_return std::unexpected(lock.error().code == Code::refused ? Error{Code::unavailable, "others write " + e.file}
                                                                   : lock.error());
    asio::steady_timer pause(co_await asio::this_coro::executor, kPause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace davy::io
