// Record decoders over hostile octets: no crash, and whatever is accepted is spelled the one way its encoder writes it.

#include <cstdint>
#include <cstdlib>

#include "storage/chunk_codec.h"
#include "storage/object_codec.h"
#include "storage/records_codec.h"
#include "storage/target_codec.h"

using namespace postern;
using namespace postern::storage;

template <class Decode, class Encode>
static void round_trip(ByteView octets, Decode decode, Encode encode) {
  const auto record = decode(octets);
  if (record && encode(*record) != octets) std::abort();
}

/// The first octet chooses the decoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 21) {
    case 0:
      round_trip(octets, decode_mailbox, encode_mailbox);
      break;
    case 1:
      round_trip(octets, decode_entry, encode_entry);
      break;
    case 2:
      round_trip(octets, decode_history, encode_history);
      break;
    case 3:
      round_trip(octets, decode_snapshot, encode_snapshot);
      break;
    case 4:
      round_trip(octets, decode_target, encode_target);
      break;
    case 5:
      round_trip(octets, decode_target_mailbox, encode_target_mailbox);
      break;
    case 6:
      round_trip(octets, decode_binding, encode_binding);
      break;
    case 7:
      round_trip(octets, decode_intent, encode_intent);
      break;
    case 8:
      round_trip(octets, decode_quarantine, encode_quarantine);
      break;
    case 9:
      round_trip(octets, decode_totals, encode_totals);
      break;
    case 10:
      round_trip(octets, decode_pass_summary, encode_pass_summary);
      break;
    case 11:
      round_trip(octets, decode_account, encode_account);
      break;
    case 12:
      round_trip(
          octets, [](ByteView value) { return decode_recipe(Digest(), value); },
          [](const Recipe& recipe) { return encode_recipe(Digest(), recipe); });
      break;
    case 14:
      round_trip(octets, decode_store_intent, encode_store_intent);
      break;
    case 15:
      round_trip(octets, decode_guard_hold, encode_guard_hold);
      break;
    case 16:
      round_trip(octets, decode_audit, encode_audit);
      break;
    case 17:
      round_trip(octets, decode_origin, encode_origin);
      break;
    case 18:
      round_trip(octets, decode_doubt, encode_doubt);
      break;
    case 19:
      round_trip(octets, decode_dictionary, encode_dictionary);
      break;
    default:
      if (const auto chunk = decode_chunk(octets, {}); chunk && chunk->size() > kMaxChunk) std::abort();
  }
  return 0;
}
