#pragma once

// Commands without arguments.

namespace postern::imap {

class Encoder;

struct Capability {};
struct Noop {};
/// Session announces the hand-over on OK.
struct StartTls {};
/// COMPRESS DEFLATE (RFC 4978); the session announces the hand-over on OK.
struct CompressDeflate {};
/// IDLE (RFC 2177); ended by Session::done().
struct Idle {};
/// RFC 2342.
struct NamespaceCommand {};
/// UNSELECT (RFC 3691): leaves the mailbox without expunging.
struct Unselect {};
/// CLOSE: expunges where the mailbox is selected read-write. Prefer Unselect.
struct Close {};
struct Logout {};

void encode(const Capability&, Encoder& out);
void encode(const Noop&, Encoder& out);
void encode(const StartTls&, Encoder& out);
void encode(const CompressDeflate&, Encoder& out);
void encode(const Idle&, Encoder& out);
void encode(const NamespaceCommand&, Encoder& out);
void encode(const Unselect&, Encoder& out);
void encode(const Close&, Encoder& out);
void encode(const Logout&, Encoder& out);

}  // namespace postern::imap
