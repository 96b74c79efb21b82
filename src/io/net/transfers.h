// libcurl's multi interface on Asio: curl says which sockets to wait for and until when, Asio waits.
#pragma once
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <vector>

#include "io/net/transfer.h"

namespace davy::io {

// All transfers of one io_context, and the connections that they leave for the next: at most 16, for 30 s, one request
// at a time on each. Shut down with the context: then nothing stays open. Not for contexts that run in several threads.
class Transfers final : public asio::execution_context::service {
 public:
  using key_type = Transfers;
  static asio::execution_context::id id;

  explicit Transfers(asio::execution_context&);
  ~Transfers() override;
  static Transfers& of(const asio::any_io_executor&);  // whose context must be an io_context

  bool add(Transfer&);  // rings its bell when it has ended; false: out of memory, or shut down
  void remove(Transfer&);
  std::size_t connections() const { return counted_.size(); }  // open ones, kept ones with them

 private:
  struct Socket {
    Socket(asio::io_context& context, int fd) : descriptor(context, fd) {}
    asio::posix::stream_descriptor descriptor;
    Transfer* transfer = nullptr;
    int wanted = 0;
    bool reading = false, writing = false;
  };
  using Held = std::shared_ptr<Socket>;

  static int socket_wanted(CURL*, curl_socket_t, int what, void* self, void*);
  static int timer_wanted(CURLM*, long milliseconds, void* self);
  static curl_socket_t open(void* self, curlsocktype, curl_sockaddr*);
  static int close(void* self, curl_socket_t);

  void shutdown() noexcept override;
  void watch(int fd, int what, Transfer*);
  void arm(int fd, const Held&);
  void came(int fd, const Held&, int event);
  void act(int fd, int event);
  void count(int fd, const Held&);
  void finish(Transfer&, CURLcode);

  asio::io_context& context_;
  std::optional<asio::steady_timer> timer_;
  CURLM* multi_;
  std::vector<Transfer*> under_way_;
  std::map<int, Held> watched_;
  std::map<int, std::int64_t> counted_;  // by connection: what was put down to a transfer
};

}  // namespace davy::io
