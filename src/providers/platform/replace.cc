#include "providers/platform/replace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

using ports::Asking;
using ports::Endpoint;
using ports::Replacing;
using ports::Task;
using State = Replacing::State;

Result<ReplaceOptions> options_of(const run::Release& release) {
  return spec::decoded<ReplaceOptions>(release.as, "options of " + release.id);
}

// The words of one release on this platform.
class Commands {
 public:
  Commands(ports::Outside& out, const ports::Place& at, run::Release release, ReplaceOptions o, Asking who)
      : out_(out), release_(std::move(release)), o_(std::move(o)), who_(std::move(who)) {
    who_.variables["release"] = release_.id;
    who_.variables["version"] = release_.version;
    who_.variables["service"] = at.service;
    who_.variables["environment"] = at.environment;
  }

  Task<> replace(std::string what) {
    auto end = co_await out_.process.launch(who_.key + "-" + what, said(o_.replace));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    auto code = end->exit_code ? Code::invalid : Code::unavailable;  // killed: it may have been taken up
    co_return fail(code, fmt::format("`replace` for {}: {}", release_.id, how(*end)));
  }

  Task<std::vector<ProgressLine>> progress() {
    auto end = co_await out_.process.ask(said(o_.progress));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code != 0) co_return fail(Code::unavailable, "`progress`: " + how(*end));
    co_return progress_of(end->output);
  }

  Task<std::optional<Replacing>> find() {
    auto lines = co_await progress();
    if (!lines) co_return std::unexpected(lines.error());
    auto own = std::ranges::find_if(*lines, [&](auto& line) { return is_meant(line); });
    if (own == lines->end()) co_return std::nullopt;
    co_return own->how;
  }

  Task<std::vector<ports::Share>> serves() {
    auto lines = co_await progress();
    if (!lines) co_return std::unexpected(lines.error());
    std::vector<ports::Share> out;
    for (auto& line : *lines)
      if (line.how.moved.value > 0) out.push_back({line.release, line.how.moved});
    co_return out;
  }

  Task<> healthy() {
    auto end = co_await out_.process.ask(said(o_.status));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    co_return fail(Code::unavailable, fmt::format("`status` of {} says {}", release_.id, how(*end)));
  }

  // Where it runs is the platform's affair; that it has users is all there is to see.
  Task<std::vector<Endpoint>> instances() {
    auto now = co_await find();
    if (!now) co_return std::unexpected(now.error());
    std::vector<Endpoint> out;
    if (*now && (*now)->moved.value > 0)
      out.push_back({.release = release_.id,
                     .alive = true,
                     .says = human((*now)->moved) + " of the users",
                     .share = (*now)->moved});
    co_return out;
  }

  // The keeper says the same, and asks the same.
  ports::Move move() const {
    auto names = regex_escaped(release_.id);
    if (version_tells()) names = fmt::format("({}|{})", names, regex_escaped(release_.version));
    auto all = fmt::format("^[[:blank:]]*{}[[:blank:]]+100(\\.0+)?%?[[:blank:]]*([[:blank:]]done.*)?$", names);
    ports::Move out{.acts = {act(o_.replace)}, .proof = act(o_.progress), .expect = {all}, .within = o_.up_within};
    out.lacks = {"^[[:blank:]]*[^[:blank:]]+[[:blank:]]+[0-9.]+%?[[:blank:]]+running"};
    out.missing = "its `progress` does not say that it has all users";
    out.left = "its `progress` says that a replacement goes on";
    return out;
  }

 private:
  // A version that is shipped once more is the name of the release that was there before this run's.
  bool version_tells() const {
    auto other = who_.variables.find("previous"), run = who_.variables.find("run");
    bool once_more = other != who_.variables.end() && other->second == release_.version;
    return !once_more || (run != who_.variables.end() && !release_.id.ends_with("~" + run->second));
  }
  bool is_meant(const ProgressLine& line) const {
    return line.release == release_.id || (version_tells() && line.release == release_.version);
  }
  ports::CommandSpec said(const std::string& text) const {
    auto spec = shell(text, o_.cwd, who_);
    spec.timeout = std::min(spec.timeout, o_.up_within);
    return spec;
  }
  ports::Act act(const std::string& text) const {
    auto spec = shell(text, o_.cwd, who_);
    return {.argv = spec.argv, .cwd = spec.cwd, .env = spec.env, .secret_env = spec.secret_env};
  }

  ports::Outside& out_;
  run::Release release_;
  ReplaceOptions o_;
  Asking who_;
};

