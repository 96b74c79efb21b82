#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "analyze/app_logs.h"
#include "analyze/report.h"
#include "base/text.h"
#include "cli/commands.h"
#include "control/recorded/moment.h"
#include "io/posix/files.h"
#include "signals/traffic/figures.h"

namespace davy::cli {
namespace {

struct Wanted {
  std::vector<std::string> logs;
  std::string by = "server", since, until, zone, html;
  std::vector<std::string> patterns;  // NAME=REGEX
  bool only_lines = false;
  analyze::RunOptions run;
  bool wants_lines() const { return only_lines || !patterns.empty(); }
};

std::unexpected<Error> wrong(const std::string& what, const std::string& hint) {
  return fail(Code::invalid, what, hint);
}

// "+01:00", "-0500", "Z".
Result<Duration> zone_of(const std::string& text) {
  Time out;
  if (text.empty()) return Duration{};
  if (!signals::read_time("1971-01-01T00:00:00" + text, {}, out))
    return wrong("--zone " + text + ": that is no zone", "such as +01:00");
  return Time(std::chrono::hours(24 * 365)) - out;
}

Result<> complete(Wanted& w, Time now, bool json) {
  auto& account = w.run.account;
  account.by = w.by == "path" ? analyze::By::path : w.by == "release" ? analyze::By::release : analyze::By::server;
  auto zone = zone_of(w.zone);
  if (!zone) return std::unexpected(zone.error());
  w.run.fields.zone = *zone;
  auto since = control::moment(w.since, "--since", *zone, now), until = control::moment(w.until, "--until", *zone, now);
  if (!since) return std::unexpected(since.error());
  if (!until) return std::unexpected(until.error());
  account.since = *since, account.until = *until;
  if (account.baseline.empty() != account.candidate.empty())
    return wrong("--baseline and --candidate belong together", "name both groups that are to be compared");
  if (w.html == "-" && json) return wrong("--html - and --json both want the standard output", "give the page a file");
  if (!account.baseline.empty() && account.baseline == account.candidate)
    return wrong("--baseline and --candidate are the same", "name two groups");
  if (account.by == analyze::By::release && w.run.fields.release.empty() &&
      (w.run.format.empty() || w.run.format == "haproxy" || w.run.format == "nginx" || w.run.format == "apache"))
    return wrong("--by release: which field says it?",
                 "name it with --release, such as http_x_release, capture:0, path:1 or a key of the JSON");
  if (w.wants_lines() && !w.only_lines && std::ranges::find(w.logs, "-") != w.logs.end())
    return wrong("--pattern reads the logs twice, and standard input can be read once",
                 "--lines for patterns alone, or a file");
  return {};
}

Result<analyze::AppLogOptions> lines_options(const Wanted& w) {
  analyze::AppLogOptions out{
      .release_by = w.run.fields.release, .baseline = w.run.account.baseline, .candidate = w.run.account.candidate};
  for (auto& one : w.patterns) {
    auto at = one.find('=');
    if (at == one.npos || at == 0)
      return wrong("--pattern " + printable(one) + ": that is no name and no regular expression",
                   "such as --pattern 'PAYMENT=payment .* refused'");
    out.own.push_back({one.substr(0, at), one.substr(at + 1)});
  }
  return out;
}

// One line on the terminal, written over and over, and taken away at the end.
class Bar {
 public:
  explicit Bar(bool on) : on_(on) {}
  ~Bar() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }
  void operator()(const analyze::Progress& p) {
    if (!on_ || p.passed < std::chrono::milliseconds(500)) return;
    auto rate = static_cast<double>(p.done) / std::max(seconds(p.passed), 1e-3);
    auto text = fmt::format("{} read, {}/s", human(Bytes{static_cast<std::int64_t>(p.done)}),
                            human(Bytes{static_cast<std::int64_t>(rate)}));
    if (p.all > p.done && rate > 0)
      text = fmt::format(
          "{:3.0f}%  {}, {} left", 100.0 * static_cast<double>(p.done) / static_cast<double>(p.all), text,
          human(std::chrono::seconds(1 + static_cast<std::int64_t>(static_cast<double>(p.all - p.done) / rate))));
    std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
    shown_ = true;
  }

