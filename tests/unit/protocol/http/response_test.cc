#include "core/protocol/http/response.h"

#include <gtest/gtest.h>

namespace postern::http {
namespace {

TEST(ResponseTest, IsTheLastOfItsConnection) {
  Response response;
  response.body = "ok\n";
  EXPECT_EQ(serialise(response, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nok\n");
}

TEST(ResponseTest, HeadAnnouncesTheLengthAndSendsNothing) {
  Response response;
  response.status = 405;
  response.allow = "GET, HEAD";
  response.body = "no\n";
  const Bytes octets = serialise(response, true);
  EXPECT_NE(octets.find("HTTP/1.1 405 Method Not Allowed\r\n"), Bytes::npos);
  EXPECT_NE(octets.find("Content-Length: 3\r\n"), Bytes::npos);
  EXPECT_TRUE(octets.ends_with("Allow: GET, HEAD\r\n\r\n"));
}

}  // namespace
}  // namespace postern::http
