#include <fmt/format.h>

#include "cli/commands.h"
#include "io/posix/files.h"

namespace davy::cli {

void add_report(Program& p) {
  static std::string run, out;
  auto sub = p.command("report", "Writes one self-contained HTML page about a run", "davy report RUN --out run.html");
  sub->add_option("RUN", run, "the run; without it the only open one, or the newest");
  sub->add_option("-o,--out", out, "the file; `-` is standard output (RUN.html)");
  p.runs(sub, [](Session& session) -> int {
    auto info = session.runs.find(run);
    if (!info) return complain(info.error());
    auto view = session.runs.view(info->id);
    if (!view) return complain(view.error());
    auto file = !out.empty() ? out : session.common().json ? "-" : info->id + ".html";
    if (file == "-" && !session.common().json) return fmt::print("{}\n", view::report_html(*view)), kDone;
    if (file != "-")
      if (auto written = io::Files().write(file, view::report_html(*view), 0644); !written)
        return complain(written.error());
    if (session.common().json)
      print_json(view::to_json(*view));
    else
      fmt::print("{}\n", file);
    return kDone;
  });
}

}  // namespace davy::cli
