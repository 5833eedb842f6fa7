#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "core/protocol/imap/response_code.h"

namespace postern::imap {

/// The response codes by their names, in upper case, sorted.
inline constexpr auto kCodeNames = std::to_array<std::pair<std::string_view, CodeKind>>({
    {"ALERT", CodeKind::alert},
    {"ALREADYEXISTS", CodeKind::already_exists},
    {"APPENDLIMIT", CodeKind::append_limit},
    {"APPENDUID", CodeKind::append_uid},
    {"AUTHENTICATIONFAILED", CodeKind::authentication_failed},
    {"AUTHORIZATIONFAILED", CodeKind::authorization_failed},
    {"BADCHARSET", CodeKind::bad_charset},
    {"CANNOT", CodeKind::cannot},
    {"CAPABILITY", CodeKind::capability},
    {"CLIENTBUG", CodeKind::client_bug},
    {"CLOSED", CodeKind::closed},
    {"COMPRESSIONACTIVE", CodeKind::compression_active},
    {"CONTACTADMIN", CodeKind::contact_admin},
    {"COPYUID", CodeKind::copy_uid},
    {"CORRUPTION", CodeKind::corruption},
    {"EXPIRED", CodeKind::expired},
    {"EXPUNGEISSUED", CodeKind::expunge_issued},
    {"HASCHILDREN", CodeKind::has_children},
    {"HIGHESTMODSEQ", CodeKind::highest_modseq},
    {"INUSE", CodeKind::in_use},
    {"LIMIT", CodeKind::limit},
    {"MAILBOXID", CodeKind::mailbox_id},
    {"MESSAGELIMIT", CodeKind::message_limit},
    {"MODIFIED", CodeKind::modified},
    {"NOMODSEQ", CodeKind::no_modseq},
    {"NONEXISTENT", CodeKind::nonexistent},
    {"NOPERM", CodeKind::no_perm},
    {"NOTIFICATIONOVERFLOW", CodeKind::notification_overflow},
    {"NOTSAVED", CodeKind::not_saved},
    {"NOUPDATE", CodeKind::no_update},
    {"OVERQUOTA", CodeKind::over_quota},
    {"PARSE", CodeKind::parse},
    {"PERMANENTFLAGS", CodeKind::permanent_flags},
    {"PRIVACYREQUIRED", CodeKind::privacy_required},
    {"READ-ONLY", CodeKind::read_only},
    {"READ-WRITE", CodeKind::read_write},
    {"REFERRAL", CodeKind::referral},
    {"SERVERBUG", CodeKind::server_bug},
    {"THROTTLED", CodeKind::throttled},
    {"TOOBIG", CodeKind::too_big},
    {"TRYCREATE", CodeKind::try_create},
    {"UIDNEXT", CodeKind::uid_next},
    {"UIDNOTSTICKY", CodeKind::uid_not_sticky},
    {"UIDREQUIRED", CodeKind::uid_required},
    {"UIDVALIDITY", CodeKind::uid_validity},
    {"UNAVAILABLE", CodeKind::unavailable},
    {"UNKNOWN-CTE", CodeKind::unknown_cte},
    {"UNSEEN", CodeKind::unseen},
    {"USEATTR", CodeKind::use_attr},
});

}  // namespace postern::imap
