#include "tests/support/fake_imap/faulty_stream.h"

#include <algorithm>

#include "core/io/sleep.h"

namespace postern::testing {

Task<Result<std::size_t>> FaultyStream::read_some(std::span<char> into, Wait wait) {
  if (faults_.cut_after_received) {
    const std::uint64_t left = *faults_.cut_after_received - received_;
    if (left == 0) {
      close();
      co_return fail(ErrorKind::transient, "cut on purpose");
    }
    into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left)));
  }
  const Result<std::size_t> n = co_await inner_->read_some(into, wait);
  if (n) received_ += *n;
  co_return n;
}

Task<Result<void>> FaultyStream::write_all(ByteView octets, Wait wait) {
  const bool cut = faults_.cut_after_sent && *faults_.cut_after_sent - sent_ < octets.size();
  if (cut) octets = octets.substr(0, static_cast<std::size_t>(*faults_.cut_after_sent - sent_));
  sent_ += octets.size();
  while (!octets.empty()) {
    const std::size_t some = faults_.drip_octets == 0 ? octets.size() : std::min(faults_.drip_octets, octets.size());
    const Result<void> written = co_await inner_->write_all(octets.substr(0, some), wait);
    if (!written) co_return fail(written.error());
    octets.remove_prefix(some);
    if (faults_.drip_octets != 0) {
      const Result<void> slept = co_await sleep(scheduler_, faults_.drip_every, wait);
      if (!slept) co_return fail(slept.error());
    }
  }
  if (!cut) co_return Result<void>{};
  close();
  co_return fail(ErrorKind::transient, "cut on purpose");
}

}  // namespace postern::testing
