#pragma once

#include "core/protocol/imap/cursor.h"
#include "core/protocol/imap/response_code.h"

namespace postern::imap {

/// resp-text-code between its brackets (RFC 9051 §7.1), "[" already taken, "]" taken here. A code that is not known is
/// kept as text; a known one with impossible arguments is dropped under Quirk::malformed_code, but APPENDUID and
/// COPYUID then fail: what they would have us believe writes to the books.
bool read_code(Cursor& in, ResponseCode& out);

/// capability-data: 1*(SP capability), up to "]" or the end.
bool read_capabilities(Cursor& in, std::vector<std::string>& out);

}  // namespace postern::imap
