#include "providers/router/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

using ports::Asking;
using ports::Endpoint;
using ports::Served;
using ports::Task;
using Endpoints = std::vector<Endpoint>;
using Variables = std::map<std::string, std::string>;

// A line of `read` that gives one of these releases such a share; a percent more or less is the router's to round.
std::string share_line(const std::set<std::string>& releases, std::string_view share) {
  std::string any;
  for (auto& release : releases) any += (any.empty() ? "" : "|") + regex_escaped(release);
  return fmt::format("^[[:blank:]]*({})[[:blank:]]+{}(\\.[0-9]+)?%?[[:blank:]]*$", any, share);
}

class CommandRouter final : public ports::Router {
 public:
  CommandRouter(CommandRouterOptions o, ports::Outside& out, ports::Place at)
      : o_(std::move(o)), out_(out), at_(std::move(at)) {}

  Task<std::vector<Served>> read(const Endpoints& all, const Asking& who) override { return reading_all(all, who); }
  Task<> shift(const std::string& release, Ratio share, const std::string& rest, const Endpoints&,
               const Asking& who) override {
    return shifting(release, share, rest, who);
  }
  Task<> restore(const std::vector<Served>& found, const Endpoints&, Duration, const Asking& who) override {
    return restoring(found, who);
  }
  Task<> maintenance(bool on, const std::string& page, const Asking& who) override { return switching(on, page, who); }
  Task<std::vector<ports::Move>> way_back(const run::Release& to, const Endpoints& all, const Asking& who) override {
    return preparing(to.id, all, who);
  }

  // What the user's router does not let Davy see, it takes care of itself.
  Task<> attach(const Endpoints&, const Asking&) override { return fine(); }
  Task<> drain(const Endpoints&, Duration, const Asking&) override { return fine(); }
  Task<> detach(const Endpoints&, const Asking&) override { return fine(); }
  Task<int> sessions(const Endpoints&, const Asking&) override { return nobody(); }

 private:
  static Task<> fine() { co_return Result<>(); }
  static Task<int> nobody() { co_return 0; }

  Asking told(Asking who, Variables more) const {
    more["service"] = at_.service;
    more["environment"] = at_.environment;
    for (auto& [name, value] : more) who.variables[name] = value;
    who.timeout = o_.timeout;
    return who;
  }

  static Result<ports::CommandEnd> fine(Result<ports::CommandEnd> end, const std::string& what) {
    if (end && end->exit_code != 0) return fail(Code::unavailable, fmt::format("router `{}`: {}", what, how(*end)));
    return end;
  }

  // An act of its attempt: one that began is waited for, never begun again.
  Task<ports::CommandEnd> act(std::string text, std::string what, Asking who) {
    co_return fine(co_await out_.process.launch(who.key + "-" + what, shell(std::move(text), o_.cwd, who)), what);
  }

  Task<std::vector<Served>> reading(Asking who) {
    auto end = fine(co_await out_.process.ask(shell(o_.read, o_.cwd, told(std::move(who), {}))), "read");
    if (!end) co_return std::unexpected(end.error());
    co_return shares_of(end->output);
  }

  // `read` need not name who has no users.
  Task<std::vector<Served>> reading_all(Endpoints all, Asking who) {
    auto now = co_await reading(std::move(who));
    for (auto& e : now ? all : Endpoints{})
      if (std::ranges::find(*now, e.release, &Served::release) == now->end())
        now->push_back({.server = e.release, .address = "", .release = e.release, .state = "ready", .up = true});
    co_return now;
  }

  Task<> shifting(std::string release, Ratio share, std::string rest, Asking who) {
    auto percent = fmt::format("{:.10g}", share.value * 100);
    auto told_so = told(who, {{"release", release}, {"share", percent}, {"rest", rest}});
    auto end = co_await act(o_.shift, "shift", told_so);
    if (!end) co_return std::unexpected(end.error());
    auto now = co_await reading(who);
    if (!now) co_return std::unexpected(now.error());
    auto it = std::ranges::find(*now, release, &Served::release);
    auto is = it == now->end() ? 0 : it->weight;
    if (std::abs(is - share.value * 100) <= 1) co_return Result<>();
    co_return fail(Code::unavailable,
                   fmt::format("{} was to get {}% of the users, `read` says {}%", release, percent, is));
  }

  Task<> restoring(std::vector<Served> found, Asking who) {
    std::ranges::sort(found, std::greater(), &Served::weight);
    if (found.empty()) co_return fail(Code::refused, "nobody had users before");
    auto share = Ratio{std::min(1.0, found[0].weight / 100.0)};
    co_return co_await shifting(found[0].release, share, found.size() > 1 ? found[1].release : "", std::move(who));
  }

  Task<> switching(bool on, std::string page, Asking who) {
    if (o_.maintenance.empty())
      co_return fail(Code::refused, "the plan gives this router no `maintenance` command",
                     "add one, or use a flag file");
    auto end = co_await act(o_.maintenance, "maintenance",
                            told(std::move(who), {{"maintenance", on ? "on" : "off"}, {"page", page}}));
    co_return end ? Result<>() : std::unexpected(end.error());
  }

  ports::Act act_of(const std::string& text, const Asking& who) const {
    auto spec = shell(text, o_.cwd, who);
    return {.argv = spec.argv, .cwd = spec.cwd, .env = spec.env, .secret_env = spec.secret_env};
  }

  Task<std::vector<ports::Move>> preparing(std::string release, Endpoints endpoints, Asking who) {
    auto shift = told(who, {{"release", release}, {"share", "100"}, {"rest", ""}});
    std::set<std::string> others;
    for (auto& e : endpoints)
      if (e.release != release) others.insert(e.release);
    ports::Move move{.acts = {act_of(o_.shift, shift)},
                     .proof = act_of(o_.read, told(std::move(who), {})),
                     .expect = {share_line({release}, "(99|100)")},
                     .within = o_.timeout};
    if (!others.empty()) move.lacks = {share_line(others, "([2-9]|[1-9][0-9]|100)")};
    move.missing = "its `read` does not say that it has all users", move.left = "its `read` says that others have some";
    co_return std::vector{std::move(move)};
  }

  CommandRouterOptions o_;
  ports::Outside& out_;
  ports::Place at_;
};

}  // namespace

Result<std::vector<Served>> shares_of(std::string_view output) {
  std::vector<Served> out;
  for (auto line : split(output, '\n')) {
    line = trimmed(line);
    if (line.empty()) continue;
    auto space = line.rfind(' ');
    auto number = space == line.npos ? std::string_view() : line.substr(space + 1);
    if (number.ends_with('%')) number.remove_suffix(1);
    auto share = spec::Leaf<double>::parse(spec::text(std::string(number)));
    if (!share || *share < 0 || *share > 100)
      return fail(Code::invalid, fmt::format("`read` printed `{}`", printable(line.substr(0, 80))),
                  "a line is a release and its share, 0 to 100");
    auto release = std::string(trimmed(line.substr(0, space)));
    out.push_back({.server = release,
                   .address = "",
                   .release = release,
                   .weight = static_cast<int>(std::lround(*share)),
                   .state = "ready",
                   .up = true});
  }
  return out;
}

std::unique_ptr<ports::Router> command_router(CommandRouterOptions o, ports::Outside& out, ports::Place at) {
  return std::make_unique<CommandRouter>(std::move(o), out, std::move(at));
}

void add_command_router(ports::Registry& r) {
  r.router<CommandRouterOptions>("command", "Your own command moves the users.",
                                 "{ command: ./lb shift, read: ./lb shares }", command_router, {"shares"});
}

}  // namespace davy::providers
