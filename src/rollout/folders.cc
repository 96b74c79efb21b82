// A service with a releases folder: its release is made beside what serves, before anything else is changed; then
// `current` leads to it. In place it is started from there, so that comes between stop and start; where two releases
// run side by side each is started in its own folder, and `current` follows when the one before is gone.
#include <fmt/format.h>

#include <algorithm>

#include "base/shown_url.h"
#include "rollout/builder.h"
#include "run/release_folders.h"

namespace davy::rollout {
namespace {

using namespace std::chrono_literals;
using run::UndoKind;

constexpr Duration kFetch = 30min;

// PLACE/folders/NAME
std::string place_of(const run::Release& release) {
  return release.folder.substr(0, release.folder.rfind("/folders/"));
}

const std::optional<plan::Releases>& releases_of(Builder& b, const run::Subject& s) { return b.service(s).releases; }

// A step that works on the folder of the service's releases.
run::Step on_folders(Builder& b, const run::Subject& s, std::string leaf, std::string operation, std::string says) {
  auto out = about(b, s, run::Side::candidate, {.path = std::move(leaf), .says = std::move(says), .repeatable = true});
  out.call = {"folder", "", std::move(operation),
              args({arg("at", place_of(s.candidate)), arg("name", std::string(run::name_in(s.candidate.folder)))})};
  return out;
}

spec::Map& with(run::Step& step) { return std::get<spec::Map>(step.call.args.is); }

class Making {
 public:
  Making(Builder& b, const run::Subject& s) : b_(b), s_(s), releases_(*releases_of(b, s)) {}

  // Whether it runs from `current` is looked at once there is one.
  void all() {
    if (adopts()) adopt();
    look();
    fetch();
    if (!releases_.command.empty()) fill();
    if (!releases_.shared.empty()) share();
    for (auto& step : releases_.prepare) prepare(step);
    whole();
  }

 private:
  // The only release whose folder no run has made.
  bool adopts() const { return s_.previous.folder == b_.adopted(s_) && !s_.previous.folder.empty(); }

  run::Step step(std::string leaf, std::string operation, std::string says) {
    return on_folders(b_, s_, std::move(leaf), std::move(operation), std::move(says));
  }
  std::string text(const std::string& raw) { return b_.text(raw, b_.index_of(s_)); }

  void adopt() {
    auto out =
        step("adopt", "adopt", fmt::format("take {} over as the folder of {}", b_.adopted(s_), s_.previous_name()));
    with(out)[1] = arg("name", run::folder_name(s_.previous.id));
    with(out).push_back(arg("adopt", b_.adopted(s_)));
    b_.add(std::move(out));
  }

  void look() {
    auto out = step("runs from it", "look",
                    fmt::format("{} runs from {}", s_.service,
                                b_.service(s_).side_by_side ? "its release's own folder"
                                                            : run::current_at(place_of(s_.candidate))));
    if (!b_.adopted(s_).empty()) with(out).push_back(arg("adopt", b_.adopted(s_)));
    b_.add(std::move(out));
  }

  void fetch() {
    auto from = !releases_.git.empty() ? releases_.git : releases_.archive;
    auto out = step("fetch", "begin",
                    fmt::format("get {} from {} into a folder of its own", s_.candidate_name(), shown_url(text(from))));
    if (from.empty()) out.path = "begin", out.says = fmt::format("make an empty folder for {}", s_.candidate_name());
    out.timeout = kFetch;
    if (!releases_.git.empty()) {
      with(out).push_back(arg("git", text(releases_.git)));
      with(out).push_back(arg("ref", s_.candidate.version));
    }
    if (!releases_.archive.empty()) {
      with(out).push_back(arg("archive", text(releases_.archive)));
      with(out).push_back(arg("sha256", text(releases_.sha256)));
    }
    b_.add(std::move(out));
  }

  // Commands change nothing but the new folder: their failure refuses the run, and any of them may be made again.
  void in_folder(const std::string& kind, const std::string& text, const std::string& below,
                 const plan::Common& common) {
    auto folder = below.empty() ? s_.candidate.folder : s_.candidate.folder + "/" + below;
    auto out = about(b_, s_, run::Side::candidate, command(b_, kind, text, folder, common));
    out.effect = run::Effect::looks, out.repeatable = true;
    b_.add(std::move(out));
  }
  void fill() {
    plan::Common common{.timeout = kFetch, .name = "fetch"};
    in_folder("fetch", releases_.command, "", common);
  }
  void prepare(const plan::Step& given) {
    auto& run = std::get<plan::Run>(given.what);
    in_folder("prepare", run.text, text(run.cwd), given.common);
  }

