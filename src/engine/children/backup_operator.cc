// Copies and restores, by a child that may block (`davy work …`, src/backups) and outlives this engine. Whatever
// becomes of it, its copy is there as a whole or not at all, and so is what it restored: one whose end nobody saw is
// asked again.
#include <fmt/format.h>

#include "engine/run/command_end.h"
#include "engine/run/operators.h"
#include "ports/past.h"
#include "ports/secret_text.h"

namespace davy::engine {
namespace {

using ports::Done;
using run::Outcome;

// The newest line that is an object with this key.
std::optional<spec::Value> line_with(std::string_view output, std::initializer_list<std::string_view> keys) {
  auto lines = split(trimmed(output), '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    auto json = spec::parse_json(*line);
    if (!json || !json->is_object()) continue;
    auto value = spec::from_json(*json);
    for (auto key : keys)
      if (value.find(key)) return value;
  }
  return {};
}

std::string text_at(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::scalar_text(*found).value_or("") : "";
}

std::int64_t number_at(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::Leaf<std::int64_t>::parse(*found).value_or(0) : 0;
}

Duration length(const spec::Value& v, std::string_view key) {
  auto found = v.find(key);
  return found ? spec::Leaf<Duration>::parse(*found).value_or(Duration{}) : Duration{};
}

std::string took(const spec::Value& v, std::string_view key) { return human(length(v, key)); }

// Told where a person would notice: twice as long, and by more than a moment.
std::string unusual(const spec::Value& made) {
  constexpr auto kMoment = std::chrono::seconds(1);
  auto proof = made.find("proof"), usual = made.find("usual");
  if (!proof || !usual) return "";
  auto now = length(*proof, "restore") + length(*proof, "compare"), before = length(*usual, "took");
  if (now < 2 * before || now - before < kMoment) return "";
  return fmt::format("; it took {} in the last {} proofs, and takes {} now", human(before), number_at(*usual, "proofs"),
                     human(now));
}

std::string said_of_copy(const spec::Value& made) {
  auto of = [&](const char* key) { return number_at(made, key); };
  auto what = made.find("tables")      ? fmt::format("{} rows of {} tables", of("rows"), of("tables"))
              : made.find("databases") ? fmt::format("{} keys of {} databases", of("keys"), of("databases"))
                                       : fmt::format("{} files and folders", of("entries"));
  auto out = fmt::format("{} in {}: {}", human(Bytes{number_at(made, "bytes")}), took(made, "dump"), what);
  // A Redis is loaded to prove it, and brought back key by key: nobody took the time of that.
  auto proof = made.find("proof");
  if (proof && made.find("databases"))
    out += fmt::format("; proven in {}: loaded in {}, compared in {}", text_at(*proof, "where"),
                       took(*proof, "restore"), took(*proof, "compare"));
  else if (proof)
    out += fmt::format("; way back: restore {} + compare {}, proven in {}", took(*proof, "restore"),
                       took(*proof, "compare"), text_at(*proof, "where"));
  return out + unusual(made);
}

std::string said_of_restore(const spec::Value& back) {
  auto already = back.find("already");
  bool of_keys = back.find("keys") != nullptr;
  auto how = fmt::format(": {} {} in {}, compared in {}", number_at(back, of_keys ? "keys" : "rows"),
                         of_keys ? "keys" : "rows", took(back, "restore"), took(back, "compare"));
  return fmt::format("{} is as it was copied{}; what stood there is kept as {}: {} it when nobody misses it",
                     text_at(back, "database"), already && std::get<bool>(already->is) ? "" : how,
                     text_at(back, "before"), of_keys ? "flush" : "drop");
}

struct BackupOperator : ports::Operator {
  explicit BackupOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  ports::Task<spec::Value> prepare(const run::Attempt&, const run::Call&) override { co_return spec::Value{}; }

  asio::awaitable<Done> start(const run::Attempt& a, const run::Call& call) override {
    co_return co_await carried_out(a, call, s.asking(a).key);
  }

  asio::awaitable<Done> resume(const run::Attempt& a, const run::Call& call) override {
    auto key = s.asking(a).key;
    auto end = co_await s.outside.process.find(key);
    if (!end) co_return done(std::unexpected(end.error()));
    if (!*end) co_return co_await start(a, call);
    if ((*end)->known()) co_return co_await heard(a, call, **end);
    co_return co_await carried_out(a, call, key + "-again");
  }

  asio::awaitable<Done> stop(const run::Attempt& a, const run::Call& call) override {
    auto ended = co_await s.end_commands(a);
    if (call.operation == "dump") co_await sweep(a, call);
    co_return ended;
  }

 private:
  asio::awaitable<Done> carried_out(run::Attempt a, run::Call call, std::string key) {
    auto spec = command(a, call, call.operation);
    if (!spec) co_return done(std::unexpected(spec.error()));
    auto stay = co_await keeping(call, spec->argv);
    auto end = co_await s.outside.process.launch(key, *std::move(spec));
    if (!end) co_return done(std::unexpected(end.error()));
    auto out = co_await heard(a, call, *end);
    if (!stay.empty() && out.outcome == Outcome::ok) out.says += "; " + stay;
    co_return out;
  }

