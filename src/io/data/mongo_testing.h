// MongoDB's side of the wire, for tests: a server of the test's own, in the clear or in TLS. It speaks the real format
// (OP_MSG, BSON), and knows what the test says.
#pragma once
#include <libbson-1.0/bson/bson.h>

#include <boost/asio/read.hpp>
#include <mutex>

#include "io/data/mongo.h"
#include "io/net/hostile_testing.h"
#include "spec/json.h"

namespace davy::io {

inline std::string little_endian(std::uint32_t n) {
  return {static_cast<char>(n), static_cast<char>(n >> 8), static_cast<char>(n >> 16), static_cast<char>(n >> 24)};
}
inline std::string bson_of(std::string_view json) {
  bson_error_t error;
  auto* document = ::bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                        static_cast<ssize_t>(json.size()), &error);
  EXPECT_TRUE(document) << error.message << " in " << json;
  if (!document) return {};
  std::string out(reinterpret_cast<const char*>(::bson_get_data(document)), document->len);
  ::bson_destroy(document);
  return out;
}
inline std::string json_of(std::string_view bson) {
  bson_t view;
  if (!::bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bson.data()), bson.size())) return "no document";
  auto* text = ::bson_as_relaxed_extended_json(&view, nullptr);
  std::string out = text ? text : "no document";
  ::bson_free(text);
  return out;
}

// A message as a server sends it; each part may be wrong.
struct Message {
  std::string document;
  std::uint32_t answers = 1, code = 2013, flags = 0, length = 0;  // 0: as long as it is
  char kind = 0;
  std::string bytes() const {
    auto size = length ? length : static_cast<std::uint32_t>(21 + document.size());
    return little_endian(size) + little_endian(77) + little_endian(answers) + little_endian(code) +
           little_endian(flags) + kind + document;
  }
};

struct MongoQuestion {
  std::uint32_t id = 0;
  spec::Json json;
  std::string name() const { return json.begin().key(); }
};

constexpr const char* kHello =
    R"({"isWritablePrimary":true,"maxWireVersion":21,"maxBsonObjectSize":16777216,"ok":1.0})";
constexpr const char* kNoSuchCommand =
    R"({"ok":0.0,"errmsg":"no such command: 'x'","code":59,"codeName":"CommandNotFound"})";

// Answers each question by `answer`: bytes, nothing to be silent. It remembers what was asked.
class MongoServer {
 public:
  using Answer = std::function<std::string(const MongoQuestion&)>;
  explicit MongoServer(Answer answer, std::shared_ptr<asio::ssl::context> tls = {})
      : answer_(std::move(answer)), tls_(std::move(tls)), server_([this](Server::tcp::socket& socket) {
          if (!tls_) return serve(socket);
          asio::ssl::stream<Server::tcp::socket&> stream(socket, *tls_);
          stream.handshake(asio::ssl::stream_base::server);
          serve(stream);
        }) {}
  std::string port() const { return server_.port(); }
  std::string host() const { return "127.0.0.1:" + port(); }
  std::string url(const std::string& options = "") const { return "mongodb://" + host() + "/" + options; }
  std::vector<spec::Json> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  spec::Json last(const std::string& name) {
    spec::Json out;
    for (auto& one : asked())
      if (one.begin().key() == name) out = one;
    return out;
  }
  std::int64_t sent() const { return sent_; }

 private:
  template <class Stream>
  void serve(Stream& stream) {
    for (;;) {
      std::string head(16, '\0');
      asio::read(stream, asio::buffer(head));
      auto at = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(head[i])}; };
      std::string rest((at(0) | at(1) << 8 | at(2) << 16) - 16, '\0');
      asio::read(stream, asio::buffer(rest));
      MongoQuestion question{at(4) | at(5) << 8, *spec::parse_json(json_of(std::string_view(rest).substr(5)))};
      {
        std::lock_guard lock(mutex_);
        asked_.push_back(question.json);
      }
      auto whole = answer_(question);
      for (std::string_view text = whole; !text.empty();) {
        auto n = stream.write_some(asio::buffer(text));
        sent_ += static_cast<std::int64_t>(n), text.remove_prefix(n);
      }
    }
  }

  Answer answer_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::mutex mutex_;
  std::vector<spec::Json> asked_;
  std::atomic<std::int64_t> sent_ = 0;
  Server server_;
};

inline std::string as_message(const MongoQuestion& q, std::string_view json) {
  return Message{.document = bson_of(json), .answers = q.id}.bytes();
}
// A server that knows these commands, by name; `hello` unless the test says another.
inline MongoServer::Answer knows(std::map<std::string, std::string> answers) {
  answers.try_emplace("hello", kHello);
  return [answers](const MongoQuestion& q) {
    auto found = answers.find(q.name());
    return as_message(q, found == answers.end() ? kNoSuchCommand : found->second);
  };
}

template <class T>
Result<T> finished(ports::Task<T> task) {
  asio::io_context context;
  return Going(context, std::move(task)).get();
}

}  // namespace davy::io
