#include "providers/platform/supervisor_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "ports/secret_text.h"
#include "providers/platform/last_words.h"
#include "providers/signal/options.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Task;
using spec::Json;

std::string address(const SupervisorPlace& at) {
  constexpr std::string_view kUnix = "unix://";
  if (at.server.starts_with("http")) return address_of(at.server);
  return at.server.starts_with(kUnix) ? at.server.substr(kUnix.size()) : at.server;
}

// What HTTP says before anybody reads the call.
Result<> accepted(const SupervisorPlace& at, const ports::HttpAnswer& answer) {
  if (answer.status == 200) return {};
  if (answer.status == 401)
    return fail(Code::invalid,
                fmt::format("supervisord at {} does not know who asks: {}", address(at),
                            at.user.empty() ? "it wants a user and a password" : "not with this user and password"),
                "`user` and `password: $NAME` as under [unix_http_server] or [inet_http_server]");
  auto code = answer.status / 100 == 5 ? Code::unavailable : Code::invalid;
  return fail(code, fmt::format("{} answers {} to what supervisord is asked", address(at), answer.status),
              "is `server` supervisord's own address?");
}

Error as_error(const RpcFault& fault, const std::string& doing) {
  auto code = fault.is(FaultCode::shutting_down) ? Code::unavailable : Code::invalid;
  return {code, fmt::format("{}: supervisor says {}", doing, printable(fault.text.substr(0, 200)))};
}

spec::Mark mark_of(const spec::Value& given, std::string_view key) {
  auto found = given.find(key);
  return found ? found->mark : given.mark;
}

}  // namespace

bool reachable(const SupervisorPlace& at, const spec::Value& given, spec::Diagnostics& d) {
  constexpr std::string_view kForms[] = {"/", "unix:///", "http://", "https://"};
  bool known = std::ranges::any_of(kForms, [&](auto form) { return at.server.starts_with(form); });
  if (!known)
    d.add(mark_of(given, "server"), fmt::format("`{}`", at.server), "/run/supervisor.sock, or http://host:port");
  bool named = at.password.empty() || ports::secret_in(at.password);
  if (!named) d.add(mark_of(given, "password"), "a password in the plan", "$NAME, and NAME under `secrets:`");
  bool both = at.user.empty() == at.password.empty();
  if (!both)
    d.add(mark_of(given, at.user.empty() ? "password" : "user"), at.user.empty() ? "no `user`" : "no `password`",
          "both `user` and `password`, or neither");
  return known && named && both;
}

Task<RpcAnswer> Supervisor::call(std::string method, std::vector<Json> parameters) {
  auto auth = http_auth("", at_.user, at_.password);
  if (!auth) co_return std::unexpected(auth.error());
  auto answer = co_await out_.http.send({.method = "POST",
                                         .url = rpc_url(at_.server),
                                         .body = rpc_request("supervisor." + method, parameters),
                                         .headers = {{"Content-Type", "text/xml"}},
                                         .timeout = 5s,
                                         .auth = *auth,
                                         .most = kMostOfAnAnswer});
  if (!answer) {
    auto error = answer.error();
    error.message = "supervisord: " + error.message;
    if (error.hint.empty()) error.hint = "does supervisord run, may Davy use its socket, and is `server` its address?";
    co_return std::unexpected(std::move(error));
  }
  if (auto fine = accepted(at_, *answer); !fine) co_return std::unexpected(fine.error());
  auto read = rpc_answer(answer->body);
  if (!read) read.error().message = address(at_) + ": " + read.error().message;
  co_return read;
}

Task<Json> Supervisor::ask(std::string method, std::vector<Json> parameters, std::string doing) {
  auto answer = co_await call(std::move(method), std::move(parameters));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->fault) co_return std::unexpected(as_error(*answer->fault, doing));
  co_return std::move(answer->value);
}

Task<std::vector<Program>> Supervisor::programs(std::string which) {
  auto answer = co_await ask("getAllProcessInfo", {}, "asking for its programs");
  if (!answer) co_return std::unexpected(answer.error());
  auto all = programs_of(*answer);
  if (!all) co_return std::unexpected(all.error());
  auto some = chosen(*all, which);
  if (!some) co_return some;
  for (auto& one : *some)
    if (one.state == ProgramState::unknown)
      co_return fail(Code::unavailable,
                     fmt::format("supervisor does not know the state of {}", printable(full_name(one))),
                     "its own log says why");
  co_return some;
}

Task<std::vector<std::vector<std::string>>> Supervisor::order(std::string which) {
  auto some = co_await programs(which);
  if (!some) co_return std::unexpected(some.error());
  if (some->size() == 1) co_return in_order(*some, {});
  auto answer = co_await ask("getAllConfigInfo", {}, "asking for the priorities of its programs");
  if (!answer) co_return std::unexpected(answer.error());
  auto priorities = priorities_of(*answer);
  if (!priorities) co_return std::unexpected(priorities.error());
  co_return in_order(*some, *priorities);
}

Task<std::vector<ports::Home>> Supervisor::homes(std::string which) {
  auto some = co_await programs(which);
  if (!some) co_return std::unexpected(some.error());
  auto answer = co_await ask("getAllConfigInfo", {}, "asking where its programs start");
  if (!answer) co_return std::unexpected(answer.error());
  auto known = homes_of(*answer);
  if (!known) co_return std::unexpected(known.error());
  std::vector<ports::Home> out;
  for (auto& p : *some) {
    auto name = printable(full_name(p));
    auto home = known->find(full_name(p));
    if (home == known->end() || home->second.command.empty())
      co_return fail(Code::unavailable, "supervisor does not say where " + name + " starts", "supervisor 4 does");
    out.push_back({.what = name,
                   .directory = home->second.directory,
                   .directory_line = "directory=",
                   .program = home->second.command,
                   .program_line = "command=",
                   .where = fmt::format("in its configuration of {}, then `supervisorctl update`", name)});
  }
  co_return out;
}

// A spawn that failed shows as BACKOFF or FATAL to whoever looks, with more to say.
Task<> Supervisor::start(std::string name) {
  auto answer = co_await call("startProcess", {name, false});
  if (!answer) co_return std::unexpected(answer.error());
  auto& fault = answer->fault;
  if (!fault || fault->is(FaultCode::already_started) || fault->is(FaultCode::spawn_error)) co_return Result<>();
  co_return std::unexpected(as_error(*fault, "starting " + printable(name)));
}

Task<> Supervisor::stop(std::string name) {
  auto answer = co_await call("stopProcess", {name, false});
  if (!answer) co_return std::unexpected(answer.error());
  auto& fault = answer->fault;
  if (!fault || fault->is(FaultCode::not_running)) co_return Result<>();
  co_return std::unexpected(as_error(*fault, "stopping " + printable(name)));
}

ports::asio::awaitable<std::string> Supervisor::last_words_of(std::string name) {
  constexpr int kEnd = 4096;
  for (auto method : {"tailProcessStderrLog", "tailProcessStdoutLog"}) {
    auto answer = co_await ask(method, {name, 0, kEnd}, "reading its log");
    bool read = answer && answer->is_array() && !answer->empty() && answer->front().is_string();
    auto words = read ? last_words(answer->front().get_ref<const std::string&>()) : std::string();
    if (!words.empty()) co_return words;
  }
  co_return "";
}

}  // namespace davy::providers
