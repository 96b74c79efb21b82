// `releases` of a service: a folder for each release, and how a version comes into it.
#include <fmt/format.h>

#include <algorithm>

#include "plan/parse/sections.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr std::size_t kSum = 64;  // of a SHA-256

bool is_sum(std::string_view text) {
  auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return text.size() == kSum && std::ranges::all_of(text, hex);
}

bool leads_up(std::string_view path) {
  return std::ranges::any_of(split(path, '/'), [](auto part) { return part == ".."; });
}

// A variable that a shell would read, and nobody does here.
bool bare_variable(std::string_view text) {
  auto at = text.find('$');
  return at != text.npos && !text.substr(at).starts_with("${") && !text.substr(at).starts_with("$$");
}

class Reading {
 public:
  Reading(Reader& r, const spec::Value& service, Service& out) : r_(r), of_(service), out_(out) {}

  void read() {
    auto given = of_.find("releases");
    auto adopt = of_.find("adopt");
    if (!given && adopt)
      return r_.d.add(adopt->mark, "`adopt` without `releases`", "`releases: { at: /srv/shop, from: … }` beside it");
    if (!given) return;
    if (!can("folders"))
      return r_.d.add(
          given->mark,
          fmt::format("`releases` on the platform {}, which starts nothing from a folder", ticked(out_.platform.name)),
          "process, systemd or supervisor; or a `release` list under `rollout:`");
    ReleasesSection own;
    if (!plan::read(r_, *given, own)) return;
    out_.releases =
        Releases{own.at, own.from.git, own.from.archive, own.from.sha256, own.from.command, {}, own.shared, own.keep};
    check_place(*given->find("at"), own.at);
    for (auto name : {"${version}", "${previous}", "${run}"})
      if (own.at.contains(name))
        r_.d.add(given->find("at")->mark, fmt::format("{} in the folder of all releases", ticked(name)),
                 "one folder for them all: each version has its own in it");
    check_from(*given->find("from"), own.from);
    if (auto prepare = given->find("prepare")) read_prepare(*prepare);
    if (auto shared = given->find("shared")) check_shared(*shared, own.shared);
    if (auto keep = given->find("keep"); keep && own.keep < 1)
      r_.d.add(keep->mark, fmt::format("`keep: {}`", own.keep), "1 at least: the one that serves is there anyhow");
    if (adopt) read_adopt(*adopt);
    if (auto cwd = out_.platform.options.find("cwd")) check_cwd(*cwd);
    check_nobody_elses(given->find("at")->mark);
  }

 private:
  bool can(std::string_view what) const {
    auto term = r_.words.find("platform", out_.platform.name);
    return term && std::ranges::find(term->can, what) != term->can.end();
  }

