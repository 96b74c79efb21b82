#include "analyze/report.h"

#include <fmt/format.h>

#include "judge/numbers/series.h"
#include "judge/say.h"
#include "judge/statistics/counts.h"

namespace davy::analyze {
namespace {

using View = view::AnalysisView;

constexpr double kAlpha = 0.01;  // as the live judge
constexpr std::size_t kMostPaths = 20;

const judge::Tally& of(const Moment& m, Side side) { return m.sides[static_cast<std::size_t>(side)]; }

std::string rates(const View::Comparison& c) {
  return fmt::format("{}: {} against {} on {}", c.candidate, judge::errors_said(c.after.trouble(), c.after.attempts()),
                     judge::errors_said_shortly(c.before.trouble(), c.before.attempts()), c.baseline);
}

void say(View::Comparison& c, const judge::CountTest& errors, const judge::CountTest& client_errors, bool together,
         const Counted& counted) {
  auto unreached = counted.unreached, broken = counted.broken, lines = counted.lines;
  if (c.after.requests == 0 || c.before.requests == 0) {
    c.verdict = "cannot tell";
    c.sentence =
        fmt::format("no requests of {}{}", c.after.requests == 0 ? c.candidate : c.baseline,
                    unreached == 0 ? "" : fmt::format("; {} reached no server, by what the log says", unreached));
  } else if (!together) {
    c.verdict = "cannot tell";
    c.sentence = rates(c) + ": but never at the same time, so other things may have changed as well";
  } else if (errors.decided()) {
    c.verdict = "roll back";
    c.sentence = fmt::format("{}: an equally good release shows this less than once in {:.0f} canaries", rates(c),
                             errors.bound());
  } else if (auto untold = judge::untold(c.after); !untold.empty()) {
    c.verdict = "cannot tell";
    c.sentence = rates(c) + ": but " + untold;
  } else if (broken * 100 > lines) {
    c.verdict = "cannot tell";
    c.sentence = fmt::format("{}: but {} of {} lines cannot be read", rates(c), broken, lines);
  } else if (client_errors.decided()) {
    c.verdict = "hold";
    c.sentence = fmt::format("{}: {} against {} on {}: users meet other answers", c.candidate,
                             judge::errors_said(c.after.client_errors, c.after.requests, "4xx"),
                             judge::errors_said_shortly(c.before.client_errors, c.before.requests), c.baseline);
  } else {
    c.verdict = "keep watching";
    c.sentence = fmt::format("{}: {}", rates(c), judge::outlook_said(errors));
  }
}

View::Group shown(const Group& g) { return {g.name, g.figures.tally, g.figures.classes, g.figures.longest, g.over}; }

void add_moments(View& out, const Bins<Moment>& moments) {
  out.width = moments.width();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    View::Point point{moments.time(i), of(moments[i], Side::neither), of(moments[i], Side::baseline),
                      of(moments[i], Side::candidate)};
    point.all.merge(point.baseline);
    point.all.merge(point.candidate);
    out.points.push_back(std::move(point));
  }
}

std::string word(By by) { return by == By::path ? "path" : by == By::release ? "release" : "server"; }

}  // namespace

View::Comparison compare(const Account& account, const AccountOptions& options) {
  View::Comparison out{.baseline = options.baseline, .candidate = options.candidate};
  judge::CountTest errors(kAlpha), client_errors(kAlpha, judge::Sided::either_worse);
  bool together = false;
  auto& windows = account.windows();
  for (std::size_t i = 0; i < windows.size(); ++i) {
    auto& [before, after] = windows[i];
    together = together || (before.requests > 0 && after.requests > 0);
    errors.see(judge::trouble_of(after), judge::trouble_of(before), windows.width());
    client_errors.see(judge::client_errors_of(after), judge::client_errors_of(before), windows.width());
    out.before.merge(before);
    out.after.merge(after);
  }
  auto moments = account.moments();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    out.before.latency.merge(of(moments[i], Side::baseline).latency);
    out.after.latency.merge(of(moments[i], Side::candidate).latency);
  }
  out.evidence = errors.evidence(), out.bound = errors.bound(), out.ratio = errors.ratio();
  out.by_client = errors.by_client();
  say(out, errors, client_errors, together, account.counted());
  return out;
}

view::AnalysisView view_of(const Analysis& analysis, const AccountOptions& options) {
  View out{.by = word(options.by), .took = analysis.took};
  for (auto& log : analysis.logs) {
    out.logs.push_back({log.name, log.format, log.taken_for == log.format ? "" : log.taken_for, log.bytes,
                        log.counted.lines, log.counted.broken, log.first_broken ? log.first_broken->line : 0,
                        log.first_broken ? log.first_broken->text : ""});
    out.bytes += log.bytes;
  }
  auto& account = analysis.account;
  auto& c = account.counted();
  out.lines = c.lines, out.other = c.other, out.broken = c.broken, out.outside = c.outside, out.unreached = c.unreached;
  out.first = account.first(), out.last = account.last();
  Figures total;
  for (auto& group : account.groups()) {
    total.merge(group.figures);
    out.groups.push_back(shown(group));
  }
  out.total = shown({"all", total});
  for (auto& path : account.paths().sorted())
    if (out.paths.size() < kMostPaths)
      out.paths.push_back(
          {path.name, path.count, path.over, path.value.sides[0], path.value.sides[1], path.value.status});
  add_moments(out, account.moments());
  if (!options.baseline.empty() || !options.candidate.empty()) out.comparison = compare(account, options);
  return out;
}

}  // namespace davy::analyze
