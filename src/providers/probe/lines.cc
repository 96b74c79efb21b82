#include "providers/probe/lines.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/text.h"
#include "ports/secret_look.h"
#include "providers/shell.h"
#include "signals/words/line_time.h"

namespace davy::providers {
namespace {

using Kind = ports::LogPlace::Kind;

constexpr std::size_t kMost = 1024 * 1024;  // of each log
constexpr int kNewest = 2000;               // lines, where the log is no file and no `last` says how many

bool past_is_kept(const LinesPlace& p) {
  return !p.service.empty() || p.log.kind == Kind::file || p.log.kind == Kind::journald || p.log.kind == Kind::docker;
}

std::unique_ptr<re2::RE2> expression(const std::string& text) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // logs hold any bytes
  options.set_log_errors(false);
  return std::make_unique<re2::RE2>(text, options);
}

// Lines of one log that fit. A line without a time of its own belongs to the one before.
struct Taken {
  std::string text, newest;
  std::uint64_t lines = 0, count = 0;
  bool dated = false;
  std::optional<Time> oldest;
};

void take(Taken& out, const LogEnd& log, const LinesProbe& o, const re2::RE2& pattern, Time from, bool dates) {
  auto lines = split(log.text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  bool in_time = !dates;
  for (std::size_t i = log.cut ? 1 : 0; i < lines.size(); ++i) {  // the first one is a piece
    auto time = dates ? signals::line_time(lines[i]) : std::nullopt;
    if (time) in_time = *time >= from, out.dated = true;
    if (time && !out.oldest) out.oldest = *time;
    if (!in_time) continue;
    ++out.lines;
    if (!o.pattern.empty() && !re2::RE2::PartialMatch({lines[i].data(), lines[i].size()}, pattern)) continue;
    ++out.count, out.newest = lines[i];
    out.text += std::string(lines[i]) + "\n";
  }
}

Error no_dates(const LinesProbe&) {
  return {Code::unavailable, "no line says when it was written, with its zone", "the same without `last`", {}};
}

bool of_version(const Printed& one, const std::string& service, const ports::Asking& who) {
  auto version = who.variables.find("version");
  return version != who.variables.end() && one.release.starts_with(service + "@" + version->second + "~");
}

// Of the version that is meant; where nobody runs it, of whoever lives.
ports::Task<std::vector<ports::LogPlace>> places_of(std::string service, ports::Outside& out, ports::Asking who) {
  auto where = where_printed(service, out, who);
  if (!where) co_return std::unexpected(where.error());
  auto all = co_await (*where)();
  if (!all) co_return std::unexpected(all.error());
  std::vector<ports::LogPlace> meant, living;
  for (auto& one : *all) {
    if (of_version(one, service, who)) meant.push_back(one.log);
    if (one.lives) living.push_back(one.log);
  }
  if (meant.empty()) meant = living;
  if (meant.empty()) co_return fail(Code::unavailable, fmt::format("no instance of {} writes a log here", service));
  co_return meant;
}

Result<LogEnd> end_of(const std::string& path, ports::Outside& out) {
  auto stat = out.files.stat(path);
  if (!stat) return std::unexpected(stat.error());
  if (!*stat) return fail(Code::unavailable, "there is no log " + path);
  auto text = out.files.end(path, kMost);
  if (!text) return std::unexpected(text.error());
  return LogEnd{*std::move(text), (*stat)->size.value > static_cast<std::int64_t>(kMost)};
}

// Of what is no file, by whoever keeps it.
ports::Task<LogEnd> asked_end(LinesProbe o, ports::Outside& out, Duration timeout) {
  auto end = co_await out.process.ask(request(o, timeout));
  if (!end) co_return std::unexpected(end.error());
  if (end->exit_code != 0) co_return fail(Code::unavailable, ports::text_of(o.place.log) + ": " + how(*end));
  auto cut = end->output.size() >= kMost;
  co_return LogEnd{std::move(end->output), cut, true};
}

ports::Task<std::vector<LogEnd>> ends_of(LinesProbe o, ports::Outside& out, ports::Asking who) {
  std::vector places{o.place.log};
  if (!o.place.service.empty()) {
    auto found = co_await places_of(o.place.service, out, who);
    if (!found) co_return std::unexpected(found.error());
    places = *std::move(found);
  }
  std::vector<LogEnd> all;
  for (auto& place : places) {
    o.place.log = place;
    Result<LogEnd> one;
    if (place.kind == Kind::file)
      one = end_of(ports::beside(who.directory, place.what), out);
    else
      one = co_await asked_end(o, out, who.timeout);
    if (!one) co_return std::unexpected(one.error());
    all.push_back(*std::move(one));
  }
  co_return all;
}

}  // namespace

bool fit_together(const LinesProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (!past_is_kept(o.place))
    return d.add(v.find("lines")->mark, "`" + ports::text_of(o.place.log) + "`, which keeps nothing of what it said",
                 "a file, journald:UNIT, docker:CONTAINER or service:NAME"),
           false;
  if (auto pattern = expression(o.pattern); !pattern->ok())
    return d.add(v.find("pattern")->mark, printable(pattern->error()), "a regular expression of RE2"), false;
  return true;
}

ports::CommandSpec request(const LinesProbe& o, Duration timeout) {
  ports::CommandSpec out{.timeout = timeout, .keep_output = kMost};
  auto back = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(o.last).count());
  bool all = o.last > Duration{};
  if (o.place.log.kind == Kind::journald) {
    out.argv = {"journalctl", "--quiet", "--all", "--no-pager", "--output=cat", "--unit=" + o.place.log.what};
    out.argv.push_back(all ? fmt::format("--since=-{}s", back) : fmt::format("--lines={}", kNewest));
  } else {
    out.argv = {"docker", "logs", all ? fmt::format("--since={}s", back) : fmt::format("--tail={}", kNewest), "--",
                o.place.log.what};
  }
  return out;
}

