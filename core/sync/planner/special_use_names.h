#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::sync {

/// The uses of RFC 6154 for which a server's own mailbox is looked for. The others (\All, \Flagged) are views.
enum class SpecialUse : std::uint8_t { sent, trash, drafts, junk, archive };
inline constexpr std::size_t kSpecialUses = 5;

/// "\Sent" …, in any case.
std::optional<SpecialUse> use_by_attribute(std::string_view attribute);
/// The use that a mailbox of this name usually has: what the large servers and clients call theirs, in some thirty
/// languages, without regard to case.
std::optional<SpecialUse> use_by_name(std::string_view name);

/// Which mailbox of an account has which use. What the server states decides; where no mailbox has the attribute, a
/// usual name does, if exactly one mailbox bears one: at the top of the tree, or, where there is none, directly below
/// INBOX. A folder deeper in the tree is a person's own, whatever it is called.
class SpecialUses {
 public:
  /// `number` is the caller's name for the mailbox; `path` its name in levels, below the personal namespace.
  void add(std::size_t number, const std::vector<std::string>& attributes, const std::vector<std::string>& path);
  /// The first with the attribute, else the only one of the name.
  std::optional<std::size_t> holder(SpecialUse use) const;

 private:
  struct Found {
    std::optional<std::size_t> stated;
    std::vector<std::size_t> on_top, below_inbox;  // by name
  };
  std::array<Found, kSpecialUses> found_;
};

}  // namespace postern::sync
