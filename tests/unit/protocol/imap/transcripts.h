#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::testing {

/// A session as a server's side of it: what it says, and between the lines what we ask. "C:" lines name a command that
/// the split test knows; "S:" lines are sent with CRLF; "B:" lines too, without the CRLF (literals).
struct Transcript {
  std::string_view name;
  std::string_view script;
};

inline const std::vector<Transcript>& transcripts() {
  static const std::vector<Transcript> all = {
      {"dovecot",
       "S:* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] Dovecot (Debian) "
       "ready.\n"
       "C:login\n"
       "S:$1 OK [CAPABILITY IMAP4rev1 SASL-IR ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND UNSELECT CHILDREN "
       "NAMESPACE UIDPLUS "
       "LIST-EXTENDED CONDSTORE QRESYNC ESEARCH LIST-STATUS SPECIAL-USE LITERAL+ NOTIFY] Logged in\n"
       "C:enable\n"
       "S:* ENABLED QRESYNC\nS:$2 OK Enabled (0.001 + 0.000 secs).\n"
       "C:list\n"
       "S:* LIST (\\HasNoChildren \\UnMarked \\Sent) \"/\" Sent\n"
       "S:* LIST (\\HasNoChildren) \"/\" \"Gel&APY-scht\"\n"
       "S:* STATUS Sent (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1700000000 HIGHESTMODSEQ 5)\n"
       "S:* LIST () \"/\" {9}\nS:odd \"name\n"
       "S:$3 OK List completed (0.002 + 0.000 secs).\n"
       "C:examine\n"
       "S:* OK [CLOSED] Previous mailbox closed.\n"
       "S:* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)\nS:* OK [PERMANENTFLAGS ()] Read-only "
       "mailbox.\n"
       "S:* 4 EXISTS\nS:* 0 RECENT\nS:* OK [UIDVALIDITY 1700000000] UIDs valid\nS:* OK [UIDNEXT 9] Predicted next UID\n"
       "S:* OK [HIGHESTMODSEQ 41] Highest\nS:$4 OK [READ-ONLY] Examine completed (0.001 + 0.000 secs).\n"
       "C:fetch\n"
       "S:* 1 FETCH (UID 1 FLAGS (\\Seen $Work) INTERNALDATE \"17-Jul-2021 02:44:25 +0200\" RFC822.SIZE 29 MODSEQ (12) "
       "BODY[] {29}\n"
       "S:Subject: one\nS:\nS:)\nS:X5 OK no\nB: FLAGS (\\Seen))\nS:\n"
       "S:* 2 FETCH (UID 2 FLAGS () INTERNALDATE \" 1-Jan-2020 00:00:00 +0000\" RFC822.SIZE 0 MODSEQ (13) BODY[] "
       "{0}\nS:)\n"
       "S:* 3 FETCH (FLAGS (\\Deleted) UID 3 BODY[] \"quoted \\\"body\\\"\")\n"
       "S:* 4 FETCH (UID 4 MODSEQ (14) BODY[HEADER] {5}\nS:a:b\nS: X-FOO (1 ({2}\nB:()) NIL) BODY[] NIL)\nS:\n"
       "S:* VANISHED 3\nS:$5 OK Fetch completed.\n"
       "C:logout\nS:* BYE Logging out\nS:$6 OK Logout completed (0.001 + 0.000 secs).\n"},
      {"gmail",
       "S:* OK Gimap ready for requests from 192.0.2.1 a1mb123\n"
       "C:login\n"
       "S:* CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE "
       "ENABLE MOVE "
       "CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584\n"
       "S:$1 OK user@example.com authenticated (Success)\n"
       "C:enable\nS:$2 OK Success\n"
       "C:list\n"
       "S:* LIST (\\HasChildren \\NonExistent) \"/\" \"[Gmail]\"\nS:* LIST (\\All \\HasNoChildren) \"/\" \"[Gmail]/All "
       "Mail\"\n"
       "S:* STATUS \"[Gmail]/All Mail\" (MESSAGES 12 UIDNEXT 30 UIDVALIDITY 11 HIGHESTMODSEQ 12345)\nS:$3 OK Success\n"
       "C:examine\nS:* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen $NotPhishing $Phishing)\n"
       "S:* OK [PERMANENTFLAGS ()] Flags permitted.\nS:* OK [UIDVALIDITY 11] UIDs valid.\nS:* 12 EXISTS\nS:* 0 RECENT\n"
       "S:* OK [UIDNEXT 30] Predicted next UID.\nS:* OK [HIGHESTMODSEQ 12345]\nS:$4 OK [READ-ONLY] INBOX selected. "
       "(Success)\n"
       "C:fetch\n"
       "S:* 1 FETCH (X-GM-THRID 1278455344230334865 X-GM-MSGID 1278455344230334865 X-GM-LABELS (\\Inbox \\Sent \"a b\" "
       "{3}\nB:l{1\nS:)"
       " UID 1 MODSEQ (9) FLAGS (\\Seen) BODY[] {12}\nS:From: me\nS:\nB:)\nS:\n"
       "S:$5 OK Success [THROTTLED]\n"
       "C:logout\nS:* BYE LOGOUT Requested\nS:$6 OK 73 good day (Success)\n"},
      {"exchange",
       "S:* OK The Microsoft Exchange IMAP4 service is ready. [TABOADQAUABSADIAMwA=]\n"
       "C:login\nS:$1 OK LOGIN completed.\n"
       "C:enable\nS:$2 BAD Command Error. 12\n"
       "C:list\nS:* LIST (\\HasNoChildren) \"/\" Calendar \nS:* LIST (\\Marked \\HasNoChildren) \"/\" INBOX \nS:$3 OK "
       "LIST completed.\n"
       "C:examine\nS:* 2 EXISTS\nS:* 0 RECENT\nS:* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)\n"
       "S:* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)] Permanent flags\nS:* OK "
       "[UNSEEN 1] Is the first\n"
       "S:* OK [UIDVALIDITY 14] UIDVALIDITY value\nS:* OK [UIDNEXT 19] The next unique identifier value\n"
       "S:$4 OK [READ-ONLY] EXAMINE completed.\n"
       "C:fetch\nS:* 1 FETCH (BODY[] {5}\nB:x\r\ny. FLAGS (\\Seen) UID 1)\nS:\n"
       "S:$5 BAD Request is throttled. Suggested Backoff Time: 299609 milliseconds\nS:* BYE Connection closed. 14\n"},
      {"cyrus",
       "S:* OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE AUTH=PLAIN SASL-IR] mail.example.org Cyrus IMAP 3.6.1-4 server "
       "ready\n"
       "C:login\nS:$1 OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE QRESYNC CONDSTORE ESEARCH OBJECTID] User logged in "
       "SESSIONID=<x>\n"
       "C:enable\nS:* ENABLED CONDSTORE QRESYNC\nS:$2 OK Completed\n"
       "C:list\nS:* LIST (\\HasChildren) \".\" INBOX (CHILDINFO (\"SUBSCRIBED\"))\nS:$3 OK Completed (0.000 secs 5 "
       "calls)\n"
       "C:examine\nS:* 3 EXISTS\nS:* 0 RECENT\nS:* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)\nS:* OK "
       "[PERMANENTFLAGS ()] Ok\n"
       "S:* OK [UIDVALIDITY 1685] Ok\nS:* OK [UIDNEXT 4] Ok\nS:* OK [HIGHESTMODSEQ 9] Ok\nS:* OK [MAILBOXID (abc-1)] "
       "Ok\n"
       "S:* VANISHED (EARLIER) 1:2,7\nS:$4 OK [READ-ONLY] Completed\n"
       "C:search\nS:* ESEARCH (TAG \"$5\") UID ALL 1:3,9 \nS:$5 OK Completed (3 msgs in 0.000 secs)\n"
       "C:logout\nS:* BYE LOGOUT received\nS:$6 OK Completed\n"},
      {"courier",
       "S:* OK [CAPABILITY IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT SORT QUOTA IDLE] Courier-IMAP "
       "ready.\n"
       "C:login\nS:$1 OK LOGIN Ok.\n"
       "C:list\nS:* LIST (\\Marked \\HasChildren) \".\" \"INBOX\"\nS:* LIST (\\HasNoChildren) \".\" "
       "\"INBOX.Sent\"\nS:$2 OK LIST completed\n"
       "C:examine\nS:* FLAGS (\\Draft \\Answered \\Flagged \\Deleted \\Seen \\Recent)\nS:* OK [PERMANENTFLAGS ()] No "
       "permanent flags permitted\n"
       "S:* 2 EXISTS\nS:* 0 RECENT\nS:* OK [UIDVALIDITY 535] Ok\nS:* OK [MYRIGHTS \"acdilrsw\"] ACL\nS:$3 OK "
       "[READ-ONLY] Ok\n"
       "C:search\nS:* SEARCH 1 2\nS:$4 OK SEARCH done.\n"
       "C:idle\nS:+ entering ENHANCED IDLE mode\nS:* 3 EXISTS\nC:done\nS:$5 OK IDLE completed\n"
       "C:append\nS:+ OK\nC:body\nS:$6 OK [APPENDUID 535 4] APPEND Ok.\n"},
      {"yahoo",
       "S:* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN ID MOVE NAMESPACE LITERAL- ENABLE] IMAP4rev1 Hello\n"
       "C:login\n"
       "S:$1 OK [CAPABILITY IMAP4rev1 ID NAMESPACE UIDPLUS LITERAL- ENABLE CONDSTORE QRESYNC UIDONLY ESEARCH OBJECTID "
       "PARTIAL MESSAGELIMIT=4 SAVELIMIT=4] AUTHENTICATE completed\n"
       "C:uidonly\nS:* ENABLED QRESYNC UIDONLY\nS:$2 OK ENABLE completed\n"
       "C:examine\nS:* 6 EXISTS\nS:* 0 RECENT\nS:* OK [UIDVALIDITY 1] UIDs valid\nS:* OK [UIDNEXT 41] Next\n"
       "S:* OK [HIGHESTMODSEQ 77] Highest\nS:* VANISHED (EARLIER) 3:5\nS:* UIDFETCH 8 (FLAGS (\\Seen) MODSEQ (76))\n"
       "S:$3 OK [READ-ONLY] EXAMINE completed\n"
       "C:page\nS:* ESEARCH (TAG \"$4\") UID PARTIAL (1:4 6,8:9,20)\nS:$4 OK UID SEARCH completed\n"
       "C:fetch\n"
       "S:* UIDFETCH 9 (FLAGS () BODY[] {12}\nS:From: me\nS:\nB:)\nS:\n"
       "S:* VANISHED 20\nS:* UIDFETCH 8 (FLAGS (\\Seen) UID 8 BODY[] \"\")\n"
       "S:$5 OK [MESSAGELIMIT 4 8] UID FETCH completed with partial results\n"
       "C:page\nS:* ESEARCH (TAG \"$6\") UID PARTIAL (1:4 NIL)\nS:$6 OK UID SEARCH completed\n"},
  };
  return all;
}

}  // namespace postern::testing
