// Signal and probe `mongo`.
#pragma once
#include "ports/mongo.h"
#include "providers/signal/steady.h"
#include "spec/measure.h"

namespace davy::providers {

// As a plan writes it: a map, or a text that is one (mongo_query.h).
struct MongoCommand {
  spec::Value is;
};
struct MongoSignal {
  std::string url;
  std::optional<MongoCommand> query = {};
  std::map<std::string, MongoCommand> queries = {};
  std::string json = {};
  spec::Measures unit = {};
  std::string database = {}, ca = {};
};
struct MongoProbe {
  std::string url;
  std::optional<MongoCommand> query = {};
  std::string json = {};
  spec::Measure unit = {};
  std::string database = {}, ca = {};
};

bool fit_together(const MongoSignal&, const spec::Value&, spec::Diagnostics&);
bool fit_together(const MongoProbe&, const spec::Value&, spec::Diagnostics&);

Result<ports::MongoRequest> request(const MongoProbe&, Duration timeout);
ports::Observation observed(const MongoProbe&, const std::string& answer, Duration took);
ports::Task<ports::Observation> perform(MongoProbe, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> mongo_source(MongoSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
struct Codec<providers::MongoCommand> {
  static bool decode(const Value& v, providers::MongoCommand& out, Diagnostics& d) {
    out.is = v;
    return v.text() || v.map() || core::expected("a command: a map, or a text that is one", v, d);
  }
  static Json encode(const providers::MongoCommand& c) { return to_json(c.is); }
  static Json schema() { return {{"anyOf", Json::array({spec::schema<std::string>(), {{"type", "object"}}})}}; }
};

template <>
inline constexpr std::string_view kShort<providers::MongoSignal> = "mongo";
template <>
inline constexpr auto kFields<providers::MongoSignal> = std::tuple{
    required("mongo", &providers::MongoSignal::url,
             "mongodb://[user:password@]host[:port],…/[database][?options], or $NAME of a secret that is one"),
    optional("query", &providers::MongoSignal::query,
             "a command that only reads, as a map or as a text that is one, whose number is the signal's own: `count`, "
             "`distinct` (how many), `find` and `aggregate` (a number in each document, its label under `_id`)"),
    optional(
        "json", &providers::MongoSignal::json,
        "path in the answer of `query` (a.b.0.c) to the number that is meant; any command that only reads has one"),
    optional("queries", &providers::MongoSignal::queries, "names, and the command of each"),
    optional("unit", &providers::MongoSignal::unit,
             "what the number of `query` means: percent (75), share (0.75), ms, s, B, MB, /s …; a map of those of "
             "`queries`, by name. Without one it is a bare number, and so is what it is compared with"),
    optional("database", &providers::MongoSignal::database, "whose `size` and collections are meant; that of the URL"),
    optional("ca", &providers::MongoSignal::ca,
             "file of certificates to trust instead of the system's, with tls=true")};
template <>
inline constexpr std::string_view kShort<providers::MongoProbe> = "mongo";
template <>
inline constexpr auto kFields<providers::MongoProbe> = std::tuple{
    required("mongo", &providers::MongoProbe::url,
             "mongodb://[user:password@]host[:port],…/[database][?options], or $NAME of a secret that is one"),
    optional(
        "query", &providers::MongoProbe::query,
        "a command that only reads, as a map or as a text that is one: `{ count: orders, query: { state: paid } }`; "
        "`ping` by default. `value` is the number of `count`, how many `distinct` finds, the number in the one "
        "document of `find` or `aggregate`"),
    optional("json", &providers::MongoProbe::json,
             "path in the answer of `query` (a.b.0.c) to what `value` and `count` mean instead"),
    optional("unit", &providers::MongoProbe::unit,
             "what the query's number means: percent (75), share (0.75), ms, s, B, MB, /s …; without one it is a bare "
             "number"),
    optional("database", &providers::MongoProbe::database, "whose `size` and collections are meant; that of the URL"),
    optional("ca", &providers::MongoProbe::ca, "file of certificates to trust instead of the system's, with tls=true")};

}  // namespace davy::spec