  bool check_place(const spec::Value& at, std::string_view path) {
    bool whole = (path.starts_with('/') || path.starts_with("~/")) && path.size() > 1;
    bool odd = std::ranges::any_of(path, [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (whole && !odd && !leads_up(path) && !path.ends_with('/') && !bare_variable(path)) return true;
    r_.d.add(at.mark, ticked(path) + " as a folder", "its whole path, such as /srv/shop or ~/shop");
    return false;
  }

  void check_from(const spec::Value& at, const ReleasesFrom& from) {
    if (from.git.empty() + from.archive.empty() + from.command.empty() != 2)
      return r_.d.add(at.mark, "where a version comes from said not once",
                      "one of `git: URL`, `archive: FILE` with its `sha256`, and `command: …`");
    if (from.archive.empty() != from.sha256.empty())
      return r_.d.add(at.mark, from.archive.empty() ? "`sha256` without `archive`" : "an archive without its `sha256`",
                      "both: what is unpacked is what was meant");
    if (from.git.starts_with('-')) r_.d.add(at.find("git")->mark, ticked(from.git) + " as a repository", "its URL");
    if (!from.archive.empty()) check_archive(at, from);
  }

  // A plan is about every version.
  void check_archive(const spec::Value& at, const ReleasesFrom& from) {
    if (!from.archive.contains("${version}"))
      return r_.d.add(at.find("archive")->mark, "an archive that is the same for each version",
                      "`${version}` in its name, such as /builds/shop-${version}.tgz");
    if (from.sha256.contains("${")) return;
    r_.d.add(at.find("sha256")->mark,
             is_sum(from.sha256) ? "one sum for every version" : ticked(from.sha256) + " as the sum of every version",
             "where it stands, such as " + from.archive + ".sha256; or `${sum}`, a variable of the environment");
  }

  void read_prepare(const spec::Value& list) {
    out_.releases->prepare = read_steps(r_, list, true);
    for (auto& step : out_.releases->prepare) {
      auto run = std::get_if<Run>(&step.what);
      if (std::holds_alternative<Migrate>(step.what))
        r_.d.add(step.mark, "`migrate` in `prepare`, where nothing but the new folder is changed",
                 "it under `rollout:`, with `cwd: ${folder}`");
      else if (run && step.common.undo)
        r_.d.add(step.mark, "`undo` in `prepare`, where nothing but the new folder is changed", "no `undo`");
      else if (run && (run->cwd.starts_with('/') || leads_up(run->cwd)))
        r_.d.add(step.mark, ticked(run->cwd) + " as where a step of `prepare` runs",
                 "a folder in the release, such as `web`");
    }
  }

  void check_shared(const spec::Value& at, const std::vector<std::string>& paths) {
    for (auto& path : paths) {
      bool odd = path.empty() || path.starts_with('/') || path.ends_with('/') || path.starts_with("./") ||
                 leads_up(path) || path.contains("//") || path == ".git" || path.starts_with(".git/");
      if (odd)
        r_.d.add(at.mark, ticked(path) + " as something shared", "a path in the release, such as .env or var/uploads");
      for (auto& other : paths)
        if (&other != &path && (path == other ? &other < &path : path.starts_with(other + "/")))
          r_.d.add(at.mark, fmt::format("{} shared, and {}", ticked(path), ticked(other)), "one of the two");
    }
  }

  // What Davy did not start it cannot run beside what it starts.
  void read_adopt(const spec::Value& at) {
    auto& adopt = out_.releases->adopt;
    if (!spec::decode(at, adopt, r_.d) || !check_place(at, adopt)) return;
    if (has_room_for_two(r_, out_.platform))
      r_.d.add(
          at.mark,
          fmt::format("`adopt` on the platform {}, where only what Davy started is known", ticked(out_.platform.name)),
          "no `adopt`: the first release begins beside what runs, which is ended by hand");
    else if ((adopt + "/").starts_with(out_.releases->at + "/"))
      r_.d.add(at.mark, ticked(adopt) + " to be taken over, which lies in the releases folder",
               "a folder outside of it");
  }

  // Of `process`, each of whose instances begins in its own release's folder.
  void check_cwd(const spec::Value& at) {
    auto cwd = spec::scalar_text(at).value_or("");
    bool inside = !cwd.starts_with('/') && !cwd.starts_with('~') && !leads_up(cwd) && !cwd.contains("${folder}");
    if (inside) return;
    r_.d.add(at.mark, fmt::format("`cwd: {}` beside `releases`", cwd),
             "no `cwd`: each instance runs in the folder of its own release; or one in that, such as `cwd: web`");
  }

  void check_nobody_elses(spec::Mark at) {
    for (auto& other : r_.plan.services)
      if (other.releases && other.releases->at == out_.releases->at)
        r_.d.add(at, fmt::format("{} for two services, {} too", ticked(other.releases->at), ticked(other.name)),
                 "a folder for each");
  }

  Reader& r_;
  const spec::Value& of_;
  Service& out_;
};

}  // namespace

void read_releases(Reader& r, const spec::Value& service, Service& out) { Reading(r, service, out).read(); }

}  // namespace davy::plan
