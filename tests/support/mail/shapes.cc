#include "tests/support/mail/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace postern::testing {
namespace {

struct ShapeSize {
  std::string_view name;
  std::size_t messages, mailboxes, mean_octets;
};
constexpr std::array<ShapeSize, 4> kSizes{
    {{"real", 6'046, 5, 5'460}, {"many", 40'000, 1, 4'200}, {"att", 1'500, 2, 216'700}, {"wide", 10'000, 400, 5'000}}};

const ShapeSize& size_of(Shape shape) { return kSizes[static_cast<std::size_t>(shape)]; }

/// Many small ones and a long tail, as in real mailboxes: a draw from an exponential distribution around `mean`.
std::size_t draw_octets(Random& random, std::size_t mean) {
  const double uniform = static_cast<double>(random.next() >> 11) * 0x1p-53;
  return static_cast<std::size_t>(-std::log(1.0 - uniform) * static_cast<double>(mean));
}

std::string mailbox_name(Shape shape, std::size_t index) {
  if (index == 0) return "INBOX";
  if (shape != Shape::wide) return "Folder " + std::to_string(index);
  return "Projects " + std::to_string(index / 20) + "/Topic " + std::to_string(index);
}

/// Messages with files, one in three with those of an earlier one, as when mail with attachments is answered or
/// forwarded.
class Correspondence {
 public:
  GeneratedMail next(MailGenerator& generator, std::size_t octets) {
    if (!lately_.empty() && generator.random().one_in(3)) return generator.with_files(generator.random().pick(lately_));
    if (lately_.size() == kRemembered) lately_.erase(lately_.begin());
    lately_.push_back(generator.files(octets));
    return generator.with_files(lately_.back());
  }

 private:
  static constexpr std::size_t kRemembered = 32;
  std::vector<std::vector<std::string>> lately_;
};

}  // namespace

std::optional<Shape> shape_named(std::string_view name) {
  const auto found = std::find_if(kSizes.begin(), kSizes.end(), [&](const ShapeSize& s) { return s.name == name; });
  if (found == kSizes.end()) return std::nullopt;
  return static_cast<Shape>(found - kSizes.begin());
}

std::string_view to_string(Shape shape) { return size_of(shape).name; }

void generate_shape(Shape shape, double scale, std::uint64_t seed, const MailVisitor& visit) {
  const ShapeSize& size = size_of(shape);
  const auto scaled = [scale](std::size_t n) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(static_cast<double>(n) * scale)));
  };
  const std::size_t messages = scaled(size.messages);
  const std::size_t mailboxes = shape == Shape::wide ? scaled(size.mailboxes) : size.mailboxes;
  MailGenerator generator(seed);
  Correspondence correspondence;
  for (std::size_t i = 0; i < messages; ++i) {
    const std::string mailbox = mailbox_name(shape, i * mailboxes / messages);
    const std::size_t octets = draw_octets(generator.random(), size.mean_octets);
    visit(mailbox, shape == Shape::att ? correspondence.next(generator, octets) : generator.everyday(octets));
  }
}

}  // namespace postern::testing
