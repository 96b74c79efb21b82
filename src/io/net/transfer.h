// A transfer of libcurl, carried out by the loop of the io_context in which it is awaited.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <optional>

#include "base/units.h"
#include "io/net/net.h"
#include "io/net/received.h"
#include "ports/task.h"

namespace davy::io {

class Transfers;

// `easy()` takes the options; carry_out() does it once. Bytes are counted by the kernel for TCP, by records of TLS, and
// by what curl shows of HTTP/1 before it takes that apart; the highest count is what `most` bounds (decision 0019).
class Transfer {
 public:
  explicit Transfer(Bytes most);
  ~Transfer();  // takes it out of the loop, and closes its connection
  Transfer(const Transfer&) = delete;

  CURL* easy() const { return easy_.get(); }

  // How it ended. Code::cancelled; Code::unavailable: no memory for it, or the loop is shut down.
  ports::Task<CURLcode> carry_out();

  // It was ended because of that, with CURLE_ABORTED_BY_CALLBACK.
  bool too_large() const { return std::max({arrived_, shown_, meter_->read}) > meter_->most; }

  // A connection stood and the request was begun.
  bool asked() const { return asked_; }

  // As curl tells why, else empty.
  const char* text() const { return text_; }

 private:
  friend class Transfers;
  struct Cleanup {
    void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
  };
  static int asks(void* transfer, char*, char*, int, int);
  static int show(CURL*, curl_infotype, char*, std::size_t size, void* transfer);

  std::shared_ptr<Meter> meter_;
  std::int64_t arrived_ = 0, shown_ = 0;
  std::unique_ptr<CURL, Cleanup> easy_;
  Transfers* home_ = nullptr;  // while it is under way
  std::optional<asio::steady_timer> bell_;
  CURLcode code_ = CURLE_OK;
  bool asked_ = false, no_memory_ = false;
  char text_[CURL_ERROR_SIZE] = {};
};

}  // namespace davy::io
