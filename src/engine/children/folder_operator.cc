// Steps that make, name, lead to and remove folders of releases. What is to be done is decided here, from what is seen;
// a child of the keeper does it (`davy work folder`, src/folders), as long as disks and networks take.
#include <fmt/format.h>

#include "engine/children/folder_look.h"
#include "engine/run/command_end.h"
#include "engine/run/operators.h"
#include "ports/past.h"

namespace davy::engine {
namespace {

using ports::Done;
using ports::Task;

std::string place_of(const run::Call& call) { return argument<std::string>(call, "at"); }

struct FolderOperator : ports::Operator {
  explicit FolderOperator(Surroundings& around) : s(around) {}
  Surroundings& s;

  Task<spec::Value> prepare(const run::Attempt&, const run::Call& call) override {
    if (call.operation != "current") co_return spec::Value{};
    auto was = current_link(s.outside.files, place_of(call));
    if (!was) co_return std::unexpected(was.error());
    co_return spec::object({{"was", {}, spec::text(*was)}});
  }

  asio::awaitable<Done> start(const run::Attempt& a, const run::Call& call) override {
    if (call.operation == "look") co_return done(co_await look(a, call));
    auto request = co_await request_of(a, call);
    if (!request) co_return done(std::unexpected(request.error()));
    if (request->empty()) co_return Done{run::Outcome::ok, "nothing to remove", {}};
    auto asking = s.asking(a);
    co_return made(a, call, co_await s.outside.process.launch(asking.key, work(asking, std::move(*request))));
  }
  asio::awaitable<Done> resume(const run::Attempt& a, const run::Call& call) override {
    if (call.operation == "look") co_return co_await start(a, call);
    auto end = co_await s.outside.process.find(s.asking(a).key);
    if (end && !*end) co_return co_await start(a, call);
    if (!end) co_return ended(std::unexpected(end.error()));
    co_return made(a, call, **end);
  }
  asio::awaitable<Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }

 private:
  static ports::CommandSpec work(const ports::Asking& asking, spec::Json request) {
    return {.argv = {"/proc/self/exe", "work", "folder", spec::dump(request)},
            .cwd = asking.directory,
            .timeout = asking.timeout};
  }

  Task<Done> look(run::Attempt a, run::Call call) {
    auto homes = co_await s.ports_of(a).platform->homes(s.release(a), s.asking(a));
    if (!homes) co_return std::unexpected(homes.error());
    auto place = place_of(call);
    if (auto from = runs_from(place, argument<std::string>(call, "adopt"), *homes); !from)
      co_return std::unexpected(from.error());
    if (auto known = previous_is_known(a, place, *homes); !known) co_return std::unexpected(known.error());
    co_return Done{run::Outcome::ok, "", {}};
  }

  // Without that the previous release could not be started again: nobody would know where it is.
  Result<> previous_is_known(const run::Attempt& a, const std::string& place, const std::vector<ports::Home>& homes) {
    auto& previous = s.subject(a).previous;
    bool in_place = !homes.empty() && !homes.front().given;
    if (previous.none() || !previous.folder.empty() || !in_place) return {};
    auto link = current_link(s.outside.files, place);
    if (!link) return std::unexpected(link.error());
    if (!link->empty()) return {};
    return fail(Code::invalid,
                fmt::format("nobody says which folder {} runs from: {} is not there", s.subject(a).previous_name(),
                            run::current_at(place)),
                "`adopt: FOLDER` beside `releases`");
  }

  // What the child is asked for; empty: there is nothing to do.
  Task<spec::Json> request_of(run::Attempt a, run::Call call) {
    auto out = spec::to_json(call.args);
    out["act"] = call.operation;
    out["owner"] = fmt::format("{} in {}", s.subject(a).service, s.runbook.environment);
    if (call.operation == "back") go_back(a, out);
    if (call.operation == "begin") {
      auto seen = co_await seen_in(a, place_of(call));  // what could not be looked at stays
      out["leftovers"] = seen ? run::leftovers(place_of(call), *seen) : std::vector<std::string>{};
    }
    if (call.operation != "keep") co_return out;
    auto seen = co_await seen_in(a, place_of(call));
    if (!seen) co_return std::unexpected(seen.error());
    auto keep = static_cast<std::size_t>(argument(call, "keep", 1));
    auto names = run::may_go(place_of(call), *seen, keep);
    if (names.empty()) co_return spec::Json();
    co_return spec::Json{{"act", "remove"}, {"at", place_of(call)}, {"names", names}};
  }

  // To the previous release's folder where that is known, else to where it led; else it leads nowhere.
  static void go_back(const run::Attempt& a, spec::Json& out) {
    auto was = a.found.find("was");
    auto to = out.value("target", was ? spec::scalar_text(*was).value_or("") : "");
    out["act"] = to.empty() ? "nobody" : "current";
    if (!to.empty()) out["target"] = to;
  }

  Task<run::FoldersSeen> seen_in(run::Attempt a, std::string place) {
    auto seen = folders_in(s.outside.files, place);
    if (!seen) co_return seen;
    if (!s.outside.past) co_return fail(Code::unavailable, "nobody here knows which folders runs may need");
    auto needed = co_await s.outside.past->folders();
    if (!needed) co_return std::unexpected(needed.error());
    seen->needed = *std::move(needed);
    auto current = current_folder(s.outside.files, place);
    if (!current) co_return std::unexpected(current.error());
    for (auto& folder : {*current, s.subject(a).candidate.folder, s.subject(a).previous.folder})
      seen->needed.insert(folder);
    co_return seen;
  }

  // Its last line is what it made, or why it could not.
  Done made(const run::Attempt& a, const run::Call& call, Result<ports::CommandEnd> end) {
    auto out = ended(end);
    if (out.outcome != run::Outcome::ok) return told(std::move(out));
    auto text = trimmed(end->output);
    auto json = spec::parse_json(text.substr(text.rfind('\n') + 1));
    if (json && !json->empty()) out.made = spec::from_json(*json);
    return call.operation == "current" || call.operation == "back" ? seen_to_lead(a, call, std::move(out)) : out;
  }

  // "exit 1: why" is why.
  static Done told(Done out) {
    constexpr std::string_view kExit = "exit 1: ";
    if (out.says.starts_with(kExit)) out.says.erase(0, kExit.size());
    return out;
  }

  // Looked up, never concluded.
  Done seen_to_lead(const run::Attempt& a, const run::Call& call, Done out) {
    auto now = current_folder(s.outside.files, place_of(call));
    if (!now) return done(std::unexpected(now.error()));
    auto& release = a.way == run::Way::undo ? s.subject(a).previous : s.subject(a).candidate;
    bool fits = release.folder.empty() || *now == release.folder;
    out.says = now->empty() ? "it leads nowhere" : "it leads to " + *now;
    if (!fits) return {run::Outcome::failed, out.says + ", not to " + release.folder, {}};
    if (a.way == run::Way::apply) out.made = spec::object({{"folder", {}, spec::text(*now)}});
    return out;
  }
};

}  // namespace

std::unique_ptr<ports::Operator> folder_operator(Surroundings& s) { return std::make_unique<FolderOperator>(s); }

}  // namespace davy::engine
