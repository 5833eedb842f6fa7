#include "core/protocol/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>

namespace postern::http {

namespace beast = boost::beast::http;

struct RequestParser::Machine {
  Machine() {
    parser.header_limit(kMostOctets);
    parser.body_limit(0);
    parser.eager(false);
  }
  beast::request_parser<beast::empty_body> parser;
};

RequestParser::RequestParser() : machine_(std::make_unique<Machine>()) {}
RequestParser::~RequestParser() = default;

RequestParser::State RequestParser::feed(ByteView octets) {
  if (state_ != State::incomplete) return state_;
  const std::size_t room = kMostOctets - received_;
  const bool too_much = octets.size() > room;
  octets = octets.substr(0, room);
  received_ += octets.size();
  pending_ += octets;
  state_ = step();
  if (state_ == State::incomplete && too_much) state_ = State::too_large;
  return state_;
}

RequestParser::State RequestParser::step() {
  auto& parser = machine_->parser;
  while (!parser.is_header_done()) {
    boost::system::error_code failed;
    const std::size_t used = parser.put(boost::asio::buffer(pending_), failed);
    pending_.erase(0, used);
    if (failed == beast::error::need_more) return State::incomplete;
    if (failed == beast::error::header_limit) return State::too_large;
    if (failed) return State::malformed;
    if (used == 0) return State::incomplete;
  }
  const auto& message = parser.get();
  const bool has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
  if (has_body || message.version() < 10 || message.version() > 11) return State::malformed;
  const std::string target(message.target().data(), message.target().size());
  request_.method.assign(message.method_string().data(), message.method_string().size());
  request_.path = target.substr(0, target.find('?'));
  return State::complete;
}

}  // namespace postern::http
