#include "io/net/dialer.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

#include "io/net/net.h"
#include "io/net/stream.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostRead = 4 * 1024 * 1024, kMostHeard = 64 * 1024;

ports::Task<std::string> question(std::string address, std::string text) {
  auto socket = co_await open_stream(address);
  if (!socket) co_return std::unexpected(socket.error());
  auto [unsent, sent] = co_await asio::async_write(*socket, asio::buffer(text), kAsTuple);
  if (unsent) co_return std::unexpected(network_error("writing to " + address, unsent));
  std::string answer;
  auto [error, size] = co_await asio::async_read(*socket, asio::dynamic_buffer(answer, kMostRead), kAsTuple);
  if (error == asio::error::eof) co_return answer;
  if (!error) co_return fail(Code::invalid, "the answer of " + address + " is larger than 4 MiB");
  co_return std::unexpected(network_error("reading from " + address, error));
}

ports::Task<> reach(std::string address) {
  auto socket = co_await open_stream(address);
  if (!socket) co_return std::unexpected(socket.error());
  co_return Result<>();
}

// What was heard so far outlives a talk that is cut short.
struct Talk {
  ports::Dialogue said;
  bool connected = false;
};

// Reads until `until` stands in what is heard; what came behind it is the next turn's. False: the other side closed, or
// said too much.
ports::Task<bool> listen(StreamSocket& socket, std::string until, std::string& ahead, std::string& heard,
                         std::size_t most) {
  for (heard = std::exchange(ahead, {});;) {
    if (auto at = heard.find(until); at != heard.npos) {
      ahead = heard.substr(at + until.size());
      heard.resize(at + until.size());
      co_return true;
    }
    if (heard.size() >= most) co_return false;
    char piece[4096];
    auto [error, size] = co_await socket.async_read_some(asio::buffer(piece), kAsTuple);
    heard.append(piece, std::min(size, most - heard.size()));
    if (error) co_return heard.contains(until);
  }
}

ports::Task<> converse(std::string address, std::vector<ports::Turn> turns, std::shared_ptr<Talk> talk) {
  auto socket = co_await open_stream(address);
  if (!socket) co_return std::unexpected(socket.error());
  talk->connected = true;
  std::string ahead;
  auto left = kMostHeard;
  for (auto& turn : turns) {
    auto& heard = talk->said.heard.emplace_back();
    auto [unsent, sent] = co_await asio::async_write(*socket, asio::buffer(turn.send), kAsTuple);
    if (unsent) co_return Result<>();
    auto came = co_await listen(*socket, turn.until, ahead, heard, left);
    if (!came || !*came) co_return Result<>();
    left -= std::min(left, heard.size());
  }
  talk->said.whole = true;
  co_return Result<>();
}

}  // namespace

ports::Task<ports::Dialogue> Dialer::talk(std::string address, std::vector<ports::Turn> turns, Duration timeout) {
  auto talk = std::make_shared<Talk>();
  auto done = co_await within(timeout, "talking to " + address, converse(address, std::move(turns), talk));
  bool cut = !done && done.error().code == Code::timed_out && talk->connected;
  if (!done && !cut) co_return std::unexpected(done.error());
  co_return talk->said;
}

ports::Task<std::string> Dialer::ask(std::string address, std::string text, Duration timeout) {
  if (!text.ends_with('\n')) text += '\n';
  return within(timeout, "asking " + address, question(address, std::move(text)));
}

ports::Task<> Dialer::connect(std::string address, Duration timeout) {
  return within(timeout, "connecting to " + address, reach(address));
}

}  // namespace davy::io
