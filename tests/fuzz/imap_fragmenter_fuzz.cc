// The fragmenter gives the same octets whatever the segments, and its work is linear in them.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/protocol/imap/fragmenter.h"

namespace {

using postern::imap::Fragmenter;
using postern::imap::Limits;
using postern::imap::QuirkCounts;

struct Outcome {
  std::string read;
  std::uint64_t work = 0;
};

/// What literals are is decided by the octets before them, so that both runs decide alike.
void decide(Fragmenter& fragmenter, const Fragmenter::Announced& announced, std::string& out) {
  const auto size = postern::imap::parse_literal_size(announced.spec);
  if (!size) return fragmenter.plain_text();
  const bool keep = announced.octets.size() % 2 == 0;
  out += keep ? "[keep]" : "[stream" + std::string(announced.octets) + "]";
  const auto ready = keep ? fragmenter.keep_literal(*size) : fragmenter.stream_literal(*size);
  if (!ready) out += "[refused]";
}

Outcome run(std::string_view octets, std::size_t segment) {
  QuirkCounts quirks;
  Fragmenter fragmenter(Limits::before_authentication(), quirks);
  Outcome outcome;
  while (!octets.empty()) {
    const std::string piece(octets.substr(0, segment));
    octets.remove_prefix(piece.size());
    fragmenter.feed(piece);
    for (;;) {
      const auto fragment = fragmenter.next();
      if (!fragment) {
        outcome.read += "[failed]";
        return outcome;
      }
      if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) break;
      if (const auto* announced = std::get_if<Fragmenter::Announced>(&*fragment))
        decide(fragmenter, *announced, outcome.read);
      if (const auto* literal = std::get_if<Fragmenter::LiteralPiece>(&*fragment)) {
        outcome.read += std::string(literal->octets) + (literal->last ? "[last]" : "");
      }
      if (const auto* complete = std::get_if<Fragmenter::Complete>(&*fragment)) {
        outcome.read += std::string(complete->octets) + "[complete]";
      }
    }
  }
  outcome.work = fragmenter.work();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const Outcome whole = run(octets, size == 0 ? 1 : size);
  for (const std::size_t segment : {std::size_t{1}, std::size_t{5}}) {
    const Outcome cut = run(octets, segment);
    if (cut.read != whole.read || cut.work > 8 * size + 1024) std::abort();
  }
  return 0;
}
