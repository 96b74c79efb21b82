// A small vocabulary with tables like the real providers', for tests, the corpus and the fuzzer. Tests only.
#pragma once
#include "spec/vocabulary.h"

namespace davy::plan::words {

struct Http {
  std::string url, method = "GET", json;
  std::map<std::string, std::string> headers;
  spec::Measure unit = {};
};
struct Tcp {
  std::string address;
  Duration length{};
};
struct Command {
  std::string text, cwd;
  spec::Measure unit = {};
};
struct Query {  // a map, or a text that is one
  spec::Value is;
};
struct Mongo {
  std::string url;
  std::optional<Query> query = {};
  std::map<std::string, Query> queries = {};
  spec::Measures unit = {};
};
struct Postgres {
  std::string url;
};
struct Redis {
  std::string url;
};
struct Disk {
  std::string path;
};
struct File {
  std::string path, mode;
};
struct Process {
  std::string command, ports = "18100-18199", health = "/health", cwd;
  std::int32_t instances = 1;
  Duration stop_within = std::chrono::seconds(10);
  bool one_at_a_time = false;
};
struct Commands {  // a platform of commands: one slot
  std::string start, stop, status;
};
struct Systemd {  // one slot; of a template, two releases at once
  std::string unit, ports = "18100-18199", health;
  std::int32_t instances = 1;
};
struct Replace {  // a platform that replaces by itself
  std::string replace, progress, status;
};
struct Haproxy {
  std::string socket, backend;
};
struct Shares {
  std::string command;
};
struct Traffic {
  std::string log, client = "address";
  std::vector<std::string> ignore;
};

}  // namespace davy::plan::words

