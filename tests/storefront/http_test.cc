#include "http.h"

#include <gmock/gmock.h>

namespace storefront {
namespace {
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Requests, AreTakenOnceTheyAreComplete) {
  const std::string whole = "POST /api/orders?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    std::string part = whole.substr(0, n);
    Request request;
    EXPECT_EQ(take_request(part, request), Parsed::incomplete) << n;
    EXPECT_EQ(part.size(), n);
  }
  std::string two = whole + whole;
  Request request;
  EXPECT_EQ(take_request(two, request), Parsed::complete);
  EXPECT_EQ(request.method + request.path + request.body, "POST/api/ordersabc");
  EXPECT_EQ(two, whole);
}

TEST(Requests, KeepTheConnectionUnlessSomebodySaysClose) {
  const auto keeps = [](std::string text) {
    Request request;
    EXPECT_EQ(take_request(text, request), Parsed::complete);
    return request.keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nconnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(Requests, ThatAreNotAreBad) {
  for (std::string text : {"hello\r\n\r\n", "GET\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n", "GET / SPDY/3\r\n\r\n",
                           "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\r\n\r\n",
                           "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
                           "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    Request request;
    const auto shown = text;
    EXPECT_EQ(take_request(text, request), Parsed::bad) << shown;
  }
  std::string endless(20'000, 'x');
  Request request;
  EXPECT_EQ(take_request(endless, request), Parsed::bad);
}

TEST(Responses, CarryTheVersionAndSayWhenTheyClose) {
  EXPECT_THAT(to_wire({200, "text/plain", "hi"}, {"7", true, false}),
              HasSubstr("X-Version: 7\r\nConnection: close\r\n\r\nhi"));
  const auto head = to_wire({200, "text/plain", "hi"}, {"7", false, true});
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 2"));
  EXPECT_THAT(head, Not(HasSubstr("Connection")));
}

}  // namespace
}  // namespace storefront
