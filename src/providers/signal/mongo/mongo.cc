#include "providers/signal/mongo/mongo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/text.h"
#include "providers/probe/json_value.h"
#include "providers/signal/mongo/mongo_query.h"
#include "signals/metrics/readout.h"
#include "signals/systems/mongo_account.h"

namespace davy::providers {
namespace {

using spec::Json;

constexpr const char* kPing = R"({"ping":1})";
// What is large in it, and nobody reads here.
constexpr const char* kServer = R"({"serverStatus":1,"metrics":0,"wiredTiger":0,"tcmalloc":0})";
constexpr const char* kDatabase = R"({"dbStats":1})";
constexpr const char* kSet = R"({"replSetGetStatus":1})";

// What the server says of itself, beside what a plan asks it. The same for probe and signal.
std::vector<spec::Finding> figures_table() {
  using spec::Unit;
  return {{"role", spec::kWord, "primary, secondary, standalone, mongos, or other: none of them, such as an arbiter"},
          {"connections", Unit::none, "connections, with Davy's own"},
          {"connections_left", Unit::none, "how many more it takes"},
          {"active", Unit::none, "connections that do something, with Davy's own"},
          {"queued", Unit::none, "operations that wait for a lock"},
          {"memory", Unit::bytes, "resident memory"},
          {"size", Unit::bytes, "what the database takes on the disk, with its indexes"},
          {"lag", Unit::seconds, "how far it is behind the primary; of the primary the worst of those that follow it"},
          {"uptime", Unit::seconds, "since its process began"},
          {"query_rate", Unit::rate, "reads per second; as a probe since its process began"},
          {"query_mean", Unit::seconds, "their mean time; as a probe of all since its process began"}};
}

std::vector<spec::Finding> with_figures(std::vector<spec::Finding> first, const std::vector<spec::Finding>& last) {
  std::ranges::move(figures_table(), std::back_inserter(first));
  std::ranges::copy(last, std::back_inserter(first));
  return first;
}

struct Server {
  ports::Outside& out;
  ports::MongoRequest question;  // all but its command

  ports::Task<std::string> ask(std::string command, std::string database = {}) const {
    auto r = question;
    r.command = std::move(command);
    if (!database.empty()) r.database = std::move(database);
    if (!out.mongo) co_return fail(Code::unavailable, "nobody can ask a MongoDB here");
    co_return co_await out.mongo->ask(std::move(r));
  }
};

// What the server says of itself; refused: that it does not say all of it to this user.
struct Told {
  std::optional<signals::MongoFigures> figures;
  std::optional<Error> refused;
};

ports::Task<Told> look_at(const Server& server, std::set<std::string> wants) {
  Told out;
  auto status = co_await server.ask(kServer, "admin");
  if (!status && status.error().code == Code::refused) co_return Told{{}, status.error()};
  if (!status) co_return std::unexpected(status.error());
  auto figures = signals::mongo_figures(*status);
  if (!figures) co_return std::unexpected(figures.error());
  out.figures = *std::move(figures);
  if (!out.figures->in_set) wants.erase("lag");
  using Read = std::optional<double> (*)(std::string_view);
  for (auto [name, command, database, read] :
       {std::tuple<const char*, const char*, const char*, Read>{"size", kDatabase, "", signals::mongo_size},
        {"lag", kSet, "admin", signals::mongo_lag}}) {
    if (!wants.contains(name)) continue;
    auto answer = co_await server.ask(command, database);
    if (!answer && answer.error().code != Code::refused) co_return std::unexpected(answer.error());
    if (!answer) out.refused = answer.error();
    if (auto value = answer ? read(*answer) : std::nullopt) out.figures->gauges[name] = *value;
  }
  co_return out;
}

void take_figures(ports::Observation& seen, const signals::MongoFigures& f) {
  for (auto& [name, value] : f.gauges) seen.numbers[name] = value;
  seen.words["role"] = f.role;
  auto uptime = f.gauges.find("uptime");
  if (f.reads && uptime != f.gauges.end() && uptime->second > 0) seen.numbers["query_rate"] = *f.reads / uptime->second;
  if (f.reads && f.read_seconds && *f.reads > 0) seen.numbers["query_mean"] = *f.read_seconds / *f.reads;
}

bool wants_figures(const ports::Asking& who) {
  return std::ranges::any_of(figures_table(), [&](auto& one) { return who.wants.contains(one.name); });
}

Result<std::string> question(const spec::Value& query, Duration timeout) {
  auto command = mongo_query(query);
  if (!command) return std::unexpected(command.error());
  return sent(*std::move(command), timeout);
}

// 42 and not 42.0.
Json as_written(double number) {
  constexpr double kExact = 9007199254740992;  // 2^53
  if (std::trunc(number) == number && std::abs(number) < kExact) return static_cast<std::int64_t>(number);
  return number;
}

// The numbers of a plan's own command, under `series`.
Result<> put_numbers(const spec::Value& query, const std::string& path, const std::string& answer,
                     const std::string& series, const spec::Measure& unit, judge::Window& out) {
  auto command = mongo_query(query);
  auto json = spec::parse_json(answer);
  if (!command || !json) return std::unexpected(command ? json.error() : command.error());
  auto whole = plain(*json);
  auto put = [&](const std::string& label, double number) {
    if (auto value = spec::in_base({number}, unit)) out.numbers[series][label] = *value;
  };
  if (auto found = path.empty() ? nullptr : signals::at_path(whole, path)) {
    if (found->is_number())
      put("", found->get<double>());
    else if (found->is_string())
      out.states[series][""] = printable(found->get<std::string>().substr(0, 200));
    return {};
  }
  if (!path.empty()) return fail(Code::invalid, fmt::format("no `{}` in the answer", path));
  auto numbers = numbers_in(*command, whole);
  if (!numbers) return std::unexpected(numbers.error());
  for (auto& one : *numbers) put(one.label, one.value);
  return {};
}

class Mongo final : public SteadySource {
 public:
  Mongo(MongoSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out),
        o_(std::move(o)),
        server_{out, {.url = o_.url, .database = o_.database, .command = {}, .timeout = timeout, .ca = o_.ca}} {
    if (o_.query) o_.queries[""] = *o_.query;
  }

