#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/mail/generator.h"

namespace postern::testing {

/// The benchmarks' accounts at scale 1:
///   real  6,046 everyday messages in five mailboxes, 33 MB
///   many  40,000 small messages in one mailbox, 168 MB
///   att   1,500 messages with attachments in two mailboxes, 325 MB; one in three carries the files of an earlier one
///   wide  10,000 messages in 400 mailboxes, 50 MB
enum class Shape : std::uint8_t { real, many, att, wide };

std::optional<Shape> shape_named(std::string_view name);
std::string_view to_string(Shape shape);

/// Makes an account of this shape, with `scale` times the messages (and, for `wide`, mailboxes), and hands it over
/// message by message, mailbox after mailbox.
using MailVisitor = std::function<void(const std::string& mailbox, const GeneratedMail& mail)>;
void generate_shape(Shape shape, double scale, std::uint64_t seed, const MailVisitor& visit);

}  // namespace postern::testing
