// What is kept until somebody takes it is bounded. A browser that sends a beacon does not wait for the answer, so a
// refusal costs the page nothing.
#include "io/net/http_listener.h"

#include <algorithm>

#include "io/net/http_server.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostPosts = 5'000, kMostBytes = 4 << 20;
constexpr unsigned kTaken = 204, kForbidden = 403, kNotFound = 404, kNoSuchMethod = 405, kTooMany = 429;

struct Box {
  ports::ListenAt at;
  ports::Posted posted = {};
  std::size_t bytes = 0;

  bool keep(std::string body) {
    if (posted.bodies.size() >= kMostPosts || bytes + body.size() > kMostBytes) return ++posted.refused, false;
    bytes += body.size();
    posted.bodies.push_back(std::move(body));
    return true;
  }
  bool welcome(std::string_view origin) const {
    auto is = [&](auto& one) { return one == "*" || one == origin; };
    return origin.empty() || at.origins.empty() || std::ranges::any_of(at.origins, is);
  }
  unsigned outcome(HttpAsked& asked) {
    if (asked.path() != at.path) return kNotFound;
    if (asked.method != "POST" && asked.method != "OPTIONS") return kNoSuchMethod;
    if (!welcome(asked.origin)) return ++posted.refused, kForbidden;
    if (asked.method == "OPTIONS") return kTaken;
    return keep(std::move(asked.body)) ? kTaken : kTooMany;
  }
  // sendBeacon sends cookies along, and then a browser wants the origin itself for an answer, not `*`.
  void allow(HttpSaid& said, const HttpAsked& asked) const {
    if (at.origins.empty() || asked.origin.empty()) return;
    said.headers.emplace_back("Vary", "Origin");
    if (!welcome(asked.origin)) return;
    said.headers.emplace_back("Access-Control-Allow-Origin", asked.origin);
    said.headers.emplace_back("Access-Control-Allow-Credentials", "true");
    if (asked.method != "OPTIONS") return;
    said.headers.emplace_back("Access-Control-Allow-Methods", "POST");
    said.headers.emplace_back("Access-Control-Allow-Headers", "content-type");
    said.headers.emplace_back("Access-Control-Max-Age", "86400");
  }
  HttpSaid answer(HttpAsked asked) {
    HttpSaid said{.status = outcome(asked)};
    allow(said, asked);
    if (said.status == kNoSuchMethod) said.headers.emplace_back("Allow", "POST, OPTIONS");
    return said;
  }
};

class Opened final : public ports::Mailbox {
 public:
  Opened(std::shared_ptr<Box> box, std::unique_ptr<HttpServer> server)
      : box_(std::move(box)), server_(std::move(server)) {}
  ports::Posted take() override {
    box_->bytes = 0;
    return std::exchange(box_->posted, {});
  }

 private:
  std::shared_ptr<Box> box_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

Result<std::unique_ptr<ports::Mailbox>> HttpListener::listen(ports::ListenAt at) {
  auto box = std::make_shared<Box>(std::move(at));
  auto server = HttpServer::open(executor_, {.address = box->at.address,
                                             .patience = box->at.patience,
                                             .answer = [box](HttpAsked asked) { return box->answer(std::move(asked)); },
                                             .refused = [box] { ++box->posted.refused; }});
  if (!server) return std::unexpected(server.error());
  return std::make_unique<Opened>(box, *std::move(server));
}

}  // namespace davy::io
