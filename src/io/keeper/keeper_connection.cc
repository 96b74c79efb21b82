// Handlers hold the state weakly or as shared_ptr, never the connection: an engine may be destroyed in the middle of
// everything. All of it runs on one executor that runs one handler at a time.
#include "io/keeper/keeper_connection.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <deque>
#include <map>
#include <tuple>

#include "io/keeper/keeper_socket.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;

constexpr int kMostTries = 40;  // to reach a keeper, in a row
constexpr auto kBetweenTries = 50ms;

Result<Fd> connect_to_keeper(const std::string& spool) {
  auto where = socket_path(spool, "ctl");
  if (!where) return std::unexpected(where.error());
  Fd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, where->path.c_str(), where->path.size() + 1);
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  return std::unexpected(system_error("connecting to the keeper of " + spool));
}

struct Call {
  explicit Call(asio::any_io_executor executor) : bell(std::move(executor), asio::steady_timer::time_point::max()) {}
  std::function<Request()> make;
  std::optional<Result<Reply>> reply;
  asio::steady_timer bell;  // rings when there is a reply
};

}  // namespace

class KeeperConnection::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::any_io_executor executor, std::string spool, StartKeeper start_keeper)
      : executor_(std::move(executor)),
        spool_(std::move(spool)),
        start_keeper_(std::move(start_keeper)),
        socket_(executor_),
        pause_(executor_) {}

  std::uint64_t add(const std::shared_ptr<Call>& call) {
    calls_[++last_] = call;
    if (socket_.is_open())
      enqueue({last_, call->make()});
    else
      connect();
    return last_;
  }

  void remove(std::uint64_t number) { calls_.erase(number); }

  // Without a connection there is nothing to give up: a keeper's questions die with it. Nobody waits for its answer.
  void give_up(std::uint64_t number) {
    if (socket_.is_open()) enqueue({++last_, GiveUpAsking{number}});
  }

  void close() {
    closed_ = true;
    drop_socket();
    pause_.cancel();
    answer_all(fail(Code::cancelled, "Davy is ending"));
  }

 private:
  void connect() {
    if (closed_ || waiting_ || socket_.is_open()) return;
    auto fd = connect_to_keeper(spool_);
    if (!fd) {
      auto started = start_keeper_();
      if (!started) return answer_all(std::unexpected(started.error()));
      fd = connect_to_keeper(spool_);
    }
    if (!fd) return try_later(fd.error());
    socket_.assign(fd->release());
    for (auto& [number, call] : calls_) enqueue({number, call->make()});
    listen();
  }

  // The one before is still on its way out: it holds the lock, but its socket is gone.
  void try_later(const Error& why) {
    if (++tries_ > kMostTries) {
      tries_ = 0;
      return answer_all(std::unexpected(why));
    }
    waiting_ = true;
    pause_.expires_after(kBetweenTries);
    pause_.async_wait([weak = weak_from_this()](error_code) {
      auto self = weak.lock();
      if (!self) return;
      self->waiting_ = false;
      self->connect();
    });
  }

  void enqueue(NumberedRequest request) {
    auto text = encode(request);
    wipe(request.request);
    for (auto& packet : to_packets(text)) outbox_.push_back(std::move(packet));
    wipe(text);
    send();
  }

  void send() {
    while (!outbox_.empty()) {
      auto& packet = outbox_.front();
      if (::send(socket_.native_handle(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) break;
      wipe(packet);
      outbox_.pop_front();
    }
    if (outbox_.empty() || sending_) return;
    sending_ = true;  // full, or dead: then the reader hears of it
    socket_.async_wait(asio::posix::stream_descriptor::wait_write, [self = shared_from_this()](error_code error) {
      self->sending_ = false;
      if (!error && self->socket_.is_open()) self->send();
    });
  }

  void listen() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code error) {
      if (!error) self->receive();
    });
  }

  void receive() {
    for (;;) {
      auto n = ::recv(socket_.native_handle(), block_.data(), block_.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return listen();
      if (n <= 0) return lost();
      auto state = assembler_.add({block_.data(), static_cast<std::size_t>(n)});
      if (state == Assembler::State::broken) return lost();
      if (state == Assembler::State::whole) heard(assembler_.take());
      if (!socket_.is_open()) return;
    }
  }

  void heard(const std::string& message) {
    tries_ = 0;
    auto reply = decode_reply(message);
    if (!reply) return answer_all(std::unexpected(reply.error()));
    const auto* error = std::get_if<Error>(&reply->reply);
    if (error && reply->number == 0) return answer_all(std::unexpected(*error));  // it understood nothing
    auto call = calls_.extract(reply->number);
    if (!call) return;
    ring(*call.mapped(), error ? Result<Reply>(std::unexpected(*error)) : std::move(reply->reply));
  }

  void lost() {
    drop_socket();
    if (!calls_.empty()) connect();
  }

  void drop_socket() {
    error_code ignored;
    socket_.close(ignored);
    for (auto& packet : outbox_) wipe(packet);
    outbox_.clear();
    assembler_.take();
  }

  static void ring(Call& call, Result<Reply> reply) {
    call.reply = std::move(reply);
    call.bell.cancel();
  }

  void answer_all(const Result<Reply>& reply) {
    for (auto& [number, call] : std::exchange(calls_, {})) ring(*call, reply);
  }

  asio::any_io_executor executor_;
  std::string spool_;
  StartKeeper start_keeper_;
  asio::posix::stream_descriptor socket_;
  asio::steady_timer pause_;
  bool waiting_ = false, sending_ = false, closed_ = false;
  int tries_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Call>> calls_;
  std::uint64_t last_ = 0;
  std::deque<std::string> outbox_;
  Assembler assembler_;
  std::array<char, 2 * kLargestPacket> block_;
};

KeeperConnection::KeeperConnection(asio::any_io_executor executor, std::string spool, StartKeeper start_keeper)
    : state_(std::make_shared<State>(std::move(executor), std::move(spool), std::move(start_keeper))) {}

KeeperConnection::~KeeperConnection() { state_->close(); }

// One co_await only: after a cancellation another would throw.
ports::Task<Reply> KeeperConnection::ask(std::function<Request()> make_request, Cancelled cancelled, Duration within) {
  auto state = state_;
  auto call = std::make_shared<Call>(co_await asio::this_coro::executor);
  call->make = std::move(make_request);
  if (within != kForever) call->bell.expires_after(within);
  boost::system::error_code woken;
  auto number = state->add(call);
  if (!call->reply && cancelled == Cancelled::nothing)
    std::tie(woken) = co_await call->bell.async_wait(
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)));
  else if (!call->reply)
    std::tie(woken) = co_await call->bell.async_wait(asio::as_tuple(asio::use_awaitable));
  state->remove(number);
  if (call->reply) co_return std::move(*call->reply);
  if (cancelled == Cancelled::all) state->give_up(number);
  if (!woken) co_return fail(Code::timed_out, fmt::format("the keeper has not answered within {}", human(within)));
  co_return fail(Code::cancelled, "waiting for the keeper was cancelled");
}

}  // namespace davy::io
