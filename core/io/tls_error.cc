#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/io/tls_stream.h"

namespace postern {

std::string tls_take_reason() {
  std::uint32_t code = 0;
  while (const std::uint32_t next = ERR_get_error()) code = next;
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

Error tls_handshake_error() {
  const std::uint32_t code = ERR_peek_error();
  const std::string reason = tls_take_reason();
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return {ErrorKind::protocol, "TLS failed: " + reason};
  switch (ERR_GET_REASON(code)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNEXPECTED_RECORD:
      return Error(ErrorKind::protocol, "the server does not speak TLS on this port")
          .remedy("check port and tls: implicit TLS is usually on 993 (IMAP) or 995 (POP3), starttls on 143 or 110");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return Error(ErrorKind::security, "the server offers no TLS version that is still safe (1.2 or later)")
          .remedy("the server's software must be updated");
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_BAD_SIGNATURE:
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return Error(ErrorKind::security, "the server's TLS is not acceptable: " + reason)
          .remedy("the server's software or configuration must be updated");
    default:
      break;
  }
  const bool alert = ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET;
  return {alert ? ErrorKind::transient : ErrorKind::protocol, "TLS failed: " + reason};
}

}  // namespace postern
