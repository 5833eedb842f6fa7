// Any octets, any segments: the same responses, none with an impossible value.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/protocol/imap/fragmenter.h"
#include "core/protocol/imap/response_parser.h"

namespace {

using namespace postern::imap;

void check(const FetchData& fetch) {
  if (fetch.uid && fetch.uid->value() == 0) std::abort();
  if (fetch.flags && fetch.flags->size() > Limits{}.flags) std::abort();
  if (fetch.rfc822_size && *fetch.rfc822_size > INT64_MAX) std::abort();
}

void check(const StatusResponse& status) {
  const auto* copied = status.code.copy_uid();
  if (copied == nullptr) return;
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  for (const auto& range : copied->source) source += range.size();
  for (const auto& range : copied->target) target += range.size();
  if (source != target) std::abort();
}

class Reader {
 public:
  std::string run(std::string_view octets, std::size_t segment) {
    while (!octets.empty() && !failed_) {
      const std::string piece(octets.substr(0, segment));
      octets.remove_prefix(piece.size());
      fragmenter_.feed(piece);
      while (!failed_) {
        const auto fragment = fragmenter_.next();
        if (!fragment) return trace_ + "F";
        if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) break;
        take(*fragment);
      }
    }
    return trace_;
  }

 private:
  void take(const Fragmenter::Fragment& fragment) {
    if (const auto* announced = std::get_if<Fragmenter::Announced>(&fragment)) literal(*announced);
    if (const auto* line = std::get_if<Fragmenter::LongLine>(&fragment)) {
      const auto taken = parser_.long_line(line->octets);
      failed_ = !taken;
      if (taken && *taken > 0) fragmenter_.consume(*taken);
    }
    if (const auto* complete = std::get_if<Fragmenter::Complete>(&fragment)) {
      const auto response = parser_.finish(complete->octets);
      failed_ = !response;
      if (!response) return;
      trace_ += static_cast<char>('a' + response->index());
      if (const auto* fetch = std::get_if<FetchData>(&*response)) check(*fetch);
      if (const auto* status = std::get_if<StatusResponse>(&*response)) check(*status);
    }
  }
  void literal(const Fragmenter::Announced& announced) {
    const auto use = parser_.literal_use(announced.octets);
    if (use == ResponseParser::LiteralUse::text) return fragmenter_.plain_text();
    const auto size = parse_literal_size(announced.spec);
    failed_ = !size;
    if (failed_) return;
    if (use == ResponseParser::LiteralUse::keep) {
      failed_ = !fragmenter_.keep_literal(*size);
    } else {
      failed_ = !parser_.fetch_to_literal(announced.octets) || !fragmenter_.stream_literal(*size);
      trace_ += 'L';
    }
  }

  QuirkCounts quirks_;
  Fragmenter fragmenter_{Limits{}, quirks_};
  ResponseParser parser_{Limits{}, quirks_};
  std::string trace_;
  bool failed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const std::string whole = Reader().run(octets, size == 0 ? 1 : size);
  const std::string cut = Reader().run(octets, 3);
  if (whole.substr(0, whole.find('F')) != cut.substr(0, cut.find('F'))) std::abort();
  return 0;
}
