#include "core/sync/planner/special_use_names.h"

#include <map>
#include <utility>

#include "core/base/bytes.h"
#include "core/mail/fold_case.h"

namespace postern::sync {
namespace {

struct Names {
  SpecialUse use;
  std::vector<std::string_view> names;  // in lower case
};

// From the mailboxes that Exchange, Gmail, Outlook, Thunderbird, Apple Mail, Roundcube, Horde, Zimbra, GMX, Yandex,
// mail.ru, Seznam, WP, Interia, Free, Orange, Libero, QQ, NetEase, Naver and others make, language by language. A word
// that people commonly give to folders of their own ("Archives 2020", "Post", "Old") is not in it.
const std::vector<Names>& table() {
  static const std::vector<Names> kTable{
      {SpecialUse::sent,
       {
           "sent",
           "sent items",
           "sent mail",
           "sent messages",
           "sent-mail",
           "sent_mail",
           "sentmail",
           "sentitems",  // en
           "gesendet",
           "gesendete objekte",
           "gesendete elemente",
           "gesendete nachrichten",
           "gesendete mails",  // de
           "versendet",
           "gesendete e-mails",  // de
           "envoyés",
           "éléments envoyés",
           "messages envoyés",
           "objets envoyés",
           "courrier envoyé",
           "envoyes",  // fr
           "elements envoyes",
           "courriers envoyés",  // fr
           "enviados",
           "elementos enviados",
           "mensajes enviados",
           "correo enviado",  // es
           "posta inviata",
           "inviata",
           "inviati",
           "messaggi inviati",
           "elementi inviati",  // it
           "verzonden",
           "verzonden items",
           "verzonden berichten",
           "verzonden objecten",  // nl
           "itens enviados",
           "mensagens enviadas",
           "enviadas",
           "correio enviado",
           "e-mails enviados",  // pt
           "wysłane",
           "elementy wysłane",
           "wiadomości wysłane",
           "wyslane",  // pl
           "skickat",
           "skickade objekt",
           "skickade meddelanden",
           "skickade",  // sv
           "sendt",
           "sendt post",
           "sendte elementer",
           "sendte",
           "sendte meldinger",
           "sendte beskeder",  // da, no
           "lähetetyt",
           "lähetetyt viestit",
           "lähetetyt kohteet",  // fi
           "odeslané",
           "odeslaná pošta",
           "odeslané položky",
           "odeslane",  // cs
           "odoslané",
           "odoslaná pošta",
           "odoslané položky",  // sk
           "elküldött",
           "elküldött elemek",
           "elküldött üzenetek",
           "elküldött levelek",  // hu
           "отправленные",
           "отправленное",
           "отправленные элементы",  // ru
           "надіслані",
           "надіслане",
           "відправлені",  // uk
           "изпратени",
           "изпратена поща",  // bg
           "送信済み",
           "送信済みアイテム",
           "送信済みメール",
           "送信済みトレイ",  // ja
           "已发送",
           "已发送邮件",
           "已傳送",
           "寄件備份",
           "已发邮件",
           "已寄出",  // zh
           "보낸편지함",
           "보낸 편지함",
           "보낸메일함",  // ko
           "gönderilmiş",
           "gönderilmiş öğeler",
           "gönderilenler",
           "gönderilmiş postalar",
           "gönderilen",  // tr
           "απεσταλμένα",
           "σταλμένα",
           "απεσταλμένα στοιχεία",  // el
           "trimise",
           "mesaje trimise",
           "elemente trimise",  // ro
           "poslano",
           "poslane stavke",
           "poslana pošta",
           "poslato",  // hr, sl, sr
           "saadetud",
           "saadetud kirjad",
           "nosūtītie",
           "nosūtīts",
           "išsiųsta",
           "išsiųsti laiškai",  // et, lv, lt
           "enviats",
           "missatges enviats",
           "elements enviats",
           "bidaliak",  // ca, eu
           "đã gửi",
           "thư đã gửi",
           "terkirim",
           "item terkirim",  // vi, id
           "נשלח",
           "פריטים שנשלחו",
           "البريد المرسل",
           "العناصر المرسلة",
           "المرسلة",  // he, ar
       }},
      {SpecialUse::trash,
       {
           "trash",
           "deleted items",
           "deleted messages",
           "deleted",
           "bin",
           "deleteditems",
           "wastebasket",  // en
           "papierkorb",
           "gelöscht",
           "gelöschte objekte",
           "gelöschte elemente",
           "gelöschte nachrichten",  // de
           "corbeille",
           "éléments supprimés",
           "supprimés",
           "messages supprimés",
           "poubelle",  // fr
           "elements supprimes",
           "objets supprimés",  // fr
           "papelera",
           "eliminados",
           "elementos eliminados",
           "mensajes eliminados",
           "papelera de reciclaje",  // es
           "cestino",
           "posta eliminata",
           "elementi eliminati",
           "eliminata",
           "messaggi eliminati",  // it
           "prullenbak",
           "verwijderd",
           "verwijderde items",
           "verwijderde berichten",
           "prullenmand",  // nl
           "lixeira",
           "itens excluídos",
           "mensagens excluídas",
           "itens eliminados",
           "excluídos",  // pt
           "kosz",
           "elementy usunięte",
           "usunięte",
           "wiadomości usunięte",  // pl
           "papperskorgen",
           "papperskorg",
           "borttaget",
           "borttagna objekt",
           "raderade",
           "borttagna",  // sv
           "papirkurv",
           "slettet post",
           "slettede elementer",
           "slettet",
           "papirkurven",
           "slettede",  // da, no
           "roskakori",
           "poistetut",
           "poistetut kohteet",
           "poistetut viestit",  // fi
           "koš",
           "odstraněná pošta",
           "odstraněné položky",
           "odstraněné",
           "kôš",
           "odstránené položky",  // cs, sk
           "lomtár",
           "törölt elemek",
           "kuka",
           "törölt",
           "törölt üzenetek",  // hu
           "корзина",
           "удаленные",
           "удалённые",
           "удаленные элементы",
           "удалённые элементы",  // ru
           "кошик",
           "видалені",
           "кошче",
           "изтрити",  // uk, bg
           "ごみ箱",
           "ゴミ箱",
           "削除済みアイテム",
           "削除済み",
           "削除済みメール",  // ja
           "已删除",
           "已删除邮件",
           "垃圾桶",
           "刪除的郵件",
           "已刪除",
           "已删除的邮件",
           "回收站",
           "垃圾筒",  // zh
           "휴지통",
           "지운편지함",
           "지운 편지함",  // ko
           "çöp",
           "çöp kutusu",
           "silinmiş öğeler",
           "silinmiş",
           "silinenler",  // tr
           "κάδος",
           "διαγραμμένα",
           "απορρίμματα",
           "κάδος απορριμμάτων",
           "διαγραμμένα στοιχεία",  // el
           "coș de gunoi",
           "gunoi",
           "elemente șterse",
           "mesaje șterse",  // ro
           "smeće",
           "izbrisane stavke",
           "izbrisano",
           "koš za smeti",
           "obrisano",  // hr, sl, sr
           "prügikast",
           "kustutatud",
           "kustutatud kirjad",
           "miskaste",
           "dzēstie",
           "šiukšlinė",
           "šiukšliadėžė",  // et, lv, lt
           "paperera",
           "elements suprimits",
           "zakarrontzia",  // ca, eu
           "thùng rác",
           "đã xóa",
           "sampah",
           "item terhapus",  // vi, id
           "אשפה",
           "פריטים שנמחקו",
           "المهملات",
           "العناصر المحذوفة",
           "سلة المهملات",  // he, ar
       }},
      {SpecialUse::drafts,
       {
           "drafts",        "draft",          "draft messages",  "drafts messages",  // en
           "entwürfe",      "entwurf",        "entwuerfe",                           // de
           "brouillons",    "brouillon",                                             // fr
           "borradores",    "borrador",                                              // es
           "bozze",         "bozza",                                                 // it
           "concepten",                                                              // nl
           "rascunhos",     "rascunho",                                              // pt
           "kopie robocze", "wersje robocze", "robocze",                             // pl
           "utkast",                                                                 // sv, no
           "kladder",       "kladde",                                                // da, no
           "luonnokset",    "luonnos",                                               // fi
           "koncepty",      "rozepsané",      "rozepsaná pošta", "rozpísané",        // cs, sk
           "piszkozatok",   "piszkozat",                                             // hu
           "черновики",     "чернетки",       "чернови",                             // ru, uk, bg
           "下書き",        "下書きトレイ",                                          // ja
           "草稿",          "草稿箱",         "草稿匣",                              // zh
           "임시보관함",    "임시 보관함",                                           // ko
           "taslaklar",     "taslak",                                                // tr
           "πρόχειρα",      "ciorne",                                                // el, ro
           "nacrti",        "osnutki",                                               // hr, sl, sr
           "mustandid",     "melnraksti",     "juodraščiai",                         // et, lv, lt
           "esborranys",    "zirriborroak",   "thư nháp",        "nháp",             // ca, eu, vi, id
           "טיוטות",        "المسودات",       "مسودات",                              // he, ar
       }},
      {SpecialUse::junk,
       {
           "junk",
           "spam",
           "junk e-mail",
           "junk email",
           "junk mail",
           "bulk mail",
           "junk-e-mail",
           "spam mail",  // en
           "spamverdacht",
           "unerwünscht",
           "junk-mail",  // de
           "courrier indésirable",
           "indésirables",
           "pourriel",
           "indésirable",
           "courriers indésirables",  // fr
           "courrier indesirable",
           "indesirables",  // fr
           "correo no deseado",
           "no deseado",
           "correo basura",
           "no deseados",  // es
           "posta indesiderata",
           "indesiderata",
           "indesiderati",
           "posta spazzatura",  // it
           "ongewenste e-mail",
           "ongewenst",
           "ongewenste mail",
           "ongewenste berichten",  // nl
           "lixo eletrônico",
           "lixo eletrónico",
           "correio eletrónico não solicitado",
           "e-mail de lixo",  // pt
           "wiadomości-śmieci",
           "niechciane",
           "śmieci",
           "wiadomości śmieci",
           "niechciana poczta",  // pl
           "skräppost",
           "skräp",
           "uønsket e-post",
           "uønsket mail",
           "søppelpost",
           "uønsket post",  // sv, no, da
           "roskaposti",
           "roskapostit",  // fi
           "nevyžádaná pošta",
           "nevyžádané",
           "nevyžiadaná pošta",
           "nevyžiadané e-maily",  // cs, sk
           "levélszemét",
           "szemét",
           "spam levelek",  // hu
           "спам",
           "нежелательная почта",
           "нежелательные",
           "небажана пошта",  // ru, uk, bg
           "迷惑メール",
           "迷惑メールフォルダ",
           "スパム",  // ja
           "垃圾邮件",
           "垃圾郵件",
           "垃圾信件",  // zh
           "스팸",
           "스팸메일함",
           "스팸함",
           "정크 메일",  // ko
           "istenmeyen",
           "istenmeyen e-posta",
           "önemsiz",
           "önemsiz e-posta",  // tr
           "ανεπιθύμητα",
           "ανεπιθύμητη αλληλογραφία",
           "ανεπιθύμητη",  // el
           "mesaje nedorite",
           "e-mail nedorit",
           "neželjena pošta",
           "neželena pošta",  // ro, hr, sl, sr
           "rämpspost",
           "surogātpasts",
           "mēstules",
           "brukalas",
           "šlamštas",  // et, lv, lt
           "correu brossa",
           "correu no desitjat",
           "zabor-posta",
           "thư rác",  // ca, eu, vi
           "דואר זבל",
           "זבל",
           "البريد غير الهام",
           "البريد العشوائي",
           "بريد مزعج",  // he, ar
       }},
      {SpecialUse::archive,
       {
           "archive",       "archives",   "archived",   "archiv",     "archivi",
           "archivio",      "archivo",    "archivados",  // en, de, cs, it, es
           "archivado",     "archief",    "arquivo",    "arquivos",   "arquivar",
           "arquivo morto", "arquivados",  // es, nl, pt
           "archiwum",      "archiwa",    "arkiv",      "arkisto",    "archív",
           "archívum",      "irattár",  // pl, sv, da, no, fi, sk, hu
           "архив",         "архів",      "архіви",     "アーカイブ", "归档",
           "封存",          "存档",       "典藏",       "보관함",  // ru, bg, uk, ja, zh, ko
           "arşiv",         "αρχείο",     "αρχειοθήκη", "arhivă",     "arhiva",
           "arhiv",         "arhiiv",  // tr, el, ro, hr, sl, et
           "arhīvs",        "archyvas",   "arxiu",      "arxiva",     "artxiboa",
           "lưu trữ",       "arsip",                // lv, lt, ca, eu, vi, id
           "ארכיון",        "الأرشيف",    "أرشيف",  // he, ar
       }},
  };
  return kTable;
}

const std::map<std::string_view, SpecialUse>& by_name() {
  static const std::map<std::string_view, SpecialUse> kByName = [] {
    std::map<std::string_view, SpecialUse> index;
    for (const Names& names : table()) {
      for (const std::string_view name : names.names) index.emplace(name, names.use);
    }
    return index;
  }();
  return kByName;
}

std::optional<std::size_t> only(const std::vector<std::size_t>& numbers) {
  return numbers.size() == 1 ? std::optional(numbers.front()) : std::nullopt;
}

}  // namespace

std::optional<SpecialUse> use_by_attribute(std::string_view attribute) {
  static constexpr std::pair<std::string_view, SpecialUse> kAttributes[] = {{"\\Sent", SpecialUse::sent},
                                                                            {"\\Trash", SpecialUse::trash},
                                                                            {"\\Drafts", SpecialUse::drafts},
                                                                            {"\\Junk", SpecialUse::junk},
                                                                            {"\\Archive", SpecialUse::archive}};
  for (const auto& [name, use] : kAttributes) {
    if (ascii_iequals(attribute, name)) return use;
  }
  return std::nullopt;
}

std::optional<SpecialUse> use_by_name(std::string_view name) {
  const auto found = by_name().find(fold_case(name));
  return found == by_name().end() ? std::nullopt : std::optional(found->second);
}

void SpecialUses::add(std::size_t number, const std::vector<std::string>& attributes,
                      const std::vector<std::string>& path) {
  bool stated = false;
  for (const std::string& attribute : attributes) {
    const auto use = use_by_attribute(attribute);
    if (!use) continue;
    stated = true;
    Found& found = found_[static_cast<std::size_t>(*use)];
    if (!found.stated) found.stated = number;
  }
  const bool below_inbox = path.size() == 2 && ascii_iequals(path.front(), "INBOX");
  if (stated || (path.size() != 1 && !below_inbox)) return;
  const auto use = use_by_name(path.back());
  if (!use) return;
  Found& found = found_[static_cast<std::size_t>(*use)];
  (below_inbox ? found.below_inbox : found.on_top).push_back(number);
}

std::optional<std::size_t> SpecialUses::holder(SpecialUse use) const {
  const Found& found = found_[static_cast<std::size_t>(use)];
  if (found.stated) return found.stated;
  return found.on_top.empty() ? only(found.below_inbox) : only(found.on_top);
}

}  // namespace postern::sync
