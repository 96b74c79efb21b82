#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "cli/commands.h"
#include "io/posix/machine.h"
#include "io/posix/posix.h"
#include "migrations/migrations.h"
#include "spec/leaf.h"

namespace davy::cli {
namespace {

struct Words {
  std::string folder, run = "by hand", adopted, back_to, lock_timeout = "500ms", wait = "1s", most = "30s";
  std::vector<std::string> program;
  int tries = 10;
};

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);  // who follows it sees it now
}

Result<Duration> duration(const std::string& text) { return spec::decoded<Duration>(spec::text(text), "a duration"); }

// The connection string comes by the environment: an argument would be everybody's to read.
Result<migrations::Order> order_of(const Words& w) {
  auto url = ::getenv("DAVY_DATABASE");
  if (!url || !*url)
    return fail(Code::invalid, "no database: $DAVY_DATABASE is not set", "postgres://user@host/database");
  auto timeout = duration(w.lock_timeout), wait = duration(w.wait), most = duration(w.most);
  for (auto one : {&timeout, &wait, &most})
    if (!*one) return std::unexpected(one->error());
  auto machine = io::this_machine();
  auto pid = static_cast<int>(::getpid());
  migrations::Order out{.folder = w.folder, .where = {url}, .author = {w.run, {}}};
  out.where.name = migrations::owner_name(w.run, machine.host, pid, io::wall_time());
  out.where.lock_timeout = *timeout;
  out.author.who = fmt::format("{} on {}, pid {}", machine.user, machine.host, pid);
  out.patience = {w.tries, *wait, *most};
  out.adopted = w.adopted, out.program = w.program, out.back_to = w.back_to, out.say = say;
  return out;
}

int ended(const Result<>& done) {
  if (done) return kDone;
  say(to_string(done.error()));
  return done.error().code == Code::refused ? kRefused : kFailed;
}

void show(const migrations::Seen& seen) {
  fmt::print("{}: {}\n", seen.by, seen.head.empty() ? "nothing stands" : printable(seen.head) + " stands");
  for (auto& one : seen.pending) fmt::print("pending {}{}\n", printable(one.name), one.down ? "" : " (no way down)");
  for (auto& note : seen.notes) fmt::print("note: {}\n", note);
  for (auto& index : seen.invalid) fmt::print("invalid index {}\n", index);
  for (auto& fault : seen.faults) fmt::print("wrong: {}\n", fault);
  if (!seen.owner.empty()) fmt::print("at work: {}\n", seen.owner);
}

int status(const migrations::Order& order, bool json) {
  auto seen = migrations::look(order);
  if (!seen) return ended(std::unexpected(seen.error()));
  json ? print_json(migrations::to_json(*seen)) : show(*seen);
  return seen->faults.empty() ? kDone : kRefused;
}

int guard(const migrations::Order& order) {
  auto found = migrations::guard(order.where);
  if (!found) return ended(std::unexpected(found.error()));
  print_json({{"pgoptions", found->pgoptions}, {"holds", found->holds}, {"says", found->says}});
  return kDone;
}

int work(const std::string& what, const Words& words, bool json) {
  migrations::heed_termination();
  auto order = order_of(words);
  if (!order) return ended(std::unexpected(order.error()));
  if (what == "status") return status(*order, json);
  if (what == "guard") return guard(*order);
  return ended(what == "up" ? migrations::up(*order) : migrations::down(*order));
}

void take(CLI::App* sub, Words& w) {
  sub->add_option("--folder", w.folder, "where the migrations lie");
  sub->add_option("--run", w.run, "which run they belong to");
  sub->add_option("--adopt", w.adopted, "up to this version all stands at the first look");
  sub->add_option("--back-to", w.back_to, "what stood before (alembic)");
  sub->add_option("--program", w.program, "alembic or prisma, where it is not found by itself");
  sub->add_option("--lock-timeout", w.lock_timeout, "how long a lock is waited for");
  sub->add_option("--lock-tries", w.tries, "how often");
  sub->add_option("--lock-wait", w.wait, "before the second try; doubled, with jitter");
  sub->add_option("--lock-wait-most", w.most, "at most");
}

}  // namespace

void add_work_migrate(Program& p, CLI::App& work_of) {
  static Words words;
  auto migrate = work_of.add_subcommand("migrate", "Carries migrations out on $DAVY_DATABASE");
  migrate->require_subcommand(1);
  for (auto [name, does] : {std::pair{"up", "Applies what is pending"},
                            {"down", "Takes back what a run applied"},
                            {"status", "What stands, and what is pending"},
                            {"guard", "Whether a program's lock_timeout reaches the server"}}) {
    auto sub = migrate->add_subcommand(name, does);
    take(sub, words);
    p.runs(sub, [name](Session& session) { return work(name, words, session.common().json); });
  }
}

}  // namespace davy::cli
