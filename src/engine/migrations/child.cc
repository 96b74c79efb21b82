#include "engine/migrations/child.h"

#include "engine/run/command_end.h"
#include "ports/secret_text.h"
#include "spec/json.h"

namespace davy::engine {

ports::CommandSpec migration_child(const ports::Asking& asking, const run::Call& call, std::vector<std::string> words) {
  words.insert(words.begin(), {"/proc/self/exe", "work", "migrate"});
  words.insert(words.end(), {"--lock-timeout", argument<std::string>(call, "lock-timeout", "500ms")});
  ports::CommandSpec out{.argv = std::move(words),
                         .env = asking.variables,
                         .secret_env = asking.secrets,
                         .cwd = ports::beside(asking.directory, argument<std::string>(call, "cwd")),
                         .timeout = asking.timeout};
  auto database = argument<std::string>(call, "database");
  if (auto secret = ports::secret_in(database))
    out.secret_env.insert_or_assign("DAVY_DATABASE", *secret);
  else
    out.env["DAVY_DATABASE"] = database;
  return out;
}

ports::Task<spec::Value> ask_about_schema(ports::Process& process, ports::CommandSpec spec) {
  auto end = co_await process.ask(std::move(spec));
  if (!end) co_return std::unexpected(end.error());
  auto json = spec::parse_json(end->output);
  if (json && json->is_object()) co_return spec::from_json(*json);
  auto said = last_line(end->output);
  co_return fail(Code::unavailable, said.empty() ? ended(*end).says : said);
}

ports::Task<spec::Value> ask_for_lock_timeout(ports::Process& process, const ports::Asking& asking,
                                              const run::Call& call) {
  auto spec = migration_child(asking, call, {"guard", "--json"});
  co_return co_await ask_about_schema(process, std::move(spec));
}

}  // namespace davy::engine
