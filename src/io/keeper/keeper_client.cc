#include "io/keeper/keeper_client.h"

#include <sys/stat.h>

#include "io/posix/machine.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

using ports::Task;

constexpr Duration kAnswers = std::chrono::seconds(10);  // a keeper that does not stand still, whatever it is told
constexpr std::size_t kLargestOutput = 64 * 1024 * 1024;

Result<> check(const std::map<std::string, SecretRef>& wanted, const Secrets& secrets) {
  for (const auto& [variable, secret] : wanted)
    if (auto value = secrets.reveal(secret); !value) return std::unexpected(value.error());
  return {};
}

std::map<std::string, std::string> revealed(const std::map<std::string, SecretRef>& wanted, const Secrets& secrets) {
  std::map<std::string, std::string> values;
  for (const auto& [variable, secret] : wanted) values.emplace(variable, secrets.reveal(secret).value_or(""));
  return values;
}

Command to_command(const ports::CommandSpec& spec, const Secrets& secrets) {
  Command command{.argv = spec.argv, .env = spec.env};
  command.secret_env = revealed(spec.secret_env, secrets);
  secrets.for_each([&](const std::string& name, std::string_view value) { command.masked.emplace(name, value); });
  command.cwd = spec.cwd;
  command.timeout = spec.timeout;
  command.grace = spec.grace;
  command.keep_output = spec.keep_output;
  return command;
}

// Before anything starts: there is a program, and every secret that is asked for has a value.
Result<> check(const ports::CommandSpec& spec, const Secrets& secrets) {
  if (spec.argv.empty() || spec.argv[0].empty()) return fail(Code::invalid, "a command without a program");
  return check(spec.secret_env, secrets);
}

Request to_request(const std::string& key, const ports::InstanceSpec& spec, const Secrets& secrets) {
  std::vector<std::string> hidden;
  secrets.for_each([&](const std::string& name, std::string_view) { hidden.push_back(name); });
  return StartInstance{key,      spec.argv, spec.env, revealed(spec.secret_env, secrets), std::move(hidden),
                       spec.cwd, spec.note};
}

std::unexpected<Error> misunderstood() { return fail(Code::internal, "the keeper answered something else"); }

}  // namespace

KeeperClient::KeeperClient(ports::asio::any_io_executor executor, KeeperClientOptions options, const Secrets& secrets)
    : spool_(options.spool),
      store_(options.instances, this_machine(options.boot).boot),
      secrets_(secrets),
      keeper_(std::move(executor), options.spool, std::move(options.start_keeper)) {}

ports::CommandEnd KeeperClient::whole(const std::string& key, const Ended& ended) const {
  ports::CommandEnd end{ended.exit_code, ended.signal, ended.timed_out, {}, {}, ended.took};
  auto path = spool_.file(file_name(key)) + "/out";
  if (auto output = read_file(path, kLargestOutput)) {
    end.output = std::move(*output);
    end.output_path = path;
  }
  return end;
}

Task<ports::CommandEnd> KeeperClient::ask(ports::CommandSpec spec) {
  if (auto good = check(spec, secrets_); !good) co_return std::unexpected(good.error());
  auto request = [spec, &secrets = secrets_]() -> Request { return AskCommand{to_command(spec, secrets)}; };
  auto reply = co_await keeper_.ask(request, KeeperConnection::Cancelled::all);
  if (!reply) co_return std::unexpected(reply.error());
  auto* answered = std::get_if<Answered>(&*reply);
  if (!answered) co_return misunderstood();
  const auto& end = answered->end;
  co_return ports::CommandEnd{end.exit_code, end.signal, end.timed_out, std::move(answered->output), {}, end.took};
}

Task<ports::CommandEnd> KeeperClient::launch(std::string key, ports::CommandSpec spec) {
  if (key.empty())
    co_return fail(Code::internal, "a command without a key would be taken for another: it was not begun");
  if (auto good = check(spec, secrets_); !good) co_return std::unexpected(good.error());
  auto reply = co_await keeper_.ask(
      [key, spec, &secrets = secrets_]() -> Request { return LaunchCommand{key, to_command(spec, secrets)}; });
  if (!reply) co_return std::unexpected(reply.error());
  const auto* ended = std::get_if<Ended>(&*reply);
  if (!ended) co_return misunderstood();
  co_return whole(key, *ended);
}

