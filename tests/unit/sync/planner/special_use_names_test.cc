#include "core/sync/planner/special_use_names.h"

#include <gtest/gtest.h>

#include "core/mail/fold_case.h"

namespace postern::sync {
namespace {

using Use = SpecialUse;

TEST(UseByName, Table) {
  struct Row {
    Use use;
    std::vector<const char*> names;
  };
  const Row rows[] = {
      {Use::sent, {"Sent",
                   "SENT ITEMS",
                   "Gesendet",
                   "Gesendete Objekte",
                   "Éléments envoyés",
                   "ÉLÉMENTS ENVOYÉS",
                   "Enviados",
                   "Posta inviata",
                   "Itens enviados",
                   "Verzonden items",
                   "Wysłane",
                   "Skickat",
                   "Sendt post",
                   "Sendte elementer",
                   "Lähetetyt",
                   "Odeslaná pošta",
                   "Elküldött elemek",
                   "Отправленные",
                   "ОТПРАВЛЕННЫЕ",
                   "送信済みアイテム",
                   "已发送",
                   "Gönderilmiş Öğeler",
                   "보낸편지함"}},
      {Use::trash, {"Trash",      "Deleted Items", "Papierkorb",    "Gelöschte Elemente",
                    "Corbeille",  "Papelera",      "Cestino",       "Lixeira",
                    "Prullenbak", "Kosz",          "Papperskorgen", "Papirkurv",
                    "Roskakori",  "Koš",           "Lomtár",        "Корзина",
                    "Удалённые",  "ごみ箱",        "已删除邮件",    "Çöp Kutusu"}},
      {Use::drafts,
       {"Drafts", "Entwürfe", "Brouillons", "Borradores", "Bozze", "Rascunhos", "Concepten", "Kopie robocze", "Utkast",
        "Kladder", "Luonnokset", "Koncepty", "Piszkozatok", "Черновики", "下書き", "草稿箱", "Taslaklar"}},
      {Use::junk,
       {"Junk", "Spam", "Junk E-Mail", "Junk-E-Mail", "Courrier indésirable", "Correo no deseado", "Posta indesiderata",
        "Lixo eletrônico", "Ongewenste e-mail", "Wiadomości-śmieci", "Skräppost", "Uønsket e-post", "Roskaposti",
        "Nevyžádaná pošta", "Levélszemét", "Спам", "迷惑メール", "垃圾邮件", "Önemsiz E-posta"}},
      {Use::archive,
       {"Archive", "Archiv", "Archives", "Archivo", "Archivio", "Arquivo", "Archief", "Archiwum", "Arkiv", "Arkisto",
        "Archívum", "Архив", "アーカイブ", "归档", "Arşiv"}},
  };
  for (const Row& row : rows) {
    for (const char* name : row.names) {
      EXPECT_EQ(use_by_name(name), row.use) << name;
    }
  }
  for (const char* name : {"", "INBOX", "Work", "Sent 2020", "Archive/2020", "Concept", "Outbox", "Postausgang",
                           "Исходящие", "All Mail", "Notes", "Templates"}) {
    EXPECT_EQ(use_by_name(name), std::nullopt) << name;
  }
}

TEST(UseByAttribute, Table) {
  EXPECT_EQ(use_by_attribute("\\Sent"), Use::sent);
  EXPECT_EQ(use_by_attribute("\\TRASH"), Use::trash);
  EXPECT_EQ(use_by_attribute("\\All"), std::nullopt);
  EXPECT_EQ(use_by_attribute("Sent"), std::nullopt);
}

TEST(SpecialUses, WhatTheServerStatesDecides) {
  SpecialUses uses;
  uses.add(0, {}, {"Sent"});
  uses.add(1, {"\\HasNoChildren", "\\sent"}, {"Work", "Out"});
  uses.add(2, {"\\Trash"}, {"Drafts"});
  EXPECT_EQ(uses.holder(Use::sent), 1u);
  EXPECT_EQ(uses.holder(Use::trash), 2u);
  EXPECT_EQ(uses.holder(Use::drafts), std::nullopt) << "stated to be the trash";
}

TEST(SpecialUses, AUsualNameDoesWhereItIsTheOnlyOne) {
  SpecialUses uses;
  uses.add(0, {}, {"Gesendet"});
  uses.add(1, {}, {"Papierkorb"});
  uses.add(2, {}, {"Deleted Items"});
  uses.add(3, {}, {"Projects", "Drafts"});
  uses.add(4, {}, {"INBOX", "Spam"});
  uses.add(5, {}, {"INBOX", "Sent"});
  EXPECT_EQ(uses.holder(Use::sent), 0u) << "the top of the tree goes first";
  EXPECT_EQ(uses.holder(Use::trash), std::nullopt) << "two of them";
  EXPECT_EQ(uses.holder(Use::drafts), std::nullopt) << "a person's own";
  EXPECT_EQ(uses.holder(Use::junk), 4u);
}

}  // namespace
}  // namespace postern::sync
