#pragma once

#include <string_view>

/// Deviations of a server that no grammar shows, by the name under which they are counted (PassReport::quirks). Nothing
/// is inferred from what they touch before it is made sure of; README.md says what each is and what follows.
namespace postern::sync::quirk {

inline constexpr std::string_view kListingShort = "listing_short";            // fewer UIDs than EXISTS
inline constexpr std::string_view kListingLong = "listing_long";              // more UIDs than EXISTS: ghosts
inline constexpr std::string_view kChangesIncomplete = "changes_incomplete";  // they do not add up to EXISTS
inline constexpr std::string_view kMessageLeftOut = "message_left_out";       // a UID that an OK to FETCH left out
inline constexpr std::string_view kBodyRepeated = "body_repeated";            // a body that came twice in an answer
inline constexpr std::string_view kSizeWrong = "size_wrong";                  // RFC822.SIZE is not what came
inline constexpr std::string_view kAlteredCopy = "altered_copy";              // adopted with a line that mbsync added
inline constexpr std::string_view kKeywordsLeftOut = "keywords_left_out";     // a message is refused with its keywords
inline constexpr std::string_view kDateRefused = "date_refused";              // a message is refused with its date
inline constexpr std::string_view kAppendFlagsDropped = "append_flags_dropped";  // kept by STORE alone
inline constexpr std::string_view kAlteredAppend = "altered_append";  // what was appended has other octets there
inline constexpr std::string_view kSecondCopy = "second_copy";        // stored late, when it was sent again

}  // namespace postern::sync::quirk
