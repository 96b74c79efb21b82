#include "generator.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>

namespace load {
namespace {

constexpr std::uint64_t kSignal = ~std::uint64_t{0};
constexpr std::string_view kOrder = R"({"item":"lamp","quantity":1})";
constexpr auto kLongest = std::chrono::milliseconds(200);

Clock::duration of_seconds(double s) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s));
}

std::string address_of(std::uint32_t client) {
  return fmt::format("10.{}.{}.{}", client >> 16 & 255, client >> 8 & 255, client & 255);
}

}  // namespace

Generator::Generator(const Options& options, Tally& tally)
    : options_(options),
      tally_(tally),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      slots_(options.connections),
      random_(options.seed) {
  for (std::size_t i = 0; i < slots_.size(); ++i) idle_.push_back(i);
}

Generator::~Generator() {
  for (auto& slot : slots_) disconnect(slot);
  close(epoll_);
}

void Generator::run(int stop_signal_fd) {
  epoll_event signal{.events = EPOLLIN, .data = {.u64 = kSignal}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, stop_signal_fd, &signal);
  start_ = Clock::now();
  next_live_ = start_ + std::chrono::seconds(1);
  stop_at_ = options_.seconds > 0 ? start_ + of_seconds(options_.seconds) : Moment::max();
  std::array<epoll_event, 256> events;
  while (!over()) {
    const auto wait = std::max(next_wake() - Clock::now(), Clock::duration::zero());
    const timespec timeout{.tv_sec = wait / std::chrono::seconds(1),
                           .tv_nsec = (wait % std::chrono::seconds(1)).count()};
    const int n = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < n; ++i) {
      const auto key = events[static_cast<std::size_t>(i)].data.u64;
      key == kSignal ? on_signal(stop_signal_fd) : on_event(key);
    }
    issue_what_is_due();
    expire();
  }
  abandon_the_rest();
}

bool Generator::over() const {
  const auto now = Clock::now();
  return now >= give_up_at_ || (now >= stop_at_ && busy_ == 0 && waiting_.empty());
}

Moment Generator::next_wake() const {
  const auto now = Clock::now();
  auto wake = now + kLongest;
  if (!deadlines_.empty()) wake = std::min(wake, deadlines_.front().at);
  if (now < stop_at_) wake = std::min(wake, start_ + of_seconds(static_cast<double>(issued_) / options_.rate));
  return wake;
}

// The first signal ends the sending and waits a moment for what is out; the second one does not wait.
void Generator::on_signal(int fd) {
  signalfd_siginfo info;
  if (::read(fd, &info, sizeof info) <= 0) return;
  const auto now = Clock::now();
  give_up_at_ = now < stop_at_ ? now + std::min(of_seconds(options_.timeout), of_seconds(1)) : now;
  stop_at_ = std::min(stop_at_, now);
}

void Generator::issue_what_is_due() {
  const auto now = Clock::now();
  for (;;) {
    const auto due = start_ + of_seconds(static_cast<double>(issued_) / options_.rate);
    if (due > now || due >= stop_at_) break;
    auto request = next_request();
    request.due = due;
    waiting_.push_back(request);
  }
  while (!waiting_.empty() && !idle_.empty()) {
    const auto slot = idle_.front();
    idle_.pop_front();
    auto request = waiting_.front();
    waiting_.pop_front();
    if (options_.sticky) request.client = static_cast<std::uint32_t>(slot % options_.clients);
    begin(slot, request);
  }
  if (options_.live && now >= next_live_) {
    fmt::print(stderr, "{}\n", tally_.live_line());
    next_live_ += std::chrono::seconds(1);
  }
}

Generator::Request Generator::next_request() {
  const auto& path = options_.paths[issued_++ % options_.paths.size()];
  const bool posts = path == "/api/orders" && std::uniform_real_distribution<>(0, 1)(random_) < options_.post_share;
  return {.method = posts ? "POST" : "GET", .path = path, .client = next_client()};
}

// Zipf with exponent 1 without a table: the logarithm of a client's rank is uniform.
std::uint32_t Generator::next_client() {
  const double u = std::uniform_real_distribution<>(0, 1)(random_);
  if (!options_.zipf) return static_cast<std::uint32_t>(u * options_.clients);
  return static_cast<std::uint32_t>(std::exp(u * std::log(options_.clients + 1.0))) - 1;
}

void Generator::begin(std::size_t i, Request request) {
  auto& slot = slots_[i];
  slot.busy = true;
  ++busy_, ++slot.turn;
  slot.request = request;
  slot.request.sent = Clock::now();
  deadlines_.push_back({slot.request.sent + of_seconds(options_.timeout), i, slot.turn});
  send_on(i);
}

void Generator::send_on(std::size_t i) {
  auto& slot = slots_[i];
  slot.reader.reset();
  slot.out = wire(slot);
  if (slot.fd < 0 && !connect(i)) return;
  flush(i);
}

std::string Generator::wire(const Slot& slot) const {
  std::string cookies;
  for (const auto& [name, value] : slot.cookies) cookies += (cookies.empty() ? "Cookie: " : "; ") + name + "=" + value;
  if (!cookies.empty()) cookies += "\r\n";
  const auto& r = slot.request;
  const auto body = r.method == "POST" ? kOrder : std::string_view{};
  return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {}\r\n{}{}{}\r\n{}", r.method, r.path,
                     options_.host, address_of(r.client), cookies, options_.keep_alive ? "" : "Connection: close\r\n",
                     body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size()), body);
}