class ReplacePlatform final : public ports::Platform, public ports::Roller {
 public:
  ReplacePlatform(ports::Outside& out, ports::Place at) : out_(out), at_(std::move(at)) {}

  ports::Roller* roller() override { return this; }
  Task<std::vector<Endpoint>> instances(const run::Release& r, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.instances(); });
  }
  Task<std::vector<Endpoint>> start(const run::Release& r, int, const Asking&) override { co_return replaces_only(r); }
  Task<> stop(const run::Release& r, int, const Asking&) override { co_return replaces_only(r); }
  Task<> healthy(const run::Release& r, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.healthy(); });
  }
  Task<std::vector<ports::Share>> serves(const run::Release& r, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.serves(); });
  }
  Task<std::vector<ports::Move>> way_back(const run::Release& r, const Asking& who) override { return moves(r, who); }

  // The previous release comes with its own options, so what stood needs no words of its own.
  Task<spec::Value> found(const Asking&) override { co_return spec::Value{}; }
  Task<> begin(const run::Release& r, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.replace("replace"); });
  }
  Duration known_within(const run::Release& r) const override {
    return options_of(r).value_or(ReplaceOptions{}).known_within;
  }
  Task<std::optional<Replacing>> find(const run::Release& r, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.find(); });
  }
  Task<> back(const run::Release& r, const spec::Value&, const Asking& who) override {
    return with(r, who, [](Commands& c) { return c.replace("back"); });
  }

 private:
  static std::unexpected<Error> replaces_only(const run::Release& r) {
    return fail(Code::refused, fmt::format("platform `replace` only has {} replaced by another release", r.id),
                "what else ends it is not Davy's to know");
  }

  template <class F>
  auto with(run::Release release, Asking who, F act) -> std::invoke_result_t<F, Commands&> {
    auto options = options_of(release);
    if (!options) co_return std::unexpected(options.error());
    Commands commands(out_, at_, std::move(release), std::move(*options), std::move(who));
    co_return co_await act(commands);
  }

  Task<std::vector<ports::Move>> moves(run::Release r, Asking who) {
    auto options = options_of(r);
    if (!options) co_return std::unexpected(options.error());
    auto move = Commands(out_, at_, r, std::move(*options), std::move(who)).move();
    move.what = fmt::format("{} replaced by {}", at_.service, r.version);
    co_return std::vector{std::move(move)};
  }

  ports::Outside& out_;
  ports::Place at_;
};

std::optional<State> state_of(std::string_view word) {
  if (word == "running") return State::running;
  if (word == "done") return State::done;
  if (word == "failed") return State::failed;
  if (word == "stuck") return State::stuck;
  return {};
}

std::string_view next_word(std::string_view& rest) {
  rest = trimmed(rest);
  auto end = std::min(rest.find_first_of(" \t"), rest.size());
  auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

std::optional<ProgressLine> progress_line(std::string_view rest) {
  ProgressLine out{.release = std::string(next_word(rest))};
  auto number = next_word(rest);
  if (number.ends_with('%')) number.remove_suffix(1);
  auto percent = spec::Leaf<double>::parse(spec::text(std::string(number)));
  if (!percent || *percent < 0 || *percent > 100) return {};
  out.how.moved = Ratio{*percent / 100};
  auto word = next_word(rest);
  auto state = word.empty() ? std::optional(*percent == 100 ? State::done : State::running) : state_of(word);
  if (!state) return {};
  out.how.state = *state;
  out.how.says = printable(trimmed(rest));
  return out;
}

}  // namespace

Result<std::vector<ProgressLine>> progress_of(std::string_view output) {
  std::vector<ProgressLine> out;
  for (auto line : split(output, '\n')) {
    if (trimmed(line).empty()) continue;
    auto one = progress_line(line);
    if (!one)
      return fail(Code::invalid, fmt::format("`progress` printed `{}`", printable(trimmed(line).substr(0, 80))),
                  "a line is a release, its share, 0 to 100, and running, done, failed or stuck");
    out.push_back(*std::move(one));
  }
  return out;
}

std::unique_ptr<ports::Platform> replace_platform(ports::Outside& out, ports::Place at) {
  return std::make_unique<ReplacePlatform>(out, std::move(at));
}

void add_replace_platform(ports::Registry& r) {
  r.platform<ReplaceOptions>("replace", "Something else replaces one release by the other, by your own commands.",
                             "{ replace: ./deploy \"$version\", progress: ./deploy status, status: ./deploy healthy }",
                             replace_platform, {"replaces"});
}

}  // namespace davy::providers
