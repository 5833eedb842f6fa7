#include "core/protocol/http/response.h"

namespace postern::http {

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

Bytes serialise(const Response& response, bool head) {
  Bytes octets = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_phrase(response.status)) +
                 "\r\nContent-Type: " + response.content_type +
                 "\r\nContent-Length: " + std::to_string(response.body.size()) +
                 "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n";
  if (!response.allow.empty()) octets += "Allow: " + response.allow + "\r\n";
  octets += "\r\n";
  if (!head) octets += response.body;
  return octets;
}

}  // namespace postern::http