Task<std::optional<ports::CommandEnd>> KeeperClient::find(std::string key) {
  auto reply = co_await keeper_.ask([key]() -> Request { return FindCommand{key}; });
  if (!reply) co_return std::unexpected(reply.error());
  if (std::holds_alternative<Spool::NeverBegan>(*reply)) co_return std::nullopt;
  const auto* ended = std::get_if<Ended>(&*reply);
  if (!ended) co_return misunderstood();
  co_return whole(key, *ended);
}

Task<> KeeperClient::tell(Request request, Duration within) {
  auto reply = co_await keeper_.ask([request] { return request; }, KeeperConnection::Cancelled::answer, within);
  if (!reply) co_return std::unexpected(reply.error());
  if (!std::holds_alternative<Agreed>(*reply)) co_return misunderstood();
  co_return Result<>();
}

Task<> KeeperClient::end(std::string key, Duration grace) {
  return tell(EndCommand{std::move(key), grace}, grace + kAnswers);
}

Task<ports::InstanceState> KeeperClient::start(std::string key, ports::InstanceSpec spec) {
  if (spec.argv.empty() || spec.argv[0].empty()) co_return fail(Code::invalid, "an instance without a program");
  if (auto good = check(spec.secret_env, secrets_); !good) co_return std::unexpected(good.error());
  // list() does not ask the keeper: who cancels this and then looks for what to stop must not look too early.
  auto request = [key, spec, &secrets = secrets_] { return to_request(key, spec, secrets); };
  auto reply = co_await keeper_.ask(request, KeeperConnection::Cancelled::nothing);
  if (!reply) co_return std::unexpected(reply.error());
  auto state = store_.find(key);
  if (!state) co_return std::unexpected(state.error());
  if (!*state) co_return fail(Code::internal, "instance " + key + " was started, but nothing says so");
  co_return std::move(**state);
}

Task<std::vector<ports::InstanceState>> KeeperClient::list(std::string key_prefix) {
  co_return store_.list(key_prefix);
}

Task<> KeeperClient::stop(std::string key, Duration grace) {
  return tell(StopInstance{std::move(key), grace}, grace + kAnswers);
}

Task<> KeeperClient::forget(std::string key) { co_return store_.forget(key); }

Task<> KeeperClient::arm(ports::WayBack way) {
  auto request = [way, &secrets = secrets_]() -> Request {
    ArmGuard arm{way, {}};
    secrets.for_each([&](const std::string& name, std::string_view value) { arm.secrets.emplace(name, value); });
    return arm;
  };
  auto reply = co_await keeper_.ask(request);
  if (!reply) co_return std::unexpected(reply.error());
  if (!std::holds_alternative<Agreed>(*reply)) co_return misunderstood();
  armed_ = std::move(way);
  co_return Result<>();
}

// A keeper that was killed took the secrets of the moves with it: the next one is given them as soon as it asks.
Task<> KeeperClient::judged() {
  auto reply =
      co_await keeper_.ask([]() -> Request { return Judged{}; }, KeeperConnection::Cancelled::answer, kAnswers);
  if (!reply) co_return std::unexpected(reply.error());
  if (!std::holds_alternative<SecretsWanted>(*reply)) co_return Result<>();
  auto again = armed_;
  again.rehearse = false;
  co_return co_await arm(std::move(again));
}

Task<> KeeperClient::disarm() { return tell(DisarmGuard{}, kAnswers); }

// The keeper's record stays until the guard is armed anew or disarmed, so that an engine that is killed before it could
// write the report down is told again.
Task<std::optional<ports::Guard::Taken>> KeeperClient::taken() {
  auto reply =
      co_await keeper_.ask([]() -> Request { return AskTaken{}; }, KeeperConnection::Cancelled::answer, kAnswers);
  if (!reply) co_return std::unexpected(reply.error());
  if (std::holds_alternative<NothingTaken>(*reply)) co_return std::nullopt;
  auto* taken = std::get_if<Taken>(&*reply);
  if (!taken) co_return misunderstood();
  co_return std::move(*taken);
}

}  // namespace davy::io
