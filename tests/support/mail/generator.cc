#include "tests/support/mail/generator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

using namespace std::string_view_literals;

constexpr std::array kWords{
    "the"sv,     "and"sv,     "please"sv,   "meeting"sv, "invoice"sv, "regards"sv, "attached"sv, "tomorrow"sv,
    "project"sv, "server"sv,  "backup"sv,   "with"sv,    "from"sv,    "would"sv,   "could"sv,    "you"sv,
    "we"sv,      "have"sv,    "been"sv,     "ready"sv,   "report"sv,  "quarter"sv, "delivery"sv, "address"sv,
    "mailbox"sv, "message"sv, "question"sv, "answer"sv,  "thanks"sv,  "best"sv,    "contract"sv, "number"sv,
    "a"sv,       "of"sv,      "to"sv,       "in"sv,      "is"sv,      "that"sv,    "for"sv,      "on"sv,
    "holiday"sv, "garden"sv,  "train"sv,    "station"sv, "weather"sv, "kitchen"sv, "library"sv,  "evening"sv};
constexpr std::array kPeople{
    "Ada Lovelace <ada@example.org>"sv,          "Grace Hopper <grace@example.com>"sv,
    "\"Hamilton, Margaret\" <mh@example.net>"sv, "radia@example.org"sv,
    "Edsger W. Dijkstra <ewd@example.edu>"sv,    "=?utf-8?q?J=C3=BCrgen?= <juergen@example.de>"sv};
constexpr std::array kZones{0, 60, 120, -300, -480, 330, -210, 845, -720, 540};
constexpr std::array kSystemFlags{"\\Seen"sv, "\\Answered"sv, "\\Flagged"sv, "\\Draft"sv};
constexpr std::array kKeywords{"$Forwarded"sv, "$Work"sv, "NonJunk"sv, "$MDNSent"sv, "Later"sv};
constexpr std::int64_t k1995 = 788'918'400, k2024 = 1'704'067'200;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string rfc5322_date(std::int64_t unix_seconds, int zone_minutes) {
  std::string date = imap_date_time(unix_seconds, zone_minutes);
  std::replace(date.begin(), date.begin() + 11, '-', ' ');
  return date;
}

}  // namespace

std::string GeneratedMail::date_time() const { return imap_date_time(unix_seconds, zone_minutes); }

std::string MailGenerator::text(std::size_t octets) {
  std::string out;
  out.reserve(octets + 80);
  for (std::size_t column = 0; out.size() < octets;) {
    // The lesser of two draws: some words are common, most are not.
    const std::string_view word = kWords[std::min(random_.below(kWords.size()), random_.below(kWords.size()))];
    out += word;
    column += word.size() + 1;
    if (random_.one_in(40)) out += std::to_string(random_.below(1'000'000));
    const bool wrap = column > 68 || random_.one_in(60);
    out += wrap ? "\r\n" : " ";
    if (wrap) column = 0;
  }
  return out + "\r\n";
}

std::string MailGenerator::base64(std::size_t octets) {
  std::string out;
  out.reserve(octets + octets / 38 + 4);
  for (std::size_t i = 0, column = 0; i < octets; i += 8) {
    std::uint64_t bits = random_.next();
    for (int k = 0; k < 8; ++k, bits >>= 6) out += kBase64[bits & 0x3F];
    if ((column += 8) >= 72) {
      out += "\r\n";
      column = 0;
    }
  }
  return out + "\r\n";
}