Result<ports::Observation> observed(const LinesProbe& o, const std::vector<LogEnd>& logs, Time now) {
  auto pattern = expression(o.pattern);
  auto from = now - o.last;
  Taken all;
  for (auto& log : logs) {
    Taken one;
    bool dates = !log.in_time && o.last > Duration{};
    take(one, log, o, *pattern, from, dates);
    if (dates && !log.text.empty() && !one.dated) return std::unexpected(no_dates(o));
    if (o.last > Duration{} && log.cut && (!dates || !one.oldest || *one.oldest > from))
      return fail(Code::unavailable, fmt::format("the log says more in {} than is read of it, 1 MiB", human(o.last)),
                  "a shorter `last`");
    all.lines += one.lines, all.count += one.count, all.text += one.text;
    if (!one.newest.empty()) all.newest = one.newest;
  }
  ports::Observation out{.ok = true, .numbers = {{"lines", static_cast<double>(all.lines)}}};
  out.numbers["count"] = static_cast<double>(all.count);
  auto shown = printable(std::string_view(all.newest).substr(0, 200));
  out.says = fmt::format("{} of {} lines{}", all.count, all.lines, all.count > 0 ? ", the newest: " + shown : "");
  out.words["line"] = std::move(all.text);
  return out;
}

ports::Task<ports::Observation> perform(LinesProbe o, ports::Outside& out, ports::Asking who) {
  auto logs = co_await ends_of(o, out, who);
  if (!logs) co_return std::unexpected(logs.error());
  if (out.secrets)
    for (auto& one : *logs) one.text = out.secrets->masked(one.text);
  co_return observed(o, *logs, out.clock.now());
}

void add_lines_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<LinesProbe>("lines", "Looks what a log said of late, in its last MiB.",
                      "{ lines: service:api, expect: line contains \"listening on port\" }", perform,
                      {{"line", spec::kWord, "the lines that fit, one below the other: contains, lacks"},
                       {"count", Unit::none, "how many lines fit"},
                       {"lines", Unit::none, "how many were looked at"}});
}

}  // namespace davy::providers
