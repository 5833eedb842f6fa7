// A compressed line reads the same whatever the segments and the reader's buffer, and gives no more than DEFLATE can
// hold.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/io/deflate_stream.h"
#include "tests/support/io/manual_loop.h"

namespace {

using namespace postern;

/// A line that gives these octets, at most `segment` at a time, then ends.
class Wire final : public Stream {
 public:
  Wire(std::string_view octets, std::size_t segment) : rest_(octets), segment_(segment) {}
  Task<Result<std::size_t>> read_some(std::span<char> into, Wait) override {
    const std::size_t count = rest_.copy(into.data(), std::min(into.size(), segment_));
    rest_.remove_prefix(count);
    co_return count;
  }
  Task<Result<void>> write_all(ByteView, Wait) override { co_return {}; }
  Task<Result<void>> shutdown(Wait) override { co_return {}; }
  void close() override {}

 private:
  std::string_view rest_;
  std::size_t segment_;
};

constexpr std::size_t kMost = 4 * 1024 * 1024;

Task<std::string> read_all(Stream& stream, std::size_t at_once) {
  std::string all, buffer(at_once, '\0');
  while (all.size() < kMost) {
    const auto got = co_await stream.read_some(buffer, Wait{});
    if (!got) co_return all + "[" + std::string(to_string(got.error().kind())) + "]";
    if (*got == 0) co_return all + "[end]";
    all.append(buffer, 0, *got);
  }
  co_return all.substr(0, kMost);
}

/// `early` octets come with the switch, the rest afterwards.
std::string run(std::string_view octets, std::size_t early, std::size_t segment, std::size_t at_once) {
  testing::ManualLoop loop;
  early = std::min(early, octets.size());
  DeflateStream stream(loop, std::make_unique<Wire>(octets.substr(early), segment), Bytes(octets.substr(0, early)));
  return loop.run(read_all(stream, at_once));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const std::string whole = run(octets, size, 1, 64 * 1024);
  if (whole.size() > 1040 * size + 64) std::abort();
  const auto as_whole = [&](std::size_t early, std::size_t segment, std::size_t at_once) {
    if (run(octets, early, segment, at_once) != whole) std::abort();
  };
  as_whole(0, SIZE_MAX, 8 * 1024);
  as_whole(size / 2, 7, 64 * 1024);
  if (whole.size() < 64 * 1024) as_whole(1, 1, 3);
  return 0;
}