// False: it failed, and is recorded.
bool Generator::connect(std::size_t i) {
  auto& slot = slots_[i];
  slot.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  slot.reused = false;
  ++slot.generation;
  if (slot.fd < 0) return fail(i, Outcome::unsent), false;
  const int on = 1;
  setsockopt(slot.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = i << 32 | slot.generation}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.fd, &event);
  const auto& to = options_.target;
  if (::connect(slot.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EINPROGRESS) return true;
  return fail(i, errno == EADDRNOTAVAIL ? Outcome::unsent : Outcome::refused), false;
}

void Generator::on_event(std::uint64_t key) {
  const auto i = static_cast<std::size_t>(key >> 32);
  auto& slot = slots_[i];
  if (slot.fd < 0 || slot.generation != static_cast<std::uint32_t>(key)) return;
  if (!slot.out.empty()) flush(i);
  if (slot.fd >= 0 && slot.generation == static_cast<std::uint32_t>(key)) read(i);
}

void Generator::flush(std::size_t i) {
  auto& slot = slots_[i];
  while (!slot.out.empty()) {
    const auto n = send(slot.fd, slot.out.data(), slot.out.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == ENOTCONN || errno == EINTR))
      return;  // connecting, or full: epoll will say
    // A broken pipe may still hold an answer (a 503 that did not wait for the request): reading tells.
    if (n < 0)
      return errno == EPIPE ? slot.out.clear() : fail(i, errno == ECONNREFUSED ? Outcome::refused : Outcome::reset);
    slot.out.erase(0, static_cast<std::size_t>(n));
  }
}

void Generator::read(std::size_t i) {
  auto& slot = slots_[i];
  const auto generation = slot.generation;
  std::array<char, 16 * 1024> block;
  while (slot.fd >= 0 && slot.generation == generation) {
    const auto n = recv(slot.fd, block.data(), block.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) return;
    if (n == 0) return at_end_of_stream(i);
    if (!slot.busy) return disconnect(slot);  // closed, broken or talking out of turn while idle: of no use any more
    if (n < 0) return fail(i, errno == ECONNREFUSED ? Outcome::refused : Outcome::reset);
    const auto progress = slot.reader.feed({block.data(), static_cast<std::size_t>(n)});
    if (progress == AnswerReader::Progress::bad) return fail(i, Outcome::garbled);
    if (progress == AnswerReader::Progress::complete) return finish(i);
  }
}

void Generator::at_end_of_stream(std::size_t i) {
  auto& slot = slots_[i];
  if (!slot.busy) return disconnect(slot);
  if (slot.reader.at_end_of_stream() == AnswerReader::Progress::bad) return fail(i, Outcome::reset);
  disconnect(slot);
  finish(i);
}

void Generator::finish(std::size_t i) {
  auto& slot = slots_[i];
  const auto& answer = slot.reader.answer();
  if (options_.sticky)
    for (const auto& cookie : answer.cookies) {
      const auto equals = cookie.find('=');
      if (equals != cookie.npos) slot.cookies[cookie.substr(0, equals)] = cookie.substr(equals + 1);
    }
  record(slot.request, Outcome::answered, answer);
  if (answer.close || !options_.keep_alive || !slot.out.empty()) disconnect(slot);
  slot.reused = true;
  release(i);
}

void Generator::fail(std::size_t i, Outcome outcome) {
  auto& slot = slots_[i];
  const bool stale = outcome == Outcome::reset && slot.reused && slot.reader.empty() && !slot.request.retried;
  disconnect(slot);
  if (stale) {
    slot.request.retried = true;
    return send_on(i);
  }
  record(slot.request, outcome);
  release(i);
}

void Generator::release(std::size_t i) {
  slots_[i].busy = false;
  slots_[i].out.clear();
  --busy_;
  idle_.push_back(i);
}

void Generator::disconnect(Slot& slot) {
  if (slot.fd >= 0) close(slot.fd);
  slot.fd = -1;
}

void Generator::record(const Request& request, Outcome outcome, const Answer& answer) {
  tally_.add({.due = request.due,
              .sent = request.sent,
              .done = Clock::now(),
              .outcome = outcome,
              .status = answer.status,
              .clean_503 = answer.status == 503 && answer.retry_after,
              .retried = request.retried,
              .version = answer.version,
              .method = request.method,
              .path = request.path,
              .client = request.client});
}

void Generator::expire() {
  const auto now = Clock::now();
  for (; !deadlines_.empty(); deadlines_.pop_front()) {
    const auto next = deadlines_.front();
    const auto& slot = slots_[next.slot];
    const bool still_out = slot.busy && slot.turn == next.turn;
    if (still_out && next.at > now) break;
    if (still_out) fail(next.slot, Outcome::timed_out);
  }
  for (; !waiting_.empty() && waiting_.front().due + of_seconds(options_.timeout) <= now; waiting_.pop_front()) {
    waiting_.front().sent = now;
    record(waiting_.front(), Outcome::unsent);
  }
}

void Generator::abandon_the_rest() {
  for (auto& slot : slots_)
    if (slot.busy) record(slot.request, Outcome::abandoned);
  for (auto& request : waiting_) {
    request.sent = Clock::now();
    record(request, Outcome::unsent);
  }
}

}  // namespace load
