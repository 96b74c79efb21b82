#include "io/net/transfers.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "io/net/received.h"

namespace davy::io {

asio::execution_context::id Transfers::id;

namespace {

constexpr long kMostKept = 16, kKeptSeconds = 30;
// What the kernel takes in ahead of us; by itself it would go up to 32 MB for each connection.
constexpr int kReceiveBuffer = 256 * 1024;

Transfer* transfer_of(CURL* easy) {  // none: a handle of curl's own
  char* transfer = nullptr;
  ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return reinterpret_cast<Transfer*>(transfer);
}

}  // namespace

Transfers::Transfers(asio::execution_context& context)
    : service(context),
      context_(static_cast<asio::io_context&>(context)),
      timer_(context_),
      multi_(::curl_multi_init()) {
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Transfers::socket_wanted);
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Transfers::timer_wanted);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  ::curl_multi_setopt(multi_, CURLMOPT_PIPELINING, long{CURLPIPE_NOTHING});  // a connection's bytes are one transfer's
  ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMostKept);
}

Transfers::~Transfers() { shutdown(); }

Transfers& Transfers::of(const asio::any_io_executor& executor) {
  return asio::use_service<Transfers>(asio::query(executor, asio::execution::context));
}

void Transfers::shutdown() noexcept {
  if (!multi_) return;
  ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  for (auto& [fd, socket] : watched_) socket->wanted = 0, socket->descriptor.release();
  watched_.clear();
  for (auto* transfer : under_way_) ::curl_multi_remove_handle(multi_, transfer->easy()), transfer->home_ = nullptr;
  under_way_.clear();
  timer_.reset();
  ::curl_multi_cleanup(multi_);
  multi_ = nullptr;
}

bool Transfers::add(Transfer& transfer) {
  auto* easy = transfer.easy();
  under_way_.reserve(under_way_.size() + 1);
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfers::open);
  ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Transfers::close);
  ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  ::curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kKeptSeconds);
  if (!multi_ || ::curl_multi_add_handle(multi_, easy) != CURLM_OK) return false;
  transfer.home_ = this;
  under_way_.push_back(&transfer);
  return true;
}

void Transfers::remove(Transfer& transfer) {
  ::curl_multi_remove_handle(multi_, transfer.easy());
  transfer.home_ = nullptr;
  std::erase(under_way_, &transfer);
  for (auto& [fd, socket] : watched_)
    if (socket->transfer == &transfer) socket->transfer = nullptr;
}

void Transfers::finish(Transfer& transfer, CURLcode code) {
  remove(transfer);
  // An answer without a length looks whole when it was cut off for its size.
  transfer.code_ = code == CURLE_OK && transfer.too_large() ? CURLE_ABORTED_BY_CALLBACK : code;
  transfer.bell_->cancel();
}

// curl's callbacks. An error answered to curl would be the end of all transfers, so it ends the one that it concerns.
int Transfers::socket_wanted(CURL* easy, curl_socket_t fd, int what, void* self, void*) {
  auto* transfer = transfer_of(easy);
  try {
    static_cast<Transfers*>(self)->watch(fd, what, transfer);
  } catch (const std::exception&) {
    if (transfer) transfer->no_memory_ = true;
  }
  return 0;
}

int Transfers::timer_wanted(CURLM*, long milliseconds, void* self) {
  auto& all = *static_cast<Transfers*>(self);
  try {
    all.timer_->cancel();
    if (milliseconds < 0) return 0;
    all.timer_->expires_after(std::chrono::milliseconds(milliseconds));
    all.timer_->async_wait([&all](auto error) {
      if (!error) all.act(CURL_SOCKET_TIMEOUT, 0);
    });
  } catch (const std::exception&) {
    for (auto* transfer : all.under_way_) transfer->no_memory_ = true;  // any of them may have waited for that time
  }
  return 0;
}

curl_socket_t Transfers::open(void* self, curlsocktype, curl_sockaddr* to) {
  auto fd = ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  try {
    static_cast<Transfers*>(self)->counted_[fd] = 0;
  } catch (const std::exception&) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
  return fd;
}

int Transfers::close(void* self, curl_socket_t fd) {
  static_cast<Transfers*>(self)->counted_.erase(fd);
  return ::close(fd);
}

void Transfers::watch(int fd, int what, Transfer* transfer) {
  auto found = watched_.find(fd);
  if (what == CURL_POLL_REMOVE) {
    if (found == watched_.end()) return;
    count(fd, found->second);
    found->second->wanted = 0;
    found->second->descriptor.release();  // it is curl's to close
    watched_.erase(found);
    return;
  }
  if (found == watched_.end()) found = watched_.emplace(fd, std::make_shared<Socket>(context_, fd)).first;
  found->second->transfer = transfer;
  found->second->wanted = what;
  arm(fd, found->second);
}

void Transfers::arm(int fd, const Held& socket) {
  using Wait = asio::posix::stream_descriptor;
  if ((socket->wanted & CURL_POLL_IN) && !socket->reading) {
    socket->descriptor.async_wait(Wait::wait_read, [this, fd, socket](auto error) {
      socket->reading = false;
      if (!error) came(fd, socket, CURL_CSELECT_IN);
    });
    socket->reading = true;
  }
  if ((socket->wanted & CURL_POLL_OUT) && !socket->writing) {
    socket->descriptor.async_wait(Wait::wait_write, [this, fd, socket](auto error) {
      socket->writing = false;
      if (!error) came(fd, socket, CURL_CSELECT_OUT);
    });
    socket->writing = true;
  }
}

void Transfers::came(int fd, const Held& socket, int event) {
  if (socket->wanted & event) act(fd, event);  // CURL_POLL_IN and CURL_CSELECT_IN are the same bit
  if (!socket->wanted) return;
  try {
    arm(fd, socket);
  } catch (const std::exception&) {
    if (auto* transfer = socket->transfer) transfer->no_memory_ = true, finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
  }
}

// What the connection brought since the last count is the transfer's that has it now.
void Transfers::count(int fd, const Held& socket) {
  auto before = counted_.find(fd);
  if (before == counted_.end()) return;  // a socket of curl's own
  auto now = received_on(fd);
  if (socket->transfer) socket->transfer->arrived_ += now - before->second;
  before->second = now;
}

void Transfers::act(int fd, int event) {
  static_assert(CURL_POLL_IN == CURL_CSELECT_IN && CURL_POLL_OUT == CURL_CSELECT_OUT);
  int running = 0, left = 0;
  ::curl_multi_socket_action(multi_, fd, event, &running);
  while (auto* said = ::curl_multi_info_read(multi_, &left))
    if (said->msg == CURLMSG_DONE) finish(*transfer_of(said->easy_handle), said->data.result);
  for (auto& [each, socket] : watched_)
    if (each == fd || fd == CURL_SOCKET_TIMEOUT) count(each, socket);
  for (auto i = under_way_.size(); i-- > 0;)  // from the end: finish() takes it out
    if (auto* transfer = under_way_[i]; transfer->too_large() || transfer->no_memory_)
      finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
}

}  // namespace davy::io
