// How the store's calls wait: the work is begun on whatever thread does it, and its answer is posted to the caller's
// own executor, never run in place, so memory and disk order a caller's coroutines alike.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "ports/task.h"

namespace davy::store {

namespace asio = boost::asio;

// May be called on any thread, once. (Not any_completion_handler: in Boost 1.81 posting one recurses to a crash.)
template <class T>
using Answer = std::move_only_function<void(Result<T>)>;

// Calls begin(Answer<T>) and waits for the answer. Cancelling the caller neither stops the work nor loses its answer:
// whoever asked for a record must learn whether it was written. The executor must live until the answer came.
template <class T, class Begin>
ports::Task<T> answered(Begin begin) {
  auto initiate = [&begin](auto handler) {
    // Tracked work keeps io_context::run() from returning while the answer is still on its way.
    auto executor = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    begin(Answer<T>([executor, handler = std::move(handler)](Result<T> result) mutable {
      asio::post(executor, [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      });
    }));
  };
  // The only co_await, and at once: a caller that was cancelled before has thrown at its own, and a cancellation that
  // comes later is met by no other. So none throws here.
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(std::move(initiate),
                                                                                          asio::use_awaitable);
}

}  // namespace davy::store