  void share() {
    auto out = step("shared", "share", fmt::format("link {} into it", joined(releases_.shared, ", ")));
    with(out).push_back({"shared", {}, spec::from_json(spec::encode(releases_.shared))});
    if (!b_.adopted(s_).empty()) with(out).push_back(arg("adopt", b_.adopted(s_)));
    b_.add(std::move(out));
  }

  void whole() {
    auto out = step("whole", "whole", fmt::format("{} is whole: name it so", s_.candidate.folder));
    if (!releases_.git.empty()) with(out).push_back(arg("git", text(releases_.git)));
    b_.add(std::move(out));
  }

  Builder& b_;
  const run::Subject& s_;
  const plan::Releases& releases_;
};

}  // namespace

std::string Builder::folder(const std::string& raw, std::int32_t subject) {
  auto path = text(raw, subject);
  if (!path.starts_with("~/")) return run::linked("", path);
  if (home_.empty()) fail({Code::invalid, "nobody says where ~ is: $HOME is not set", "the whole path of " + path});
  return run::linked("", home_ + path.substr(1));
}

std::string Builder::adopted(const run::Subject& s) {
  auto& releases = service(s).releases;
  return releases && !releases->adopt.empty() ? folder(releases->adopt, index_of(s)) : "";
}

// That of the previous release comes with it, from the run that made it.
void say_where_they_are(Builder& b, run::Runbook& book) {
  for (auto& s : book.subjects) {
    auto& releases = releases_of(b, s);
    if (!releases) continue;
    auto name = run::folder_name(s.candidate.id);
    s.candidate.folder = run::folder_at(b.folder(releases->at, b.index_of(s)), name);
    if (!s.previous.none() && s.previous.folder.empty()) s.previous.folder = b.adopted(s);
  }
}

void make_folders(Builder& b) {
  for (auto& s : b.subjects())
    if (releases_of(b, s)) b.inside(s.service + "/releases", [&] { Making(b, s).all(); }), b.folders_are_made();
}

// On the way back it leads to the previous release's own folder, wherever it led when it was found.
void make_current(Builder& b, const run::Subject& s) {
  if (!releases_of(b, s)) return;
  b.inside(s.service, [&] {
    auto place = place_of(s.candidate);
    auto step = on_folders(b, s, "current", "current",
                           fmt::format("{} leads to {}", run::current_at(place), s.candidate_name()));
    step.effect = run::Effect::changes;
    step.undo = {UndoKind::call, step.call};
    step.undo.call.operation = "back";
    auto name = run::folder_name(s.previous.none() ? "" : s.previous.id);
    auto previous = s.previous.folder == b.adopted(s) || s.previous.folder == run::folder_at(place, name)
                        ? run::whole_at(place, name)
                        : s.previous.folder;
    auto& back = std::get<spec::Map>(step.undo.call.args.is);
    if (!s.previous.folder.empty()) back.push_back(arg("target", run::from_place(place, previous)));
    with(step).push_back(arg("target", run::from_place(place, run::whole_at(place, run::name_in(s.candidate.folder)))));
    b.add(std::move(step));
  });
}

// That there are a few too many is no reason to take anything back.
void keep_few(Builder& b) {
  for (auto& s : b.subjects()) {
    auto& releases = releases_of(b, s);
    if (!releases) continue;
    b.inside(s.service + "/releases", [&] {
      auto step = on_folders(b, s, "keep", "keep", fmt::format("remove all but the newest {}", releases->keep));
      step.optional = true;
      with(step).push_back(arg("keep", static_cast<std::int64_t>(releases->keep)));
      b.add(std::move(step));
    });
  }
}

spec::Map from_current(Builder& b, const run::Subject& s) {
  if (!releases_of(b, s) || b.service(s).side_by_side) return {};
  return {arg("at", place_of(s.candidate))};
}

}  // namespace davy::rollout