namespace davy::spec {

template <>
inline constexpr auto kFields<plan::words::Http> =
    std::tuple{required("http", &plan::words::Http::url, "the URL to read"),
               optional("method", &plan::words::Http::method, "the request's method"),
               optional("json", &plan::words::Http::json, "the field of the answer that is the value"),
               optional("unit", &plan::words::Http::unit, "what the value means"),
               optional("headers", &plan::words::Http::headers, "headers of the request")};
template <>
inline constexpr std::string_view kShort<plan::words::Tcp> = "tcp";
template <>
inline constexpr auto kFields<plan::words::Tcp> =
    std::tuple{required("tcp", &plan::words::Tcp::address, "host:port to connect to"),
               optional("for", &plan::words::Tcp::length, "so long it must be there")};
template <>
inline constexpr auto kFields<plan::words::Command> =
    std::tuple{required("command", &plan::words::Command::text, "a command; well when it exits 0"),
               optional("cwd", &plan::words::Command::cwd, "the directory it runs in"),
               optional("unit", &plan::words::Command::unit, "what the value means")};
template <>
struct Codec<plan::words::Query> {
  static bool decode(const Value& v, plan::words::Query& out, Diagnostics& d) {
    out.is = v;
    return v.text() || v.map() || core::expected("a command: a map, or a text that is one", v, d);
  }
  static Json encode(const plan::words::Query& c) { return to_json(c.is); }
  static Json schema() { return {{"anyOf", Json::array({spec::schema<std::string>(), {{"type", "object"}}})}}; }
};

template <>
inline constexpr std::string_view kShort<plan::words::Mongo> = "mongo";
template <>
inline constexpr auto kFields<plan::words::Mongo> =
    std::tuple{required("mongo", &plan::words::Mongo::url, "the URL of a MongoDB"),
               optional("query", &plan::words::Mongo::query, "a command that reads"),
               optional("queries", &plan::words::Mongo::queries, "names, and the command of each"),
               optional("unit", &plan::words::Mongo::unit, "what the numbers mean")};
template <>
inline constexpr std::string_view kShort<plan::words::Postgres> = "postgres";
template <>
inline constexpr std::string_view kShort<plan::words::Redis> = "redis";
template <>
inline constexpr auto kFields<plan::words::Redis> =
    std::tuple{required("redis", &plan::words::Redis::url, "the URL of a Redis")};
template <>
inline constexpr auto kFields<plan::words::Postgres> =
    std::tuple{required("postgres", &plan::words::Postgres::url, "the URL of a PostgreSQL")};
template <>
inline constexpr auto kFields<plan::words::Disk> =
    std::tuple{required("disk", &plan::words::Disk::path, "a path on the file system to look at")};
template <>
inline constexpr auto kFields<plan::words::File> =
    std::tuple{required("file", &plan::words::File::path, "the file that must exist"),
               optional("mode", &plan::words::File::mode, "its permissions, such as 600")};
template <>
inline constexpr auto kFields<plan::words::Process> =
    std::tuple{required("process", &plan::words::Process::command,
                        "the command of one instance; $port and $version are "
                        "in its environment"),
               optional("instances", &plan::words::Process::instances, "how many of a release"),
               optional("ports", &plan::words::Process::ports, "ports to choose from"),
               optional("health", &plan::words::Process::health, "path that answers 2xx once it can serve"),
               optional("cwd", &plan::words::Process::cwd, "where it runs"),
               optional("stop-within", &plan::words::Process::stop_within, "grace between TERM and KILL"),
               optional("one-at-a-time", &plan::words::Process::one_at_a_time, "two releases never run at once")};
template <>
inline constexpr auto kFields<plan::words::Replace> =
    std::tuple{required("replace", &plan::words::Replace::replace, "the command that has a release replace what runs"),
               required("progress", &plan::words::Replace::progress, "says how far that is"),
               required("status", &plan::words::Replace::status, "exit 0: it is healthy")};
template <>
inline constexpr std::string_view kShort<plan::words::Systemd> = "systemd";
template <>
inline constexpr auto kFields<plan::words::Systemd> =
    std::tuple{required("systemd", &plan::words::Systemd::unit, "a unit, or a template that ends with @"),
               optional("ports", &plan::words::Systemd::ports, "the range that ports are taken from"),
               optional("health", &plan::words::Systemd::health, "the path that answers when it is ready"),
               optional("instances", &plan::words::Systemd::instances, "how many")};
template <>
inline constexpr auto kFields<plan::words::Commands> =
    std::tuple{required("command", &plan::words::Commands::start, "the command that starts the service"),
               required("stop", &plan::words::Commands::stop, "the command that stops it"),
               optional("status", &plan::words::Commands::status, "exits 0 while it runs")};
template <>
inline constexpr auto kFields<plan::words::Haproxy> =
    std::tuple{required("haproxy", &plan::words::Haproxy::socket, "HAProxy's admin socket"),
               required("backend", &plan::words::Haproxy::backend, "the backend whose servers are driven")};
template <>
inline constexpr auto kFields<plan::words::Shares> =
    std::tuple{required("command", &plan::words::Shares::command, "the command that moves all traffic")};
template <>
inline constexpr auto kFields<plan::words::Traffic> =
    std::tuple{required("haproxy", &plan::words::Traffic::log, "the socket on which HAProxy's log arrives"),
               optional("client", &plan::words::Traffic::client, "what tells clients apart: address, or a header"),
               optional("ignore", &plan::words::Traffic::ignore, "paths that never count")};

}  // namespace davy::spec

