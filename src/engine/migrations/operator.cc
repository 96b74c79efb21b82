#include <fmt/format.h>

#include <algorithm>

#include "engine/migrations/child.h"
#include "engine/run/command_end.h"

namespace davy::engine {
namespace {

using run::Outcome;
using Texts = std::vector<std::string>;

std::string text_of(const spec::Value& v, std::string_view key) {
  auto at = v.find(key);
  return at ? spec::scalar_text(*at).value_or("") : "";
}

Texts texts_of(const spec::Value& v, std::string_view key) {
  auto at = v.find(key);
  return at ? spec::decoded<Texts>(*at, key).value_or(Texts{}) : Texts{};
}

spec::Value list_of(const Texts& all) {
  spec::List out;
  for (auto& one : all) out.push_back(spec::text(one));
  return spec::array(std::move(out));
}

// A folder of migrations. What became of an attempt whose end nobody saw the database says: the next one looks first,
// as each does, so the step is repeatable.
struct MigrationOperator : ports::Operator {
  explicit MigrationOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  // Which version stands, and what is to be applied. What must not begin, or could not be taken back, is said now.
  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call& call) override {
    auto asking = s.asking(a);
    auto seen = co_await look(asking, call);
    if (!seen) co_return std::unexpected(seen.error());
    if (auto faults = texts_of(*seen, "faults"); !faults.empty()) co_return fail(Code::invalid, faults.front());
    if (auto way = no_way_down(*seen, call); !way.empty()) co_return fail(Code::invalid, way);
    Texts pending;
    if (auto all = seen->find("pending"); all && all->list())
      for (auto& one : *all->list()) pending.push_back(text_of(one, "version"));
    co_return spec::object({{"state", {}, spec::text(text_of(*seen, "head"))}, {"pending", {}, list_of(pending)}});
  }

  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call& call) override {
    auto asking = s.asking(a);
    auto spec = migration_child(asking, call, words(a, call, call.operation));
    auto end = co_await s.outside.process.launch(asking.key, std::move(spec));
    co_return co_await closed(asking, a, call, end);
  }

  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& call) override {
    auto asking = s.asking(a);
    auto end = co_await s.outside.process.find(asking.key);
    if (!end) co_return ended(std::unexpected(end.error()));
    if (!*end) co_return co_await start(a, call);
    Result<ports::CommandEnd> known = **end;
    co_return co_await closed(asking, a, call, known);
  }

  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }

 private:
  ports::Task<spec::Value> look(const ports::Asking& asking, const run::Call& call) {
    auto spec = migration_child(asking, call, words({}, call, "status"));
    spec.argv.push_back("--json");
    co_return co_await ask_about_schema(s.outside.process, std::move(spec));
  }

  // The run of the runbook: one that takes back another is told what that one applied.
  Texts words(const run::Attempt& a, const run::Call& call, const std::string& operation) const {
    Texts out{operation, "--folder", argument<std::string>(call, "folder")};
    auto& variables = s.runbook.setup.variables;
    if (auto run = variables.find("run"); run != variables.end()) out.insert(out.end(), {"--run", run->second});
    if (auto adopt = argument<std::string>(call, "adopt"); !adopt.empty()) out.insert(out.end(), {"--adopt", adopt});
    for (auto& word : argument<Texts>(call, "program")) out.push_back("--program=" + word);
    if (auto before = text_of(a.found, "state"); operation == "down" && !before.empty())
      out.insert(out.end(), {"--back-to", before});
    return out;
  }

  static std::string no_way_down(const spec::Value& seen, const run::Call& call) {
    auto all = seen.find("pending");
    if (!argument(call, "down", false) || !all || !all->list()) return {};
    for (auto& one : *all->list()) {
      auto down = one.find("down");
      if (down && std::holds_alternative<bool>(down->is) && std::get<bool>(down->is)) continue;
      if (text_of(seen, "by") == "prisma")
        return "Prisma has no way down: say `undo: nothing` (it may stay), `impossible`, or a command";
      return fmt::format(
          "{} has no way down, and the step's undo is `down`: write one, or say `undo: nothing` (it may stay) or "
          "`impossible`",
          text_of(one, "name"));
    }
    return {};
  }

  // What stands is looked up, not concluded from how the child ended.
  asio::awaitable<ports::Done> closed(const ports::Asking& asking, const run::Attempt& a, const run::Call& call,
                                      const Result<ports::CommandEnd>& end) {
    auto out = ended(end);
    if (end && end->known() && out.outcome != Outcome::ok)
      if (auto line = last_line(end->output); !line.empty()) out.says = line;
    if (out.outcome != Outcome::ok) co_return out;
    auto seen = co_await look(asking, call);
    if (!seen) {
      out.outcome = Outcome::unknown, out.says = "what stands cannot be looked up: " + seen.error().message;
      co_return out;
    }
    Texts applied;
    auto stand = texts_of(*seen, "applied");
    for (auto& version : texts_of(a.found, "pending"))
      if (std::ranges::find(stand, version) != stand.end()) applied.push_back(version);
    auto head = text_of(*seen, "head");
    auto stands = head.empty() ? std::string("nothing stands") : head + " stands";
    out.says = applied.empty() ? stands : fmt::format("{}; applied {}", stands, joined(applied, ", "));
    if (auto invalid = texts_of(*seen, "invalid"); !invalid.empty())
      out.says += "; invalid indexes: " + joined(invalid, ", ");
    out.made = spec::object({{"applied", {}, list_of(applied)}});
    co_return out;
  }
};

}  // namespace

std::unique_ptr<ports::Operator> migration_operator(Surroundings& s) { return std::make_unique<MigrationOperator>(s); }

}  // namespace davy::engine