 private:
  bool on_, shown_ = false;
};

Result<> write_page(const std::string& file, const view::AnalysisView& shown) {
  auto page = view::analysis_html(shown);
  if (file == "-") return fmt::print("{}", page), Result<>{};
  return io::Files().write(file, page, 0644);
}

// A pipe has no width of its own: nothing is cut that a table usually has.
view::Look look_of(const Session& session) {
  auto look = session.look();
  if (!::isatty(STDOUT_FILENO)) look.width = 180;
  return look;
}

// Requests, by a first reading of the logs; what stands in their lines by a second one.
Result<view::AnalysisView> look_through(const Wanted& w) {
  Bar bar(::isatty(STDERR_FILENO));
  auto tell = [&](auto& progress) { bar(progress); };
  view::AnalysisView out;
  if (w.only_lines) {
    for (auto& log : w.logs) out.logs.push_back({.name = log});
  } else {
    auto found = analyze::analyze(w.logs, w.run, tell);
    if (!found) return std::unexpected(found.error());
    out = analyze::view_of(*found, w.run.account);
  }
  if (!w.wants_lines()) return out;
  auto options = lines_options(w);
  if (!options) return std::unexpected(options.error());
  auto said = analyze::lines_of(w.logs, *options, tell);
  if (!said) return std::unexpected(said.error());
  out.said = *std::move(said);
  return out;
}

constexpr std::size_t kMostNamed = 20;

// A gate that compares with a group that is not there would pass for ever.
Result<> is_there(const view::AnalysisView& shown, const std::string& option, const std::string& named, bool empty) {
  if (named.empty() || !empty) return {};
  if (!shown.first && (!shown.groups.empty() || shown.outside > 0))
    return wrong(fmt::format("{} {}: these lines do not say when a request was, and groups are compared at the same "
                             "time",
                             option, printable(named)),
                 "where they do, say so: --format with $time_local, $start or $time in it, or json:time=NAME");
  std::vector<std::string> names;
  for (auto& group : shown.groups)
    if (names.size() < kMostNamed) names.push_back(printable(group.name));
  bool nameless = names == std::vector<std::string>{std::string(analyze::kAll)};
  return wrong(fmt::format("{} {}: no request in these logs is of such a group", option, printable(named)),
               nameless ? "no line names a server: --release FIELD or --server FIELD says which field does"
                        : "there are " + joined(names, ", "));
}

Result<> are_there(const view::AnalysisView& shown, const Wanted& w) {
  if (!shown.comparison) return {};
  auto& c = *shown.comparison;
  if (auto found = is_there(shown, "--candidate", w.run.account.candidate, c.after.attempts() == 0); !found)
    return found;
  return is_there(shown, "--baseline", w.run.account.baseline, c.before.attempts() == 0);
}

int analyze_logs(Session& session, Wanted w) {
  if (auto made = complete(w, session.runs.now(), session.common().json); !made) return complain(made.error());
  auto found = look_through(w);
  if (!found) return complain(found.error());
  auto& shown = *found;
  if (auto named = are_there(shown, w); !named) return complain(named.error());
  if (!w.html.empty())
    if (auto written = write_page(w.html, shown); !written) return complain(written.error());
  if (session.common().json)
    print_json(view::to_json(shown));
  else if (w.html != "-")
    fmt::print("{}", view::analysis_text(shown, look_of(session)));
  return shown.comparison && shown.comparison->verdict == "roll back" ? kRolledBack : kDone;
}

}  // namespace

void add_analyze(Program& p) {
  static Wanted w;
  auto sub = p.command("analyze", "Says what is in traffic logs, and judges one group against another",
                       "davy analyze access.log --by server --baseline web1 --candidate web2");
  sub->add_option("LOG", w.logs, "logs, also .gz and .zst; `-` is standard input")->required();
  sub->add_option("--by", w.by, "what to group by")
      ->check(CLI::IsMember({"server", "path", "release"}))
      ->capture_default_str();
  sub->add_option("--baseline", w.run.account.baseline,
                  "the group to compare with, or several: web1,web2; `*` at its end stands for anything");
  sub->add_option("--candidate", w.run.account.candidate, "the group that is judged against it");
  sub->add_option("--since", w.since, "only from then on: a date, 10:30 or 30m (ago)");
  sub->add_option("--until", w.until, "only before then");
  sub->add_option(
      "--format", w.run.format,
      "haproxy, nginx, apache, tomcat, traefik, envoy, alb, heroku, iis, logfmt, json, json:pino, json:status=NAME,… "
      "and "
      "others (docs/traffic-logs.md), or a pattern as in nginx's log_format or Apache's LogFormat (guessed)");
  sub->add_option("--server", w.run.fields.server, "the field that names the server, or path:N");
  sub->add_option("--release", w.run.fields.release, "the field that names the release, or path:N, or capture:N");
  sub->add_option("--client", w.run.fields.client, "the field that names the client, such as http_x_forwarded_for");
  sub->add_option("--zone", w.zone, "of dates without a zone, such as +01:00 (UTC)");
  sub->add_option("--pattern", w.patterns, "NAME=REGEX: count the lines that have it, beside ERROR, WARN and the like")
      ->allow_extra_args(false);
  sub->add_flag("--lines", w.only_lines,
                "application logs: patterns and errors, no requests; a group is a log, or what --release names");
  sub->add_option("--threads", w.run.threads, "how many logs at a time (as many as there are cores)");
  sub->add_option("--html", w.html, "also write a page; `-`: to standard output instead of the text");
  sub->footer(
      "Exit codes: 0 done; 3 --candidate should be rolled back; 1 a log cannot be read; 2 the command line is wrong, "
      "or "
      "no line is of the format. docs/traffic-logs.md has the formats.");
  p.runs(sub, [](Session& session) { return analyze_logs(session, w); });
}

}  // namespace davy::cli
