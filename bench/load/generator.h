// Open loop: request i is due at start + i / rate, whatever became of the ones before. One thread, one epoll.
//
// A request that finds no free connection waits for one; if none gets free in time it is `unsent`, which is this
// program's fault and never counted as lost. A kept-alive connection may be closed by the server at the very moment it
// is used again: then, and only if not one byte of an answer came, the request is sent once more on a new connection,
// as browsers do, and counted as a retry.
#pragma once
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "answer.h"
#include "options.h"
#include "tally.h"

namespace load {

class Generator {
 public:
  Generator(const Options& options, Tally& tally);
  ~Generator();
  Generator(const Generator&) = delete;

  void run(int stop_signal_fd);

 private:
  struct Request {
    Moment due, sent;
    std::string_view method, path;
    std::uint32_t client = 0;
    bool retried = false;
  };
  // A place for one connection. It stays the same user while connections come and go: cookies belong to it.
  struct Slot {
    int fd = -1;
    std::uint32_t generation = 0;  // tells events of this connection from those of the one before
    bool busy = false;
    bool reused = false;
    std::uint64_t turn = 0;  // tells this request's deadline from those of earlier ones
    Request request;
    AnswerReader reader;
    std::string out;
    std::map<std::string, std::string> cookies;
  };
  struct Deadline {
    Moment at;
    std::size_t slot;
    std::uint64_t turn;
  };

  void on_event(std::uint64_t key);
  void on_signal(int fd);
  void issue_what_is_due();
  Request next_request();
  std::uint32_t next_client();
  void begin(std::size_t slot, Request request);
  void send_on(std::size_t slot);
  bool connect(std::size_t slot);
  std::string wire(const Slot&) const;
  void flush(std::size_t slot);
  void read(std::size_t slot);
  void at_end_of_stream(std::size_t slot);
  void finish(std::size_t slot);
  void fail(std::size_t slot, Outcome outcome);
  void release(std::size_t slot);
  void disconnect(Slot& slot);
  void record(const Request&, Outcome, const Answer& answer = {});
  void expire();
  void abandon_the_rest();
  bool over() const;
  Moment next_wake() const;

  const Options& options_;
  Tally& tally_;
  int epoll_;
  std::vector<Slot> slots_;
  std::deque<std::size_t> idle_;
  std::deque<Request> waiting_;
  std::deque<Deadline> deadlines_;  // in order, for all have the same timeout
  std::mt19937_64 random_;
  Moment start_{}, stop_at_{}, give_up_at_ = Moment::max(), next_live_{};
  std::uint64_t issued_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace load