namespace davy::plan::words {

template <class T>
spec::Term term(std::string port, std::string name, std::string doc, std::string example,
                std::vector<std::string> can = {}, std::vector<spec::GivenSeries> series = {}) {
  return {std::move(port),
          std::move(name),
          std::move(doc),
          std::move(example),
          [](const spec::Value& v, spec::Diagnostics& d) {
            T out;
            return spec::decode(v, out, d);
          },
          [] { return spec::schema<T>(); },
          std::move(can),
          std::move(series)};
}

template <class T>
spec::Term probe(std::string name, std::string doc, std::string example, std::vector<spec::Finding> finds) {
  auto out = term<T>("probe", std::move(name), std::move(doc), std::move(example));
  spec::take_table<T>(out, std::move(finds));
  return out;
}

inline const spec::Vocabulary& vocabulary() {
  static const auto kWords = [] {
    spec::Vocabulary v;
    using spec::kOwn, spec::kWord, spec::Unit;
    v.add(probe<Http>("http", "Reads a URL.", "{ http: \"${url}/health\", json: status, expect: value is healthy }",
                      {{"value", kOwn, "what it says"},
                       {"status", Unit::none, "its status"},
                       {"time", Unit::seconds, "how long it took"},
                       {"count", Unit::none, "how many there are"},
                       {"header.*", kWord, "a header of the answer"}}));
    v.add(probe<Tcp>("tcp", "Connects to a port.", "{ tcp: \"localhost:5432\" }", {}));
    v.add(probe<Command>("command", "Runs a command.", "{ command: ./check.sh }",
                         {{"value", kOwn, "what it prints"},
                          {"output", kWord, "all that it prints"},
                          {"exit", Unit::none, "how it ended"},
                          {"time", Unit::seconds, "how long it took"}}));
    v.add(probe<Disk>("disk", "Looks at a file system.", "{ disk: /, expect: free > 10 GB }",
                      {{"free", Unit::bytes, "what is free", "total"},
                       {"total", Unit::bytes, "all there is"},
                       {"used", Unit::ratio, "what is not free"}}));
    v.add(probe<File>("file", "Looks at a file.", "{ file: /etc/app.env, mode: 600 }",
                      {{"exists", kWord, "whether it is there"},
                       {"mode", kWord, "its permissions"},
                       {"kind", kWord, "file or directory"},
                       {"size", Unit::bytes, "its size"}}));
    std::vector<spec::Finding> mongo{
        {"value", kOwn, "the query's number"},          {"role", kWord, "primary, secondary …"},
        {"connections", Unit::none, "connections"},     {"size", Unit::bytes, "the size of the database"},
        {"lag", Unit::seconds, "how far it is behind"}, {"query_mean", Unit::seconds, "the mean time of reads"}};
    v.add(probe<Mongo>("mongo", "Asks a MongoDB.", "{ mongo: $MONGO_URL }", mongo));
    v.add(term<Process>("platform", "process", "Davy starts and stops the instances itself.",
                        "process: ./storefront --port \"$port\"", {"side-by-side", "folders"}));
    v.add(term<Commands>("platform", "command", "Whatever runs the service, by commands; one release at a time.",
                         "command: ./start.sh"));
    v.add(term<Systemd>("platform", "systemd", "A unit of systemd, or instances of a template.", "systemd: shop@",
                        {"side-by-side", "templates", "folders"}));
    v.add(term<Replace>("platform", "replace", "Something else replaces one release by the other, by commands.",
                        "{ replace: ./deploy, progress: ./how-far, status: ./healthy }", {"replaces"}));
    v.add(term<Haproxy>("router", "haproxy", "HAProxy by its runtime API.",
                        "{ haproxy: /run/haproxy/admin.sock, backend: storefront }", {"shares"}));
    v.add(term<Shares>("router", "command", "A command that moves all traffic.", "{ command: ./switch.sh }"));
    v.add(term<Traffic>("signal", "haproxy", "HAProxy's traffic log.", "{ haproxy: /run/davy/haproxy.log }", {},
                        {{"requests", "", spec::Unit::none},
                         {"error_rate", ""},
                         {"errors", ""},
                         {"latency", "", spec::Unit::seconds},
                         {"request_rate", ""},
                         {"client_error_rate", ""}}));
    v.add(term<Postgres>("signal", "postgres", "Asks a PostgreSQL.", "{ postgres: $DATABASE_URL }"));
    v.add(term<Redis>("signal", "redis", "Asks a Redis.", "{ redis: \"redis://localhost\" }"));
    auto signal = term<Mongo>("signal", "mongo", "Asks a MongoDB.", "{ mongo: $MONGO_URL }");
    mongo.front() = {"", kWord, "up"};
    spec::take_table<Mongo>(signal, mongo, [](const Mongo& o, spec::Findings& finds) {
      for (auto& [name, query] : o.queries) finds.all.push_back({name, kOwn, "what it answers"});
    });
    v.add(std::move(signal));
    return v;
  }();
  return kWords;
}

}  // namespace davy::plan::words