 private:
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto told = co_await look_at(server_, {"size", "lag"});
    if (!told) co_return std::unexpected(told.error());
    auto now = out_.clock.now();
    judge::Window out;
    if (told->figures) {
      out = account_.look(*told->figures, figured_.value_or(now), now);
      out.from = last.value_or(now), figured_ = now;
    } else if (auto answer = co_await server_.ask(kPing); !answer) {
      co_return std::unexpected(answer.error());
    }
    out.states[""][""] = "up";
    if (told->refused) out.states["warning"][""] = printable(told->refused->message.substr(0, 200));
    for (auto& [series, query] : o_.queries)
      if (auto put = co_await ask_own(series, query.is, out); !put) co_return std::unexpected(put.error());
    co_return out;
  }

  ports::Task<> ask_own(const std::string& series, const spec::Value& query, judge::Window& out) {
    auto text = question(query, server_.question.timeout);
    if (!text) co_return std::unexpected(text.error());
    auto answer = co_await server_.ask(*std::move(text));
    if (!answer) co_return std::unexpected(answer.error());
    auto put = put_numbers(query, series.empty() ? o_.json : "", *answer, series, o_.unit.of(series), out);
    if (!put && !series.empty()) put.error().message = series + ": " + put.error().message;
    co_return put;
  }

  MongoSignal o_;
  Server server_;
  signals::MongoAccount account_;
  std::optional<Time> figured_;  // when the server last said something of itself
};

bool is_number_query(const spec::Value& v) {
  auto command = mongo_query(v);
  return !command || has_numbers(*command);
}

bool check_number(const spec::Value& v, std::string_view hint, spec::Diagnostics& d) {
  if (is_number_query(v)) return true;
  return d.add(v.mark, "a command whose answer has no number of its own", std::string(hint)), false;
}

}  // namespace

bool fit_together(const MongoProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  if (o.query) return check_mongo_query(*v.find("query"), d);
  for (auto key : {"json", "unit"})
    if (auto alone = v.find(key))
      return d.add(alone->mark, fmt::format("`{}` without `query`", key), "`query`, too"), false;
  return true;
}

bool fit_together(const MongoSignal& o, const spec::Value& v, spec::Diagnostics& d) {
  bool fine = true;
  if (o.query) fine &= check_mongo_query(*v.find("query"), d);
  if (o.query && o.json.empty()) fine &= check_number(*v.find("query"), "`json:` with the path to one", d);
  if (!o.query && !o.json.empty()) fine = false, d.add(v.find("json")->mark, "`json` without `query`", "`query`, too");
  if (o.queries.empty()) return fine;
  for (auto& entry : *v.find("queries")->map()) {
    fine &= check_mongo_query(entry.value, d) && check_number(entry.value, "count, distinct, find or aggregate", d);
    if (std::ranges::none_of(figures_table(), [&](auto& one) { return one.name == entry.key; })) continue;
    d.add(entry.mark, fmt::format("a query called `{}`, which MongoDB says itself", entry.key), "another name");
    fine = false;
  }
  return fine;
}