  // How many copies stay, and of which runs all of them do. Where that cannot be told nothing is removed: why not.
  asio::awaitable<std::string> keeping(run::Call call, std::vector<std::string>& argv) const {
    auto count = argv.size();
    for (auto option : {"keep-copies", "keep-days"})
      if (auto value = argument<std::string>(call, option); !value.empty())
        argv.push_back(fmt::format("--{}={}", option, value));
    if (argv.size() == count || call.operation != "dump") co_return "";
    Result<std::set<std::string>> runs = fail(Code::unavailable, "nobody here knows the record");
    if (s.outside.past) runs = co_await s.outside.past->may_go_back();
    if (!runs) argv.resize(count);
    if (!runs)
      co_return "no old copy was removed, for nobody can tell which ones runs may need: " + runs.error().message;
    for (auto& run : *runs) argv.push_back("--needed=" + run);
    co_return "";
  }

  // Nobody but the child is told where the database is, and it is told nothing else.
  Result<ports::CommandSpec> command(const run::Attempt& a, const run::Call& call, const std::string& operation) const {
    auto asking = s.asking(a);
    ports::CommandSpec out{
        .argv = {"/proc/self/exe", "work", operation}, .cwd = asking.directory, .timeout = asking.timeout};
    auto id = id_of(a, call);
    if (!id) return std::unexpected(id.error());
    auto say = [&](const char* option, const std::string& value) {
      if (!value.empty()) out.argv.push_back(fmt::format("--{}={}", option, value));
    };
    say("kind", call.name), say("name", argument<std::string>(call, "name"));
    say("into", argument<std::string>(call, "into")), say("id", *id);
    // One for all of a run that restore this copy, each try of each step: what one of them has swapped in, or left
    // behind, the next one finds.
    if (operation == "restore") say("key", fmt::format("{}/{}", s.run, *id));
    say("format", argument<std::string>(call, "format"));
    for (auto flag : {"prove", "contents"})
      if (argument<std::int64_t>(call, flag) > 0) out.argv.push_back(std::string("--") + flag);
    return call.name == "files" ? out : with_source(std::move(out), argument<std::string>(call, "name"));
  }

  Result<ports::CommandSpec> with_source(ports::CommandSpec out, const std::string& name) const {
    auto signal = s.runbook.setup.signal(name);
    auto say = [&](const char* variable, std::string_view option) {
      auto value = signal ? signal->source.options.find(option) : nullptr;
      auto text = value ? spec::scalar_text(*value) : std::nullopt;
      if (!text) return false;
      if (auto secret = ports::secret_in(*text))
        out.secret_env[variable] = *secret;
      else
        out.env[variable] = *text;
      return true;
    };
    if (!say("DAVY_SOURCE", signal ? signal->source.name : ""))
      return fail(Code::invalid, "no signal `" + name + "` says where its database is");
    say("DAVY_SOURCE_PASSWORD", "password"), say("DAVY_SOURCE_CA", "ca");
    return out;
  }

  // A copy is that of the attempt that made it; what is restored is what the step of the backup handed on.
  Result<std::string> id_of(const run::Attempt& a, const run::Call& call) const {
    if (call.operation != "restore") return fmt::format("{}-a{}", s.run, a.id);
    auto step = argument<std::string>(call, "step");
    auto made = a.made.find(step);
    auto id = made == a.made.end() ? std::string() : text_at(made->second, "id");
    if (id.empty()) return fail(Code::refused, "there is no copy to restore: " + step + " has made none in this run");
    return id;
  }

  asio::awaitable<Done> heard(run::Attempt a, run::Call call, ports::CommandEnd end) {
    auto line = line_with(end.output, {"made", "restored", "error"});
    Done out{.evidence = spec::object({{"log", {}, spec::text(end.output_path)}})};
    if (end.exit_code == 0 && line && !line->find("error")) co_return well(std::move(out), *line);
    if (call.operation == "dump" && !end.exit_code) co_await sweep(a, call);  // else it did that itself
    out.outcome = end.known() ? Outcome::failed : Outcome::unknown;
    auto error = line ? line->find("error") : nullptr;
    out.says = !end.known()    ? "nobody saw its end"
               : end.timed_out ? "its time was over"
               : error ? to_string(Error{.message = text_at(*error, "message"), .hint = text_at(*error, "hint")})
               : end.signal
                   ? fmt::format("killed by signal {}", *end.signal)
                   : fmt::format("exit {}: {}", end.exit_code.value_or(-1), last_line(end.output).substr(0, 200));
    co_return out;
  }

  static Done well(Done out, const spec::Value& line) {
    if (auto made = line.find("made")) {
      out.made = *made, out.says = said_of_copy(*made);
      std::get<spec::Map>(out.evidence.is).push_back({"made", {}, *made});
    }
    if (auto back = line.find("restored")) out.says = said_of_restore(*back);
    return out;
  }

  // What one that ended before its time has left behind: a scratch with a copy of the data in it.
  asio::awaitable<void> sweep(run::Attempt a, run::Call call) {
    auto spec = command(a, call, "sweep");
    if (spec) (void)co_await s.outside.process.launch(fmt::format("a{}-sweep", a.id), *std::move(spec));
  }
};

}  // namespace

std::unique_ptr<ports::Operator> backup_operator(Surroundings& s) { return std::make_unique<BackupOperator>(s); }

}  // namespace davy::engine
