#include "providers/probe/git.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

// `# branch.ab +1 -2`
void take_distance(ports::Observation& o, std::string_view text) {
  auto take = [&](std::string_view word, char sign, const char* name) {
    double n = 0;
    if (!word.starts_with(sign)) return;
    auto [end, error] = std::from_chars(word.data() + 1, word.data() + word.size(), n);
    if (error == std::errc{}) o.numbers[name] = n;
  };
  for (auto word : split(text, ' ')) take(word, '+', "ahead"), take(word, '-', "behind");
}

// A header, or a file that is not as it was committed; false: it is none of these.
bool take_line(ports::Observation& o, std::string_view line) {
  if (line.starts_with("# branch.oid ")) return o.words["value"] = printable(line.substr(13)), true;
  if (line.starts_with("# branch.head ")) return o.words["branch"] = printable(line.substr(14)), true;
  if (line.starts_with("# branch.ab ")) return take_distance(o, line.substr(12)), true;
  if (line.starts_with("? ")) return ++o.numbers["untracked"], true;
  if (line.starts_with("1 ") || line.starts_with("2 ") || line.starts_with("u ")) return ++o.numbers["changed"], true;
  return line.starts_with("# ") || line.empty();
}

}  // namespace

ports::CommandSpec request(const GitProbe& o, const ports::Asking& who) {
  return {.argv = {"git", "-C", ports::beside(who.directory, o.folder), "status", "--porcelain=v2", "--branch"},
          .env = {{"GIT_OPTIONAL_LOCKS", "0"}, {"LC_ALL", "C"}},  // looks only, also beside somebody who works there
          .timeout = who.timeout};
}

Result<ports::Observation> observed(const GitProbe& o, const ports::CommandEnd& end) {
  if (end.timed_out) return fail(Code::timed_out, "git " + how(end));
  if (end.exit_code != 0) return fail(Code::unavailable, "git: " + how(end));
  ports::Observation out{.ok = true, .unwell = {"changed"}, .numbers = {{"changed", 0}, {"untracked", 0}}};
  for (auto line : split(end.output, '\n'))
    if (!take_line(out, line))
      return fail(Code::invalid, "git says what nobody knows: " + printable(line.substr(0, 80)));
  if (!out.words.contains("value")) return fail(Code::invalid, "git does not say which commit " + o.folder + " is at");
  auto changed = out.numbers["changed"];
  out.ok = changed == 0;
  out.says = fmt::format("{} at {}", out.words["branch"], out.words["value"].substr(0, 12));
  if (changed > 0) out.says += fmt::format(", {} files changed by hand", changed);
  return out;
}

ports::Task<ports::Observation> perform(GitProbe o, ports::Outside& out, ports::Asking who) {
  auto end = co_await out.process.ask(request(o, who));
  if (!end) co_return std::unexpected(end.error());
  co_return observed(o, *end);
}

void add_git_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<GitProbe>("git", "Looks at a working copy; well is that no file of it was changed by hand.",
                    "{ git: /srv/shop, expect: branch is main }", perform,
                    {{"value", spec::kWord, "the commit that it is at"},
                     {"branch", spec::kWord, "the branch, or (detached)"},
                     {"changed", Unit::none, "files that are not as they were committed"},
                     {"untracked", Unit::none, "files that git does not know, and is not told to ignore"},
                     {"ahead", Unit::none, "commits that its upstream lacks, as of the last fetch"},
                     {"behind", Unit::none, "commits of its upstream that it lacks, as of the last fetch"}});
}

}  // namespace davy::providers
