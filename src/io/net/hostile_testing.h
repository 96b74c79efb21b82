// A server that answers as no server should: scripts over one connection, in the clear or in TLS.
#pragma once
#include <zlib.h>

#include "io/net/net_testing.h"

namespace davy::io {

class Peer {
 public:
  virtual ~Peer() = default;
  virtual void send(std::string_view) = 0;  // throws when the client has left
  virtual void read_head() = 0;
  virtual void wait_until_left() = 0;
  virtual void reset() = 0;  // so that the client hears "connection reset"
};
using Script = std::function<void(Peer&)>;

template <class Stream>
class PeerOn final : public Peer {
 public:
  PeerOn(Stream& stream, std::atomic<std::int64_t>& sent) : stream_(stream), sent_(sent) {}
  void send(std::string_view text) override {
    while (!text.empty()) {
      auto n = stream_.write_some(asio::buffer(text));
      sent_ += static_cast<std::int64_t>(n), text.remove_prefix(n);
    }
  }
  void read_head() override { head_from(stream_); }
  void wait_until_left() override {
    boost::system::error_code error;
    char bytes[256];
    while (!error) stream_.read_some(asio::buffer(bytes), error);
  }
  void reset() override { stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0)); }

 private:
  Stream& stream_;
  std::atomic<std::int64_t>& sent_;
};

// The server of one script. `tls`: how it shows itself; then `sent()` is without what TLS adds.
class HostileServer {
 public:
  explicit HostileServer(Script script, std::shared_ptr<asio::ssl::context> tls = {})
      : tls_(std::move(tls)), server_([this, script](Server::tcp::socket& socket) {
          socket.set_option(asio::socket_base::send_buffer_size(64 * 1024));
          if (!tls_) return play(script, socket);
          asio::ssl::stream<Server::tcp::socket&> stream(socket, *tls_);
          stream.handshake(asio::ssl::stream_base::server);
          play(script, stream);
        }) {}
  std::string url(const std::string& host = "127.0.0.1") const {
    return (tls_ ? "https://" : "http://") + host + ":" + server_.port() + "/";
  }
  std::int64_t sent() const { return sent_; }

 private:
  template <class Stream>
  void play(const Script& script, Stream& stream) {
    PeerOn<Stream> peer(stream, sent_);
    script(peer);
  }
  std::atomic<std::int64_t> sent_ = 0;
  std::shared_ptr<asio::ssl::context> tls_;
  Server server_;
};

inline Script answers(std::string text) {  // and closes
  return [text](Peer& peer) { peer.read_head(), peer.send(text); };
}
inline Script answers_and_waits(std::string text) {
  return [text](Peer& peer) { peer.read_head(), peer.send(text), peer.wait_until_left(); };
}
inline Script never_ends(std::string begin, std::string piece) {
  std::string block;
  while (block.size() < 16 * 1024) block += piece;
  return [begin, block](Peer& peer) {
    peer.read_head(), peer.send(begin);
    for (;;) peer.send(block);
  };
}
inline Script drips(std::string begin, std::string rest, Duration pause) {
  return [begin, rest, pause](Peer& peer) {
    peer.read_head(), peer.send(begin);
    for (auto& c : rest) peer.send({&c, 1}), std::this_thread::sleep_for(pause);
  };
}

inline std::shared_ptr<asio::ssl::context> tls_of(const Certificate& certificate, bool http2 = false) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->use_certificate_chain(asio::buffer(certificate.pem()));
  tls->use_private_key(asio::buffer(certificate.key_pem()), asio::ssl::context::pem);
  if (http2)
    ::SSL_CTX_set_alpn_select_cb(
        tls->native_handle(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned, void*) {
          static constexpr unsigned char kH2[] = {'h', '2'};
          *out = kH2, *size = 2;
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
  return tls;
}

inline std::string gzipped(const std::string& text) {
  z_stream z{};
  ::deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<unsigned>(text.size());
  z.next_out = reinterpret_cast<unsigned char*>(out.data());
  z.avail_out = static_cast<unsigned>(out.size());
  ::deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

}  // namespace davy::io
