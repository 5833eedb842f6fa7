#include "core/protocol/http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace postern::http {
namespace {

using State = RequestParser::State;

State state_of(const std::string& octets) { return RequestParser().feed(octets); }

TEST(RequestParserTest, ReadsARequestCutAnywhere) {
  const std::string octets = "GET /metrics?x=1 HTTP/1.1\r\nHost: localhost:9187\r\nAccept: */*\r\n\r\n";
  for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
    RequestParser parser;
    const State first = parser.feed(octets.substr(0, cut));
    EXPECT_EQ(first, cut == octets.size() ? State::complete : State::incomplete) << cut;
    EXPECT_EQ(parser.feed(octets.substr(cut)), State::complete) << cut;
    EXPECT_EQ(parser.request().method, "GET");
    EXPECT_EQ(parser.request().path, "/metrics");
  }
}

TEST(RequestParserTest, ReadsARequestOctetByOctet) {
  const std::string octets = "HEAD /healthz HTTP/1.0\r\n\r\n";
  RequestParser parser;
  for (std::size_t i = 0; i + 1 < octets.size(); ++i) {
    ASSERT_EQ(parser.feed(octets.substr(i, 1)), State::incomplete) << i;
  }
  EXPECT_EQ(parser.feed(octets.substr(octets.size() - 1)), State::complete);
  EXPECT_EQ(parser.request().method, "HEAD");
}

TEST(RequestParserTest, RefusesWhatIsNoRequest) {
  for (const std::string octets : {
           "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",  // a TLS hello
           "GET\r\n\r\n",
           "GET /\r\n\r\n",
           "GET / HTTP/2.0\r\n\r\n",
           "GET / HTTP/0.9\r\n\r\n",
           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
           "GET / HTTP/1.1\nHost: x\n\n",
       }) {
    EXPECT_EQ(state_of(octets), State::malformed) << octets;
  }
}

TEST(RequestParserTest, RefusesEveryBody) {
  for (const std::string field :
       {"Content-Length: 1", "Transfer-Encoding: chunked", "Content-Length: 18446744073709551616", "Content-Length: -1",
        "Content-Length: 0\r\nContent-Length: 5"}) {
    EXPECT_EQ(state_of("GET / HTTP/1.1\r\n" + field + "\r\n\r\n"), State::malformed) << field;
  }
  EXPECT_EQ(state_of("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), State::complete);
}

TEST(RequestParserTest, HoldsNoMoreThanItsLimit) {
  const std::string start = "GET / HTTP/1.1\r\nA: ";
  EXPECT_EQ(state_of(start + std::string(RequestParser::kMostOctets, 'x')), State::too_large);
  EXPECT_EQ(state_of(std::string(RequestParser::kMostOctets + 1, 'G')), State::too_large);
  RequestParser parser;
  State state = parser.feed(start);
  std::size_t fed = start.size();
  while (state == State::incomplete) {
    ASSERT_LE(fed, RequestParser::kMostOctets);
    state = parser.feed("x");
    ++fed;
  }
  EXPECT_EQ(state, State::too_large);
}

TEST(RequestParserTest, AFinalStateStays) {
  RequestParser parser;
  EXPECT_EQ(parser.feed("GET / HTTP/1.1\r\n\r\nGET /other HTTP/1.1\r\n\r\n"), State::complete);
  EXPECT_EQ(parser.feed("nonsense"), State::complete);
  EXPECT_EQ(parser.request().path, "/");
}

}  // namespace
}  // namespace postern::http
