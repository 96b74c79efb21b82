// `davy check`: the checklists alone, without people, all at the same time and each to its end.
#include "control/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/commands.h"

namespace davy::cli {
namespace {

using view::CheckFormat;
using view::CheckReport;

constexpr int kWhole = 1 << 16;  // a pipe has no width

const std::map<std::string, CheckFormat> kFormats{
    {"text", CheckFormat::text}, {"json", CheckFormat::json},     {"junit", CheckFormat::junit},
    {"tap", CheckFormat::tap},   {"nagios", CheckFormat::nagios}, {"prometheus", CheckFormat::prometheus}};

struct Options {
  std::string file = "davy.yaml";
  std::string environment;
  std::vector<std::string> groups;
  CheckFormat format = CheckFormat::text;
  bool watch = false, mutate = false;
  std::string every = "10s";
};

// What is on the screen and is drawn anew; what does not fit is drawn at its end only.
class Screen {
 public:
  explicit Screen(Session& session) : session_(session) {}

  void draw(const CheckReport& r, bool last) {
    auto look = session_.look();
    bool live = session_.live();
    if (!live && !last) return;
    if (!live) look.width = kWhole;
    auto lines = view::check_lines(r, look);
    if (!last && std::ssize(lines) >= look.height) lines = {view::check_progress(r)};
    std::string out;
    if (live && drawn_ > 0) out = fmt::format("\x1b[{}A\x1b[J", drawn_);
    for (auto& line : lines) out += line + "\n";
    fmt::print("{}", out);
    std::fflush(stdout);
    drawn_ = lines.size();
  }

 private:
  Session& session_;
  std::size_t drawn_ = 0;
};

int exit_code(const CheckReport& r, CheckFormat format) {
  if (format == CheckFormat::nagios) return view::nagios_code(r);
  return r.well() ? kDone : kRefused;
}

void print(const CheckReport& r, const Options& o, Screen& screen) {
  switch (o.format) {
    case CheckFormat::text:
      return screen.draw(r, true);
    case CheckFormat::json:
      return o.watch ? fmt::print("{}\n", spec::dump(view::to_json(r))) : print_json(view::to_json(r));
    case CheckFormat::junit:
      return fmt::print("{}", view::junit(r));
    case CheckFormat::tap:
      return fmt::print("{}", view::tap(r));
    case CheckFormat::nagios:
      return fmt::print("{}", view::nagios(r));
    case CheckFormat::prometheus:
      return fmt::print("{}", view::prometheus(r));
  }
}

int check(Session& session, Options o) {
  if (session.common().json) o.format = CheckFormat::json;
  auto every = spec::Leaf<Duration>::parse(spec::text(o.every));
  if (!every || *every <= Duration{})
    return complain({Code::invalid, "`--every " + o.every + "` is no pause", "10s, 1m"});
  if (o.watch && o.format != CheckFormat::text && o.format != CheckFormat::json)
    return complain({Code::invalid, "`--watch` with a format of one look",
                     "`--format text` or `json`, or a look without `--watch`"});
  auto loaded = load(o.file, session);
  if (!loaded) return loaded.error();
  auto environment = control::environment_of(loaded->plan, o.environment);
  if (!environment) return complain(environment.error());
  auto book = control::checklists(session.runs, *loaded, *environment, o.groups);
  if (!book) return complain(book.error());
  for (Screen screen(session);;) {
    control::Seen draw;
    if (o.format == CheckFormat::text) draw = [&](auto& r) { screen.draw(r, false); };
    auto look = o.mutate ? control::check_turned_round : control::check;
    auto report = look(session.runs, *book, loaded->plan.name, draw);
    if (!report) return complain(report.error());
    if (o.watch && o.format == CheckFormat::text && !session.live()) fmt::print("{}\n", timestamp(session.runs.now()));
    print(*report, o, screen);
    std::fflush(stdout);
    if (!o.watch) return exit_code(*report, o.format);
    std::this_thread::sleep_for(*every);
  }
}

}  // namespace

void add_check(Program& p) {
  static Options o;
  auto sub = p.command("check", "Carries out checklists alone, all at the same time", "davy check infrastructure");
  sub->add_option("GROUP", o.groups, "checklists; all without");
  sub->add_option("-f,--file", o.file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", o.environment, "the environment");
  sub->add_option("--format", o.format, "text, json, junit, tap, nagios (its exit codes, too) or prometheus")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case))
      ->option_text("FORMAT");
  sub->add_flag("--watch", o.watch, "look again and again");
  sub->add_option("--every", o.every, "with --watch: the pause between two looks")->capture_default_str();
  sub->add_flag("--mutate", o.mutate, "turn each expectation round and demand that it fails: the proof that it can");
  p.runs(sub, [](Session& session) { return check(session, o); });
}

}  // namespace davy::cli
