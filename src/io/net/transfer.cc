#include "io/net/transfer.h"

#include "io/net/transfers.h"

namespace davy::io {

// curl wants to be set up once, before any thread of its own.
static CURL* new_easy() {
  static const auto ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  return ready == CURLE_OK ? ::curl_easy_init() : nullptr;
}

Transfer::Transfer(Bytes most) : meter_(std::make_shared<Meter>(most.value)), easy_(new_easy()) {
  if (!easy_) return;
  ::curl_easy_setopt(easy(), CURLOPT_PRIVATE, this);
  ::curl_easy_setopt(easy(), CURLOPT_ERRORBUFFER, text_);
  ::curl_easy_setopt(easy(), CURLOPT_VERBOSE, 1L);  // or it shows nothing
  ::curl_easy_setopt(easy(), CURLOPT_DEBUGFUNCTION, &Transfer::show);
  ::curl_easy_setopt(easy(), CURLOPT_DEBUGDATA, this);
  ::curl_easy_setopt(easy(), CURLOPT_PREREQFUNCTION, &Transfer::asks);
  ::curl_easy_setopt(easy(), CURLOPT_PREREQDATA, this);
}

Transfer::~Transfer() {
  if (home_) home_->remove(*this);
}

// The connection stands, new or kept.
int Transfer::asks(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.asked_ = true;
  curl_tlssessioninfo* tls = nullptr;
  ::curl_easy_getinfo(transfer.easy(), CURLINFO_TLS_SSL_PTR, &tls);
  if (!tls || !tls->internals || tls->backend != CURLSSLBACKEND_OPENSSL) return CURL_PREREQFUNC_OK;  // in the clear
  try {
    transfer.no_memory_ |= !count_records(static_cast<SSL*>(tls->internals), transfer.meter_);
  } catch (const std::exception&) {
    transfer.no_memory_ = true;
  }
  return transfer.no_memory_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

// Lines of headers, and bodies before chunks are taken apart.
int Transfer::show(CURL*, curl_infotype type, char*, std::size_t size, void* transfer) {
  if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN)
    static_cast<Transfer*>(transfer)->shown_ += static_cast<std::int64_t>(size);
  return 0;
}

ports::Task<CURLcode> Transfer::carry_out() {
  if (!easy_) co_return fail(Code::unavailable, "there is no memory for a request");
  auto executor = co_await asio::this_coro::executor;
  bell_.emplace(executor, asio::steady_timer::time_point::max());
  if (!Transfers::of(executor).add(*this)) co_return fail(Code::unavailable, "no request can be begun any more");
  co_await bell_->async_wait(kAsTuple);
  if (home_) {
    home_->remove(*this);
    co_return fail(Code::cancelled, "a request was cancelled");
  }
  if (no_memory_) co_return fail(Code::unavailable, "there is no memory for a request");
  co_return code_;
}

}  // namespace davy::io
