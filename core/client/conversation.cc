#include "core/client/conversation.h"

namespace postern::client {

Task<Result<void>> Conversation::act(imap::Event, Wait) {
  co_return fail(ErrorKind::protocol, "the server waits for something that it was not offered");
}

Task<Result<void>> Conversation::room(Wait) { co_return Result<void>(); }

}  // namespace postern::client
