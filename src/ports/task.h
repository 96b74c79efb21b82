// Every port answers with a coroutine that returns a Result and never throws. A port never calls back.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace davy::ports {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace davy::ports
