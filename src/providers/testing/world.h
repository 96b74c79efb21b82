// For the providers' tests: a real clock, sockets and files where the other side is real (HAProxy), and fakes that hold
// state where it is not.
#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "ports/http_rules.h"
#include "ports/mongo.h"
#include "ports/outside.h"
#include "spec/json.h"

namespace davy::providers::testing {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct RealClock : ports::Clock {
  Time now() override { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
  ports::Task<> sleep_until(Time t) override {
    asio::steady_timer timer(co_await asio::this_coro::executor, t - now());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return Result<>();
  }
};

struct RealDialer : ports::Dialer {
  using Socket = asio::basic_stream_socket<asio::generic::stream_protocol>;

  static asio::generic::stream_protocol::endpoint endpoint(const std::string& address) {
    if (address.starts_with('/')) return asio::local::stream_protocol::endpoint(address);
    auto colon = address.rfind(':');
    return asio::ip::tcp::endpoint(asio::ip::make_address(address.substr(0, colon)),
                                   static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
  }
  static asio::awaitable<boost::system::error_code> open(Socket& s, std::string address) {
    auto [error] = co_await s.async_connect(endpoint(address), asio::as_tuple(asio::use_awaitable));
    co_return error;
  }
  ports::Task<std::string> ask(std::string address, std::string text, Duration) override {
    Socket s(co_await asio::this_coro::executor);
    if (auto error = co_await open(s, address)) co_return fail(Code::unavailable, error.message());
    auto [e1, n1] = co_await asio::async_write(s, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    std::string out;
    auto [e2, n2] = co_await asio::async_read(s, asio::dynamic_buffer(out), asio::as_tuple(asio::use_awaitable));
    if (e1 || (e2 && e2 != asio::error::eof)) co_return fail(Code::unavailable, (e1 ? e1 : e2).message());
    co_return out;
  }
  ports::Task<> connect(std::string address, Duration) override {
    Socket s(co_await asio::this_coro::executor);
    if (auto error = co_await open(s, address)) co_return fail(Code::unavailable, error.message());
    co_return Result<>();
  }
};

struct RealFiles : ports::Files {
  Result<std::string> read(std::string path) override {
    std::ifstream in(path);
    if (!in) return fail(Code::unavailable, "no such file: " + path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  Result<> write(std::string path, std::string text, unsigned) override {
    std::ofstream out(path + ".new");
    out << text;
    out.close();
    if (!out || ::rename((path + ".new").c_str(), path.c_str()) != 0)
      return fail(Code::refused, "cannot write " + path);
    return {};
  }
  Result<> remove(std::string path) override { return std::filesystem::remove(path), Result<>(); }
  Result<std::optional<Stat>> stat(std::string path) override {
    struct ::stat s{};
    if (::stat(path.c_str(), &s) != 0) return std::nullopt;
    return Stat{.size = {s.st_size}, .mode = s.st_mode & 07777u, .directory = S_ISDIR(s.st_mode)};
  }
  Result<Space> space(std::string path) override {
    std::error_code error;
    auto s = std::filesystem::space(path, error);
    if (error) return fail(Code::unavailable, error.message());
    return Space{.free = {static_cast<std::int64_t>(s.available)}, .total = {static_cast<std::int64_t>(s.capacity)}};
  }
  Result<std::vector<std::string>> list(std::string path) override {
    std::error_code error;
    std::vector<std::string> out;
    for (auto& entry : std::filesystem::directory_iterator(path, error)) out.push_back(entry.path().filename());
    if (error) return fail(Code::unavailable, error.message());
    return out;
  }
};

// Answers what it was given, by command line; remembers what was asked.
struct FakeProcess : ports::Process {
  std::function<ports::CommandEnd(const ports::CommandSpec&)> answer = [](auto&) {
    return ports::CommandEnd{.exit_code = 0};
  };
  std::map<std::string, ports::CommandSpec> launched;

  std::vector<ports::CommandSpec> asked;

  ports::Task<ports::CommandEnd> ask(ports::CommandSpec spec) override {
    asked.push_back(spec);
    co_return answer(spec);
  }
  ports::Task<ports::CommandEnd> launch(std::string key, ports::CommandSpec spec) override {
    if (key.empty()) co_return fail(Code::internal, "a command without a key");
    launched[key] = spec;
    co_return answer(spec);
  }
  ports::Task<std::optional<ports::CommandEnd>> find(std::string) override { co_return std::nullopt; }
  ports::Task<> end(std::string, Duration) override { co_return Result<>(); }
};

// Processes that live in a map. `born` decides what becomes of one that is started.
struct FakeInstances : ports::Instances {
  std::map<std::string, ports::InstanceState> all;
  std::map<std::string, ports::InstanceSpec> specs;
  std::function<void(ports::InstanceState&, const ports::InstanceSpec&)> born = [](auto&, auto&) {};
  std::vector<std::string> stopped;
  std::int64_t next_pid = 4711;
  int starts = 0;

  ports::Task<ports::InstanceState> start(std::string key, ports::InstanceSpec spec) override {
    auto& one = all[key];
    if (one.alive) co_return one;
    one = {.key = key, .note = spec.note, .pid = next_pid++, .alive = true};
    specs[key] = spec;
    ++starts;
    born(one, spec);
    co_return one;
  }
  ports::Task<std::vector<ports::InstanceState>> list(std::string prefix) override {
    std::vector<ports::InstanceState> out;
    for (auto& [key, one] : all)
      if (key.starts_with(prefix)) out.push_back(one);
    co_return out;
  }
  ports::Task<> stop(std::string key, Duration) override {
    stopped.push_back(key);
    if (auto it = all.find(key); it != all.end()) it->second.alive = false, it->second.signal = 15;
    co_return Result<>();
  }
  ports::Task<> forget(std::string key) override { co_return all.erase(key), Result<>(); }
};

// Refuses what the real client refuses, with the same code (io/net/http_contract_test.cc).
struct FakeHttp : ports::Http {
  std::function<Result<ports::HttpAnswer>(const ports::HttpRequest&)> answer = [](auto&) {
    return ports::HttpAnswer{.status = 200};
  };
  std::vector<ports::HttpRequest> asked;
  ports::Task<ports::HttpAnswer> send(ports::HttpRequest r) override {
    if (auto fine = ports::check_request(r); !fine) co_return std::unexpected(fine.error());
    asked.push_back(r);
    auto answered = answer(r);
    if (answered && std::ssize(answered->body) > r.most.value) co_return fail(Code::invalid, "answered with too much");
    co_return answered;
  }
};

struct FakeDialer : ports::Dialer {
  std::function<Result<std::string>(const std::string&)> answer = [](auto&) { return ""; };
  std::function<bool(const std::string&)> listens = [](auto&) { return false; };
  std::vector<std::string> asked;
  ports::Task<std::string> ask(std::string, std::string text, Duration) override {
    asked.push_back(text);
    co_return answer(text);
  }
  ports::Task<> connect(std::string address, Duration) override {
    if (listens(address)) co_return Result<>();
    co_return fail(Code::unavailable, "connection refused");
  }
};

struct FakeSql : ports::Sql {
  std::function<Result<ports::SqlRows>(const ports::SqlRequest&)> answer = [](auto&) { return ports::SqlRows{}; };
  std::vector<ports::SqlRequest> asked;
  ports::Task<ports::SqlRows> query(ports::SqlRequest r) override {
    asked.push_back(r);
    co_return answer(r);
  }
};

struct FakeRedis : ports::Redis {
  std::function<Result<std::string>(const ports::RedisRequest&)> answer = [](auto&) { return "PONG"; };
  std::vector<ports::RedisRequest> asked;
  ports::Task<std::string> ask(ports::RedisRequest r) override {
    asked.push_back(r);
    co_return answer(r);
  }
};

// Knows `ping`, and what a test adds.
struct FakeMongo : ports::Mongo {
  std::function<Result<std::string>(const ports::MongoRequest&)> answer = [](auto& r) -> Result<std::string> {
    if (spec::parse_json(r.command)->begin().key() == "ping") return R"({"ok":1.0})";
    return fail(Code::invalid, "MongoDB at m:27017 says: no such command (CommandNotFound)");
  };
  std::set<std::string> away = {};  // URLs
  std::vector<ports::MongoRequest> asked;
  ports::Task<std::string> ask(ports::MongoRequest r) override {
    auto json = spec::parse_json(r.command);
    if (!json || !json->is_object() || json->empty()) co_return fail(Code::invalid, "the command is no document");
    if (away.contains(r.url)) co_return fail(Code::unavailable, "connecting to m:27017: refused");
    asked.push_back(r);
    co_return answer(r);
  }
};

// Servers and files that a test makes up.
struct FakeCertificates : ports::Certificates {
  std::map<std::string, ports::TlsSeen> servers;  // by host:port
  std::map<std::string, std::vector<ports::Certificate>> files;
  std::vector<ports::TlsQuestion> asked;
  ports::Task<ports::TlsSeen> ask(ports::TlsQuestion q) override {
    asked.push_back(q);
    auto colon = q.address.rfind(':');
    if (colon == q.address.npos) co_return fail(Code::invalid, "no address: " + q.address);
    auto found = servers.find(q.address);
    if (found == servers.end()) co_return fail(Code::unavailable, "connecting to " + q.address + ": refused");
    auto out = found->second;
    auto& names = out.chain.front().names;
    out.named = std::ranges::find(names, q.name.empty() ? q.address.substr(0, colon) : q.name) != names.end();
    co_return out;
  }
  Result<std::vector<ports::Certificate>> in_pem(const std::string& text) override {
    auto found = files.find(text);
    if (found == files.end()) return fail(Code::invalid, "no certificate in PEM");
    return found->second;
  }
};

// A zone that a test writes. Servers that are not there do not answer.
struct FakeNames : ports::Names {
  std::map<std::string, std::map<ports::DnsType, std::vector<std::string>>> zone;
  std::set<std::string> away;
  std::vector<ports::DnsQuestion> asked;
  ports::Task<ports::DnsAnswer> ask(ports::DnsQuestion q) override {
    asked.push_back(q);
    if (q.name.empty() || q.name.contains("..")) co_return fail(Code::invalid, "no name for the DNS: " + q.name);
    if (away.contains(q.server)) co_return fail(Code::timed_out, "no answer");
    auto name = zone.find(q.name);
    if (name == zone.end()) co_return ports::DnsAnswer{.exists = false};
    ports::DnsAnswer out{.exists = true, .values = name->second[q.type]};
    std::ranges::sort(out.values);
    if (!out.values.empty()) out.lives = std::chrono::minutes(5);
    co_return out;
  }
};

// A log that a test writes; what its lines come to is there at once.
struct FakeLogs : ports::Logs {
  struct Log {
    std::unique_ptr<ports::LineTaker> taker;
    Time from{};
    std::string gap;
  };
  struct Reading : ports::LineReading {
    Reading(FakeLogs& all, std::string name) : all(all), name(std::move(name)) {}
    ~Reading() override { all.logs.erase(name); }
    Taken take() override {
      auto& log = all.logs.at(name);
      return {log.taker->finish(std::exchange(log.from, all.clock.now()), all.clock.now()), log.gap};
    }
    ports::Task<Taken> next() override { co_return take(); }
    FakeLogs& all;
    std::string name;
  };
  explicit FakeLogs(ports::Clock& clock) : clock(clock) {}
  Result<std::unique_ptr<ports::LineReading>> open(const ports::LineSpec& spec,
                                                   std::unique_ptr<ports::LineTaker> taker) override {
    auto name = ports::text_of(spec.place);
    logs[name] = {std::move(taker), clock.now(), ""};
    return std::make_unique<Reading>(*this, name);
  }
  void write(const std::string& log, std::string_view line) { logs.at(log).taker->line(line, clock.now()); }
  ports::Clock& clock;
  std::map<std::string, Log> logs;
};

// Time passes only by sleeping.
struct FakeClock : ports::Clock {
  Time time{1'700'000'000s};
  std::function<void()> slept = [] {};  // what happens meanwhile
  Time now() override { return time; }
  ports::Task<> sleep_until(Time t) override {
    time = std::max(time, t);
    slept();
    co_return Result<>();
  }
};

// Everything fake; a test replaces what it needs by way of outside().
struct World {
  FakeClock clock;
  FakeProcess process;
  FakeInstances instances;
  FakeHttp http;
  FakeDialer dialer;
  RealFiles files;
  FakeSql sql;
  FakeRedis redis;
  FakeMongo mongo;
  FakeLogs logs{clock};
  FakeCertificates certificates;
  FakeNames names;
  ports::Outside outside{clock,  process, instances, http,          dialer, files,   &sql,
                         &redis, &logs,   nullptr,   &certificates, &names, nullptr, &mongo};
};

template <class T>
T run(asio::awaitable<T> task) {
  asio::io_context io;
  std::optional<T> out;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T value) {
    if (e) std::rethrow_exception(e);
    out.emplace(std::move(value));
  });
  io.run();
  return std::move(*out);
}

struct TempDir {
  TempDir() {
    char name[] = "/tmp/davy-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TempDir(const TempDir&) = delete;
  std::string path;
};

inline std::string because(const auto& result) { return result ? "fine" : to_string(result.error()); }

}  // namespace davy::providers::testing