std::string MailGenerator::header(std::string_view subject, bool message_id, bool date) {
  const std::uint64_t serial = ++serial_;
  std::string out = "Received: from mx" + std::to_string(random_.below(9)) + ".example.net (mx.example.net [192.0.2." +
                    std::to_string(random_.below(255)) + "])\r\n\tby mail.example.org with ESMTPS id " +
                    to_hex(std::to_string(random_.below(1'000'000'000))) + "\r\n";
  out += "From: " + std::string(random_.pick(kPeople)) + "\r\nTo: " + std::string(random_.pick(kPeople)) + "\r\n";
  out += "Subject: " + std::string(subject) + "\r\n";
  if (date) out += "Date: Mon, " + rfc5322_date(random_.between(k1995, k2024), random_.pick(kZones)) + "\r\n";
  if (message_id) {
    out += "Message-ID: <" + std::to_string(serial) + "." + std::to_string(random_.next()) + "@example.org>\r\n";
  }
  return out + "MIME-Version: 1.0\r\n";
}

std::string MailGenerator::part(std::string_view boundary, std::string_view type, std::string_view encoding,
                                std::string_view body) {
  std::string out = "--" + std::string(boundary) + "\r\nContent-Type: " + std::string(type);
  out += "\r\nContent-Transfer-Encoding: " + std::string(encoding) + "\r\n\r\n";
  return out.append(body);
}

GeneratedMail MailGenerator::dressed(Bytes octets) {
  GeneratedMail mail{.octets = std::move(octets)};
  for (const std::string_view flag : kSystemFlags) {
    if (random_.one_in(flag == "\\Seen" ? 2 : 6)) mail.flags.emplace_back(flag);
  }
  for (const std::string_view keyword : kKeywords) {
    if (random_.one_in(8)) mail.flags.emplace_back(keyword);
  }
  mail.unix_seconds = random_.between(k1995, k2024);
  mail.zone_minutes = random_.pick(kZones);
  return mail;
}

GeneratedMail MailGenerator::everyday(std::size_t octets) {
  const std::string plain_header = header(random_.pick(kWords));
  if (!random_.one_in(3)) {
    return dressed(plain_header + "Content-Type: text/plain; charset=utf-8\r\n\r\n" +
                   text(std::max<std::size_t>(octets, 600) - 500));
  }
  const std::string boundary = "=_" + std::to_string(random_.next());
  const std::string words = text(std::max<std::size_t>(octets, 1400) / 2 - 450);
  return dressed(
      plain_header + "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n" +
      part(boundary, "text/plain; charset=utf-8", "7bit", words) +
      part(boundary, "text/html; charset=utf-8", "7bit", "<html><body><p>" + words + "</p></body></html>\r\n") + "--" +
      boundary + "--\r\n");
}

std::vector<std::string> MailGenerator::files(std::size_t octets) {
  const std::uint64_t count = 1 + random_.below(3);
  std::vector<std::string> files;
  for (std::uint64_t i = 0; i < count; ++i) files.push_back(base64(octets / count));
  return files;
}

GeneratedMail MailGenerator::with_files(const std::vector<std::string>& files) {
  const std::string boundary = "----=_" + std::to_string(random_.next());
  Bytes out = header("Files for the " + std::string(random_.pick(kWords))) +
              "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\nThis is MIME.\r\n";
  out += part(boundary, "text/plain; charset=us-ascii", "7bit", text(400));
  for (std::size_t i = 0; i < files.size(); ++i) {
    out += part(boundary, "application/octet-stream; name=\"file" + std::to_string(i) + ".bin\"", "base64", files[i]);
  }
  return dressed(out + "--" + boundary + "--\r\n");
}

std::string MailGenerator::body_of(MailKind kind) {
  switch (kind) {
    case MailKind::quoted_printable:
      return "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
             "Sch=F6ne Gr=FC=DFe =\r\naus M=FCnchen=20\r\n" +
             text(200);
    case MailKind::long_lines: {
      std::string line = text(9'000);
      line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }), line.end());
      return "\r\n" + line + "\r\n" + text(100);
    }
    case MailKind::looks_like_imap:
      return "\r\n)\r\nA0001 OK FETCH completed\r\n* 3 EXPUNGE\r\n* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n"
             "+ idling\r\n* BYE\r\n.\r\n\r\n" +
             text(100);
    case MailKind::looks_like_mbox:
      return "\r\nHello\r\n\r\nFrom someone@example.org Mon Jan  1 00:00:00 2001\r\nSubject: not a message\r\n\r\n"
             ">From here on\r\n" +
             text(100);
    case MailKind::no_final_line_end:
      return "\r\n" + text(150) + "and no end";
    case MailKind::empty_body:
      return "\r\n";
    case MailKind::header_only:
      return "";
    default:
      return "\r\n" + text(static_cast<std::size_t>(random_.between(50, 4'000)));
  }
}

GeneratedMail MailGenerator::make(MailKind kind) {
  switch (kind) {
    case MailKind::tiny:
      return dressed("Subject: " + std::to_string(++serial_) + "\r\n\r\nhi\r\n");
    case MailKind::multipart_attachment:
      return with_attachments(static_cast<std::size_t>(random_.between(2'000, 60'000)));
    case MailKind::eight_bit_headers:
      return dressed(header("Gr\xFC\xDF"
                            "e aus K\xF6ln") +
                     "X-Note: \xE9t\xE9\r\n" + body_of(kind));
    case MailKind::utf8_subject:
      return dressed(header("=?utf-8?b?5pel5pys6Kqe?= =?utf-8?q?_f=C3=BCr?= 日本語 für 🎉") + body_of(kind));
    case MailKind::no_message_id:
      return dressed(header("without a Message-ID", false) + body_of(kind));
    case MailKind::no_date:
      return dressed(header("without a date", true, false) + body_of(kind));
    case MailKind::folded_headers:
      return dressed(header("a subject\r\n that goes\r\n\ton and on\r\n   over lines") +
                     "References: <1@example.org>\r\n <2@example.org>\r\n <3@example.org>\r\nX-Empty:\r\n" +
                     body_of(kind));
    default:
      return dressed(header(random_.pick(kWords)) + body_of(kind));
  }
}

std::vector<GeneratedMailbox> varied_account(std::uint64_t seed, std::size_t messages) {
  MailGenerator generator(seed);
  std::vector<GeneratedMailbox> boxes;
  for (const char* name : {"INBOX", "Archive/2019/Q1", "Arbeit/Entwürfe", "日本語/メール", "R&D", "Sent Items",
                           "It\"s \\ odd", "Größe 🎉", "Empty"}) {
    boxes.push_back({name, {}});
  }
  Random& random = generator.random();
  for (std::size_t i = 0; i < messages; ++i) {
    GeneratedMailbox& box = boxes[i % 3 == 0 ? 0 : random.below(boxes.size() - 1)];
    GeneratedMail mail = i < std::size(kAllMailKinds) ? generator.make(kAllMailKinds[i]) : generator.next();
    if (i > 4 && random.one_in(12)) {  // a copy, here or in another mailbox, with its own flags and date
      const auto& from = boxes[random.below(boxes.size() - 1)].messages;
      if (!from.empty()) mail.octets = random.pick(from).octets;
    } else if (random.one_in(12)) {
      mail.octets = "Message-ID: <the-same@example.org>\r\nSubject: " + std::to_string(i) + "\r\n\r\nNumber " +
                    std::to_string(i) + "\r\n";
    }
    box.messages.push_back(std::move(mail));
  }
  return boxes;
}

}  // namespace postern::testing
