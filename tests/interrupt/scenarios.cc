#include "tests/interrupt/scenarios.h"

namespace postern::testing {
namespace {

using World = WiredWorld;
using Change = std::function<void(World&)>;
using Ends = InterruptScenario::Counts;

void fill(FakeImapServer& server, const std::string& box, int count,
          const std::vector<std::string>& flags = {"\\Seen"}) {
  for (int i = 0; i < count; ++i) {
    server.append(box, wired_mail(box + std::to_string(i)), flags, 1'500'000'000 + i);
  }
}
void create(FakeImapServer& server, const std::string& box, int messages) {
  server.create(box);
  fill(server, box, messages);
}

void nothing(World&) {}

void account(World& world) {
  fill(world.source, "INBOX", 5);
  create(world.source, "Work/Plans", 3);
  world.source.create("Empty");
}

/// The account, copied.
void copied(World& world) {
  account(world);
  world.sync();
}

void delta(World& world) {
  world.loop.advance(std::chrono::hours(2));  // the flag sweep is due
  world.source.append("INBOX", wired_mail("new"), {"\\Draft"});
  world.source.append("INBOX", wired_mail("new"));
  world.source.store("INBOX", 2, "FLAGS", {"\\Flagged", "$Work"});
  world.source.store("Work/Plans", 1, "-FLAGS", {"\\Seen"});
}

/// The account, copied, with the target's flags read.
void both_ways(World& world) {
  world.options.flags = sync::FlagMode::two_way;
  copied(world);
  world.sync();
}

void change_both(World& world) {
  delta(world);
  world.target.store("INBOX", 2, "+FLAGS", {"\\Answered"});
  world.target.store("INBOX", 3, "FLAGS", {});
  world.target.store("INBOX", 4, "FLAGS", {"$Mine"});
  world.target.store("Work/Plans", 2, "FLAGS", {});
  world.target.store("Work/Plans", 3, "-FLAGS", {"\\Seen"});
}

Change without(std::set<std::string> target, std::set<std::string> source, Change then) {
  return [=](World& world) {
    world.target.withdraw(target);
    world.source.withdraw(source);
    then(world);
  };
}

/// Half of the messages are at the target already, by another tool's hands.
void half_filled(World& world) {
  account(world);
  for (int i = 0; i < 5; i += 2) {
    world.target.append("INBOX", wired_mail("INBOX" + std::to_string(i)), {"\\Answered"}, 1'500'000'000 + i);
  }
}

void set_attributes(FakeImapServer& server, const std::string& box, const std::string& attribute) {
  server.with_account([&](FakeAccount& account) { account.find(box)->attributes.push_back(attribute); });
}

std::vector<InterruptScenario> copies() {
  return {
      {"FirstCopy", nothing, account},
      {"FirstCopyWithoutMultiappend", without({"MULTIAPPEND"}, {}, nothing), account},
      {"FirstCopyWithoutUidplus", without({"UIDPLUS"}, {}, nothing), account},
      {"FirstCopyWithoutEither", without({"MULTIAPPEND", "UIDPLUS"}, {}, nothing), account},
      {"FirstCopyToATargetThatAltersSizes",
       without({"UIDPLUS"}, {}, [](World& world) { world.target.lie([](Lies& lies) { lies.stated_size = 2; }); }),
       account},
      {"FirstCopyWithoutLiteralPlus", without({"LITERAL+"}, {}, nothing), account},
      {"FirstCopyOfABareSource",
       without({}, {"CONDSTORE", "QRESYNC", "LIST-STATUS", "LIST-EXTENDED", "ESEARCH", "OBJECTID"}, nothing), account},
      {"EmptyAccount", nothing, [](World& world) { world.source.create("Empty/Child"); }},
      {"BigMessage", nothing,
       [](World& world) { world.source.append("INBOX", wired_mail("big", std::string(1'200'000, 'x'))); }},
      {"IdenticalCopies", nothing,
       [](World& world) {
         world.source.create("Copies");
         for (int i = 0; i < 3; ++i) world.source.append("INBOX", wired_mail("twin"), {"\\Seen"});
         for (int i = 0; i < 2; ++i) world.source.append("Copies", wired_mail("twin"));
       }},
      {"HeaderAndSizeDoNotTellThemApart", without({"UIDPLUS"}, {}, nothing),
       [](World& world) {
         for (const char* text : {"one", "two", "six"}) world.source.append("INBOX", wired_mail("draft", text));
       }},
      {"Subscriptions", nothing,
       [](World& world) {
         account(world);
         world.source.subscribe("Work/Plans");
         world.source.subscribe("Empty");
       }},
      {"SpecialUse",
       [](World& world) {
         create(world.target, "Sent Items", 0), set_attributes(world.target, "Sent Items", "\\Sent");
       },
       [](World& world) { create(world.source, "Sent", 3), set_attributes(world.source, "Sent", "\\Sent"); }},
      {"FilteredMailboxes",
       [](World& world) { world.options.selects = [](const MailboxName& name) { return name.display() != "Junk"; }; },
       [](World& world) {
         account(world);
         create(world.source, "Junk", 2);
       }},
      {"MailboxMap",
       [](World& world) {
         world.options.maps = [](std::string_view name, char) {
           return name == "Work/Plans" ? std::optional<std::string>("Archive/Plans") : std::nullopt;
         };
       },
       account},
      {"SeveralSourceConnections", [](World& world) { world.options.connections = 2; },
       [](World& world) {
         for (int i = 0; i < 9; ++i) create(world.source, "Box" + std::to_string(i), 1);
       }},
      {"SeveralTargetConnections", [](World& world) { world.options.target_connections = 3; },
       [](World& world) {
         for (int i = 0; i < 20; ++i) create(world.source, "Box" + std::to_string(i), 2);
       }},
      {"TooBigForTheTarget", [](World& world) { world.target.offer({"APPENDLIMIT=1000"}); },
       [](World& world) {
         account(world);
         world.source.append("INBOX", wired_mail("big", std::string(2'000, 'x')));
       }},
  };
}

std::vector<InterruptScenario> deltas() {
  return {
      {"Delta", copied, delta},
      {"DeltaWithCondstore", without({}, {"QRESYNC"}, copied), delta},
      {"DeltaOfABareSource",
       without({}, {"CONDSTORE", "QRESYNC", "LIST-STATUS", "LIST-EXTENDED", "ESEARCH", "OBJECTID"}, copied), delta},
      {"DeltaWithoutTargetCondstore", without({"CONDSTORE", "QRESYNC"}, {}, copied), delta},
      {"DeltaWithoutUidplus", without({"UIDPLUS"}, {}, copied), delta},
      {"Flags", copied,
       [](World& world) {
         world.source.store("INBOX", 1, "-FLAGS", {"\\Seen"});
         for (const std::uint32_t uid : {2u, 3u}) world.source.store("INBOX", uid, "+FLAGS", {"\\Answered"});
         world.source.store("INBOX", 4, "FLAGS", {});
       }},
      {"FlagsOfBothSides", both_ways, change_both},
      {"FlagsOfBothSidesWithoutCondstore",
       without({"CONDSTORE", "QRESYNC"}, {"CONDSTORE", "QRESYNC"},
               [](World& world) {
                 world.options.flag_sweep = std::chrono::hours(1);
                 both_ways(world);
               }),
       change_both},
      {"Keywords", copied,
       [](World& world) {
         world.source.store("INBOX", 1, "+FLAGS", {"$Work", "Later"});
         world.source.store("Work/Plans", 2, "+FLAGS", {"$Junk"});
       }},
      {"NewMailboxes", copied,
       [](World& world) {
         create(world.source, "Work/Plans/2026", 2);
         create(world.source, "Другие", 1);
         create(world.source, "Work/R&D", 1);
       }},
      {"MailboxRenamed", copied,
       [](World& world) {
         world.source.rename("Work/Plans", "Done");
         world.source.append("Done", wired_mail("new"));
       }},
      {"MailboxRenamedWithoutObjectId", without({}, {"OBJECTID"}, copied),
       [](World& world) { world.source.rename("Work/Plans", "Done"); }},
      {"MailboxesOfATreeRenamed",
       [](World& world) {
         account(world);
         create(world.source, "Work", 1);
         world.source.subscribe("Work/Plans");
         world.sync();
       },
       [](World& world) {
         world.source.rename("Work/Plans", "Job/Plans");
         world.source.rename("Work", "Job");
         world.source.append("Job/Plans", wired_mail("new"));
       }},
      {"NamesExchanged",
       [](World& world) {
         account(world);
         create(world.source, "A", 2);
         create(world.source, "B", 1);
         world.sync();
       },
       [](World& world) {
         world.source.rename("A", "C");
         world.source.rename("B", "A");
         world.source.rename("C", "B");
       }},
      {"SubscriptionsChange",
       [](World& world) {
         account(world);
         world.source.subscribe("Work/Plans");
         world.sync();
       },
       [](World& world) {
         world.source.subscribe("Empty");
         world.source.with_account([](FakeAccount& account) { account.find("Work/Plans")->subscribed = false; });
       }},
      {"MailboxGone", copied,
       [](World& world) {
         world.source.remove("Empty");
         world.source.append("INBOX", wired_mail("new"));
       }},
      {"Vanished", copied,
       [](World& world) {
         world.source.expunge("INBOX", {1, 3});
         world.source.append("INBOX", wired_mail("new"));
       }},
      {"Undeleted",
       [](World& world) {
         account(world);
         world.source.store("INBOX", 3, "+FLAGS", {"\\Deleted"});
         world.sync();
       },
       [](World& world) { world.source.store("INBOX", 3, "-FLAGS", {"\\Deleted"}); }},
      {"MovedAndKnownByEmailId",
       [](World& world) {
         account(world);
         create(world.source, "Archive", 0);
         fill(world.source, "Work/Plans", 9);
         world.sync();
       },
       [](World& world) {
         for (std::uint32_t uid = 1; uid <= 8; ++uid) {
           world.source.copy("Work/Plans", uid, "Archive");
           world.source.expunge("Work/Plans", {uid});
         }
       }},
  };
}

std::vector<InterruptScenario> disorders() {
  return {
      {"SourceRenumbered", copied,
       [](World& world) {
         delta(world);
         world.source.change_uidvalidity("INBOX", 5'000);
       }},
      {"TargetRenumbered", copied,
       [](World& world) {
         delta(world);
         world.target.change_uidvalidity("INBOX", 5'000);
       }},
      {"TargetMailboxDeleted", copied,
       [](World& world) {
         world.target.remove("Work/Plans");
         delta(world);
       }},
      {"FilledTarget", nothing, half_filled},
      {"FilledTargetWithoutUidplus", without({"UIDPLUS", "MULTIAPPEND"}, {}, nothing), half_filled},
      {"FilledTargetWithLookAlikes", nothing,
       [](World& world) {
         for (const int date : {1, 2})
           world.source.append("INBOX", wired_mail("draft", std::to_string(date)), {}, date);
         for (const int date : {2, 6})
           world.target.append("INBOX", wired_mail("draft", std::to_string(date)), {}, date);
       }},
      {"LostVault", copied,
       [](World& world) {
         world.vault = {};
         delta(world);
       }},
      {"LostVaultAndRenumberedSource", copied,
       [](World& world) {
         world.vault = {};
         world.source.change_uidvalidity("Work/Plans", 5'000);
       }},
      {"QuarantineIsDue",
       [](World& world) {
         account(world);
         world.source.lie([](Lies& lies) { lies.refuse_fetch[2] = "NO [SERVERBUG] Internal error"; });
         world.sync();
         world.source.lie([](Lies& lies) { lies = {}; });
       },
       [](World& world) { world.loop.advance(std::chrono::hours(2)); }},
      {"RefusedMessageIsDue",
       [](World& world) {
         world.target.offer({"APPENDLIMIT=1000"});
         account(world);
         world.source.append("INBOX", wired_mail("big", std::string(2'000, 'x')));
         world.sync();
       },
       [](World& world) {
         world.target.withdraw({"APPENDLIMIT=1000"});
         world.loop.advance(std::chrono::hours(2));
         world.source.append("Work/Plans", wired_mail("new"));
       }},
      {"APersonActsOnTheTarget", copied,
       [](World& world) {
         delta(world);
         world.target.store("INBOX", 1, "+FLAGS", {"$Person"});
         world.target.append("INBOX", wired_mail("a person's own"));
         world.target.expunge("Work/Plans", {2});
       }},
  };
}

Change deleting(sync::Deletes deletes, Change then) {
  return [=](World& world) {
    world.options.deletes = deletes;
    then(world);
  };
}

/// Few enough for the guard.
void vanished(World& world) {
  world.source.expunge("INBOX", {1, 3});
  world.source.expunge("Work/Plans", {2});
  world.source.append("INBOX", wired_mail("new"));
}

/// Two mailboxes, and messages that go from one to the other.
void copied_with_archive(World& world) {
  account(world);
  create(world.source, "Archive", 1);
  fill(world.source, "Work/Plans", 9);
  world.sync();
}
void moved(World& world) {
  for (std::uint32_t uid = 2; uid <= 6; ++uid) {
    world.source.copy("Work/Plans", uid, "Archive");
    world.source.expunge("Work/Plans", {uid});
  }
  world.source.store("Archive", 2, "+FLAGS", {"\\Flagged"});
  world.source.append("Work/Plans", wired_mail("new"));
}

/// Mail leaves the source in the pass in which it was read back.
void clearing(World& world) { world.options.delete_source = std::chrono::seconds(0); }

std::vector<InterruptScenario> deletions() {
  const auto mirrored = deleting(sync::Deletes::mirror, copied);
  const auto mirrored_with_archive = deleting(sync::Deletes::mirror, copied_with_archive);
  return {
      {"Mirrored", mirrored, vanished, Ends{6, 6}},
      {"MirroredWithoutUidplus", without({"UIDPLUS"}, {}, mirrored), vanished, Ends{6, 9}},
      {"MirroredMailboxGone", mirrored,
       [](World& world) {
         world.source.remove("Work/Plans");
         world.source.append("INBOX", wired_mail("new"));
       },
       Ends{6, 6}},
      {"Trashed", deleting(sync::Deletes::trash, copied), vanished, Ends{6, 9}},
      {"TrashedIntoOneThatIsThere",
       deleting(sync::Deletes::trash,
                [](World& world) {
                  create(world.target, "Bin", 2), set_attributes(world.target, "Bin", "\\Trash");
                  copied(world);
                }),
       vanished, Ends{6, 11}},
      {"HeldByTheGuard", mirrored,
       [](World& world) {
         create(world.source, "Many", 8);
         world.sync();
         std::set<std::uint32_t> all;
         for (std::uint32_t uid = 1; uid <= 8; ++uid) all.insert(uid);
         world.source.expunge("Many", all);
         vanished(world);
       },
       Ends{6, 14}},
      {"MovesFollowed", mirrored_with_archive, moved, Ends{19, 19}},
      {"MovesFollowedWithoutMove", without({"MOVE"}, {}, mirrored_with_archive), moved, Ends{19, 19}},
      {"MovesFollowedWithoutUidplus", without({"UIDPLUS"}, {}, mirrored_with_archive), moved, Ends{19, 19}},
      {"SourceCleared", clearing, account, Ends{0, 8}},
      {"SourceClearedOfABareTarget", without({"UIDPLUS", "MULTIAPPEND", "CONDSTORE", "QRESYNC"}, {}, clearing), account,
       Ends{0, 8}},
      {"SourceClearedAfterMirroring",
       [](World& world) {
         world.options.deletes = sync::Deletes::mirror;
         copied(world);
         clearing(world);
       },
       vanished, Ends{0, 6}},
  };
}

Change altering(std::string before, std::string behind, Change then) {
  return [=](World& world) {
    world.target.lie([&](Lies& lies) {
      lies.append_puts_before = before;
      lies.append_puts_behind = behind;
    });
    then(world);
  };
}

Change refusing(Rule rule, Change then) {
  return [=](World& world) {
    then(world);
    world.target.rule(rule);
  };
}

/// Another client of the target's delivers while the pass is at work.
void others_deliver(World& world) {
  world.meanwhile = [&world](std::uint64_t step) {
    if (step % 4 != 3 || step > 16) return;
    const std::string subject = step == 7 ? "INBOX1" : "a stranger's " + std::to_string(step);
    world.target.append("INBOX", wired_mail(subject, "TEXT"), {"$Theirs"}, 1'600'000'000);
  };
}

std::vector<InterruptScenario> resistances() {
  const std::string received = "Received: by relay.example; Thu, 1 Jan 2026 00:00:00 +0000\r\n";
  const std::string refused = "$TAG NO [CANNOT] not this one\r\n";
  return {
      {"TargetThatAddsAHeader", altering(received, "", nothing), account},
      {"TargetThatAddsAHeaderWithoutUidplus", without({"UIDPLUS"}, {}, altering(received, "", nothing)), account},
      {"TargetThatAddsALineEnd", altering("", "\r\n", nothing), account},
      {"TargetThatAddsALineEndWithoutEither", without({"UIDPLUS", "MULTIAPPEND"}, {}, altering("", "\r\n", nothing)),
       account},
      {"DeltaToATargetThatAddsAHeader", altering(received, "", copied), delta},
      {"StoreRefused", refusing({.command = "UID STORE", .times = -1, .instead = refused}, copied), delta},
      {"RenameRefusedOnce", refusing({.command = "RENAME", .instead = refused}, copied),
       [](World& world) {
         world.source.rename("Work/Plans", "Done");
         world.source.append("Done", wired_mail("new"));
       }},
      {"CreateRefusedOnce", refusing({.command = "CREATE", .instead = refused}, nothing), account},
      {"LsubFails",
       [](World& world) {
         for (FakeImapServer* server : {&world.source, &world.target}) {
           server->withdraw({"LIST-EXTENDED", "LIST-STATUS"});
           server->rule({.command = "LSUB", .instead = "$TAG NO [UNAVAILABLE] not now\r\n"});
         }
       },
       account},
      {"OthersDeliverMeanwhile", nothing,
       [](World& world) {
         account(world);
         others_deliver(world);
       }},
      {"OthersDeliverMeanwhileWithoutUidplus", without({"UIDPLUS"}, {}, nothing),
       [](World& world) {
         account(world);
         others_deliver(world);
       }},
  };
}

}  // namespace

const std::vector<InterruptScenario>& interrupt_scenarios() {
  static const std::vector<InterruptScenario> all = [] {
    std::vector<InterruptScenario> list;
    for (const auto& part : {copies(), deltas(), disorders(), deletions(), resistances()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

}  // namespace postern::testing