Result<ports::MongoRequest> request(const MongoProbe& o, Duration timeout) {
  ports::MongoRequest r{.url = o.url, .database = o.database, .command = kPing, .timeout = timeout, .ca = o.ca};
  if (!o.query) return r;
  auto command = question(o.query->is, timeout);
  if (!command) return std::unexpected(command.error());
  r.command = *std::move(command);
  return r;
}

ports::Observation observed(const MongoProbe& o, const std::string& answer, Duration took) {
  ports::Observation out{.ok = true, .says = "answers in " + human(took), .numbers = {{"time", seconds(took)}}};
  if (!o.query) return out;
  auto json = spec::parse_json(answer);
  auto whole = json ? plain(*json) : Json();
  if (!o.json.empty()) {
    look_inside(out, spec::dump(whole), o.json, o.unit, "the answer");
    return out;
  }
  auto command = mongo_query(o.query->is);
  if (!command || !has_numbers(*command)) return out;
  auto numbers = numbers_in(*command, whole);
  if (numbers && numbers->size() == 1) {
    take_value(out, as_written(numbers->front().value), o.unit);
    out.says = fmt::format("{} in {}", out.words["value"], human(took));
    return out;
  }
  out.ok = false, out.unwell = {"value"};
  out.says += !numbers ? ", but " + numbers.error().message : fmt::format(", but with {} documents", numbers->size());
  return out;
}

ports::Task<ports::Observation> perform(MongoProbe o, ports::Outside& out, ports::Asking who) {
  auto r = request(o, who.timeout);
  if (!r) co_return std::unexpected(r.error());
  Server server{out, *r};
  auto began = out.clock.now();
  auto answer = co_await server.ask(r->command);
  if (!answer) co_return std::unexpected(answer.error());
  auto seen = observed(o, *answer, out.clock.now() - began);
  if (!wants_figures(who)) co_return seen;
  auto told = co_await look_at(server, who.wants);
  if (!told) co_return std::unexpected(told.error());
  if (told->refused) co_return std::unexpected(*told->refused);
  take_figures(seen, *told->figures);
  co_return seen;
}

Result<std::unique_ptr<ports::Source>> mongo_source(MongoSignal o, ports::Outside& out, ports::Asking who) {
  return std::make_unique<Mongo>(std::move(o), out, who.timeout);
}

// Without a query there is no number of its own, and without a path nothing to be counted.
static void fit_probe(const MongoProbe& o, spec::Findings& finds) {
  auto command = o.query ? mongo_query(o.query->is) : Result<Json>(Json());
  bool value = !o.json.empty() || (o.query && (!command || has_numbers(*command)));
  std::erase_if(finds.all,
                [&](auto& one) { return (one.name == "value" && !value) || (one.name == "count" && o.json.empty()); });
}

static void fit_signal(const MongoSignal& o, spec::Findings& finds) {
  for (auto& [name, query] : o.queries) finds.all.push_back({name, spec::kOwn, "what your query answers"});
  if (o.query) finds.all.front().as = spec::kOwn;
}

void add_mongo_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<MongoProbe>(
      "mongo", "Asks a MongoDB; well is an answer.",
      "{ mongo: $MONGO_URL, query: { count: orders, query: { state: paid } }, expect: value > 0 }", perform,
      with_figures({{"value", spec::kOwn, "the query's number, or what stands at `json`"},
                    {"count", Unit::none, "how many there are at `json`, where that is a list or a map"},
                    {"time", Unit::seconds, "how long the answer took"}},
                   {}),
      fit_probe);
}

void add_mongo_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<MongoSignal>(
      "mongo", "MongoDB: connections, queues, read times, replication, numbers of your own.",
      "{ mongo: $MONGO_URL, queries: { paid: { count: orders, query: { state: paid } } } }", mongo_source,
      with_figures({{"", spec::kWord, "up; with `query` what that answers"}},
                   {{"restarts", Unit::none, "restarts since Davy began to look"},
                    {"warning", spec::kWord, "what the server does not say to this user, where it refuses"}}),
      fit_signal);
}

}  // namespace davy::providers
