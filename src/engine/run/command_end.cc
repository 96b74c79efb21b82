#include "engine/run/command_end.h"

#include <fmt/format.h>

#include "base/text.h"
#include "engine/run/operators.h"

namespace davy::engine {
namespace {

constexpr std::size_t kTail = 2000;  // bytes of output that go into the journal; all of it lies in the spool

}  // namespace

std::string last_line(std::string_view output) {
  auto last = trimmed(output);
  return printable(last.substr(last.rfind('\n') + 1).substr(0, 1000));
}

ports::Done ended(const Result<ports::CommandEnd>& end) {
  if (!end) return done(std::unexpected(end.error()));
  auto tail = end->output.size() > kTail ? "…" + end->output.substr(end->output.size() - kTail) : end->output;
  spec::Map evidence{{"output", {}, spec::text(tail)}, {"log", {}, spec::text(end->output_path)}};
  if (end->exit_code) evidence.push_back({"exit", {}, spec::number(*end->exit_code)});
  if (end->signal) evidence.push_back({"signal", {}, spec::number(*end->signal)});
  ports::Done out{run::Outcome::ok, "", spec::object(std::move(evidence))};
  if (!end->known()) return out.outcome = run::Outcome::unknown, out.says = "nobody saw its end", out;
  if (end->exit_code == 0) return out;
  out.outcome = run::Outcome::failed;
  out.says = end->timed_out ? "its time was over"
             : end->signal  ? fmt::format("killed by signal {}", *end->signal)
                            : fmt::format("exit {}", *end->exit_code);
  if (auto line = last_line(end->output); !line.empty()) out.says += ": " + line.substr(0, 200);
  return out;
}

}  // namespace davy::engine
