#include "io/net/received.h"

#include "io/net/hostile_testing.h"

namespace davy::io {
namespace {

constexpr int kQueue = 4 * 1024 * 1024;
constexpr std::int64_t kMost = 1024 * 1024, kRecord = 17 * 1024;  // the longest record, header and all (RFC 8446, 5.2)

// Both ends of TLS over a queue in memory that holds all a server sends, so that more always lies ready.
class Pair {
 public:
  Pair() {
    server_context_ = tls_of(Certificate());
    server_.reset(::SSL_new(server_context_->native_handle()));
    client_.reset(::SSL_new(client_context_.native_handle()));
    BIO *near = nullptr, *far = nullptr;
    ::BIO_new_bio_pair(&near, kQueue, &far, kQueue);
    ::SSL_set_bio(client_.get(), near, near), ::SSL_set_bio(server_.get(), far, far);
    ::SSL_set_connect_state(client_.get()), ::SSL_set_accept_state(server_.get());
    for (int i = 0; i < 10; ++i) ::SSL_do_handshake(client_.get()), ::SSL_do_handshake(server_.get());
  }
  SSL* client() { return client_.get(); }

  void send(std::int64_t bytes) {
    std::string text(static_cast<std::size_t>(bytes), 'x');
    ASSERT_EQ(::SSL_write(server_.get(), text.data(), static_cast<int>(bytes)), bytes);
  }
  std::int64_t read_all() {  // and says by `ended` why there was no more
    std::int64_t all = 0;
    char bytes[4096];
    int n = 0;
    while ((n = ::SSL_read(client(), bytes, sizeof bytes)) > 0) all += n;
    ended = ::SSL_get_error(client(), n);
    return all;
  }
  int ended = SSL_ERROR_NONE;

 private:
  struct Free {
    void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  };
  std::shared_ptr<asio::ssl::context> server_context_;
  asio::ssl::context client_context_{asio::ssl::context::tls_client};
  std::unique_ptr<SSL, Free> server_, client_;
};

TEST(Meter, EndsTheInputWhileMoreLiesReady) {
  Pair pair;
  auto meter = std::make_shared<Meter>(kMost);
  ASSERT_TRUE(count_records(pair.client(), meter));
  pair.send(3 * kMost);
  EXPECT_LE(pair.read_all(), kMost);
  EXPECT_EQ(pair.ended, SSL_ERROR_ZERO_RETURN);
  EXPECT_GT(meter->read, kMost);
  EXPECT_LE(meter->read, kMost + kRecord);
}

TEST(Meter, LetsThroughWhatIsAllowed) {
  Pair pair;
  auto meter = std::make_shared<Meter>(kMost);
  ASSERT_TRUE(count_records(pair.client(), meter));
  pair.send(kMost / 2);
  EXPECT_EQ(pair.read_all(), kMost / 2);
  EXPECT_EQ(pair.ended, SSL_ERROR_WANT_READ);
  EXPECT_GE(meter->read, kMost / 2);
}

TEST(Meter, CountsForTheOneWhoAskedLast) {
  Pair pair;
  auto first = std::make_shared<Meter>(kMost), second = std::make_shared<Meter>(kMost);
  ASSERT_TRUE(count_records(pair.client(), first));
  pair.send(kMost * 3 / 4), pair.read_all();
  auto then = first->read;
  ASSERT_TRUE(count_records(pair.client(), second));
  std::weak_ptr<Meter> gone = first;
  first.reset();
  EXPECT_TRUE(gone.expired());
  pair.send(kMost * 3 / 4);
  EXPECT_EQ(pair.read_all(), kMost * 3 / 4);
  EXPECT_GE(second->read, kMost * 3 / 4);
  EXPECT_LT(second->read, then + kRecord);
}

}  // namespace
}  // namespace davy::io
