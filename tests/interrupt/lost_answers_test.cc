// APPENDs whose answer is lost, wrong or a lie, on the real engine and wiring: whatever becomes of the connection,
// every message is on the target, once. POSTERN_CUTS says how many faults (5,000 in the long form).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/support/mail/random.h"
#include "tests/support/wired/wired_world.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;
using What = AppendFault::What;
using Content = std::multiset<MailContent>;

constexpr What kCuts[] = {What::cut_before_literal, What::cut_in_literal,    What::cut_before_commit,
                          What::cut_after_commit,   What::commit_late,       What::ok_without_effect,
                          What::wrong_uid,          What::wrong_uidvalidity, What::no_uid};

const char* name_of(What what) {
  switch (what) {
    case What::cut_before_literal:
      return "cut before the literal";
    case What::cut_in_literal:
      return "cut in the literal";
    case What::cut_before_commit:
      return "cut before the commit";
    case What::cut_after_commit:
      return "cut after the commit";
    case What::commit_late:
      return "committed late";
    case What::ok_without_effect:
      return "OK without effect";
    case What::wrong_uid:
      return "wrong APPENDUID";
    case What::wrong_uidvalidity:
      return "APPENDUID of another UIDVALIDITY";
    case What::no_uid:
      return "OK without APPENDUID";
    default:
      return "refused";
  }
}

struct Counts {
  std::map<std::string, int> faults;
  int cuts = 0, cases = 0, passes = 0, looks_alike = 0, altering = 0;
  std::uint64_t messages = 0, sent = 0, twins = 0, twins_reported = 0;
};

std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  out << counts.cuts << " faults in " << counts.cases << " cases (" << counts.altering
      << " with a target that alters), " << counts.passes << " passes\n";
  for (const auto& [name, count] : counts.faults) out << "  " << name << ": " << count << "\n";
  return out << "  messages: " << counts.messages << ", sent: " << counts.sent
             << ", look-alikes of another client: " << counts.looks_alike << ", late twins: " << counts.twins << " ("
             << counts.twins_reported << " reported)\n";
}

Content without(const Content& all, const Content& some) {
  Content left;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::inserter(left, left.end()));
  return left;
}

/// One account, some messages, some faults.
class Case {
 public:
  Case(std::uint64_t seed, Counts& counts) : random_(seed), counts_(counts) {
    world_.options.seed = seed;
    multiappend_ = (seed & 1) != 0;
    if (!multiappend_) world_.target.withdraw({"MULTIAPPEND"});
    if ((seed & 2) != 0) world_.target.withdraw({"UIDPLUS"});
    if ((seed & 4) != 0) world_.target.withdraw({"LITERAL+"});
    if ((seed & 24) == 24) alter_what_is_appended(random_.one_in(2));
    // The octets of a big message are not all in the pipe when the server hangs up: what was not sent is known then.
    if (random_.one_in(2)) world_.dialer.shape({.capacity = 4'096}, {});
  }

  void run() {
    ++counts_.cases;
    if (random_.one_in(2)) {  // a mailbox that is followed already
      add_messages();
      pass();
    }
    add_messages();
    for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) add_fault();
    for (std::uint64_t i = random_.below(3); i > 0 && random_.one_in(2); --i) store_a_look_alike();
    pass_until_clean();
    ASSERT_FALSE(::testing::Test::HasFatalFailure());
    world_.loop.advance(10min);  // what comes late has come, also what came after the pass
    pass();
    check_twins();
    check_quiet();
    world_.loop.advance(25h);  // nobody waits for second copies any more
    pass();
    EXPECT_TRUE(doubts().empty());
    check_quiet();
    count_sent();
    if (::testing::Test::HasFailure()) tell();
  }

 private:
  /// The target adds a line to each message, in its header or at its end.
  void alter_what_is_appended(bool in_header) {
    ++counts_.altering;
    (in_header ? before_ : behind_) = in_header ? "Received: by relay.example\r\n" : "\r\n";
    world_.target.lie([this](Lies& lies) {
      lies.append_puts_before = before_;
      lies.append_puts_behind = behind_;
    });
  }
  bool altering() const { return !before_.empty() || !behind_.empty(); }
  void tell() const {
    for (const AppendFault& fault : faults_) {
      std::cout << name_of(fault.what) << ", literal " << fault.literal << ", octets " << fault.octets << ", after "
                << fault.delay.count() << " ms\n";
    }
    for (const std::string& command : world_.target.commands_since(0)) std::cout << command << "\n";
  }

  void add_messages() {
    for (std::uint64_t i = 1 + random_.below(7); i > 0; --i) {
      Bytes octets;
      switch (random_.below(6)) {
        case 0:  // a copy
          octets = last_;
          break;
        case 1:  // another one of the same header and size
          octets = wired_mail("m" + std::to_string(serial_), "TEXT");
          break;
        case 2:
          octets = wired_mail("m" + std::to_string(++serial_), std::string(20'000 + random_.below(60'000), 'x'));
          break;
        default:
          octets = wired_mail("m" + std::to_string(++serial_));
      }
      if (octets.empty()) octets = wired_mail("first");
      last_ = octets;
      // Which of several copies is which their flags and dates would tell: a server that lies of copies is not asked
      // that.
      // Of different contents of one header and second an altering server's copies cannot be told apart.
      const std::int64_t offset = altering() ? static_cast<std::int64_t>(dates_.size()) : random_.between(0, 3);
      const std::int64_t date = dates_.emplace(octets, kDate + offset).first->second;
      const std::vector<std::string> flags =
          octets.size() % 2 == 0 ? std::vector<std::string>{"\\Seen", "$Work"} : std::vector<std::string>{};
      world_.source.append("INBOX", octets, flags, date);
      as_stored_[sha256_hex(octets)] = sha256_hex(before_ + octets + behind_);
      ++counts_.messages;
    }
  }

  void add_fault() {
    AppendFault fault;
    fault.what = random_.pick(kCuts);
    fault.literal = multiappend_ ? random_.below(4) : 0;
    if (fault.literal != 0 && random_.one_in(2)) fault.literal = 0;
    fault.octets = random_.below(2) == 0 ? random_.below(100) : random_.below(30'000);
    fault.delay = std::chrono::milliseconds(random_.one_in(2) ? random_.below(40'000) : random_.below(400'000));
    if (fault.what == What::commit_late) may_come_late_ = true;
    faults_.push_back(fault);
    world_.target.next_append(fault);
    ++counts_.cuts;
    ++counts_.faults[name_of(fault.what)];
  }

  /// Another client of the target's stores, at some time, what header and size do not tell from a message of ours.
  void store_a_look_alike() {
    ++counts_.looks_alike;
    const Bytes octets = wired_mail("m" + std::to_string(serial_), random_.one_in(2) ? "tExT" : "tEXT");
    constexpr std::int64_t date = kDate + 100'000;
    world_.loop.call_at(world_.loop.now() + std::chrono::milliseconds(random_.below(60'000)), [this, octets] {
      world_.target.append("INBOX", octets, {}, date);
      strangers_.insert({sha256_hex(octets), {}, date});
    });
  }

  sync::PassReport pass() {
    ++counts_.passes;
    auto report = world_.sync();
    for (const Error& problem : report.problems) {
      if (problem.to_string().find("second cop") != std::string::npos) twins_reported_ = true;
    }
    return report;
  }

  void pass_until_clean() {
    std::string seen;
    for (int i = 0; i < 12; ++i) {
      const auto report = pass();
      if (report.state == sync::PassReport::State::ok && !report.error) return;
      if (twins_reported_ && report.problems.size() == 1) return;
      if (report.quarantined != 0) world_.loop.advance(61min);  // until it is tried again
      if (report.error) seen += report.error->to_string() + "\n";
      for (const Error& problem : report.problems) seen += problem.to_string() + "\n";
    }
    FAIL() << "no clean pass:\n" << seen;
  }

  Content on_target() const { return contents(world_.target.state().at("INBOX")); }
  Content wanted() const {
    Content wanted;
    for (MailContent content : contents(world_.source.state().at("INBOX"))) {
      content.sha256 = as_stored_.at(content.sha256);
      wanted.insert(std::move(content));
    }
    wanted.insert(strangers_.begin(), strangers_.end());
    return wanted;
  }

  /// Nothing lost; gives what is there besides.
  Content check() {
    const Content missing = without(wanted(), on_target());
    EXPECT_TRUE(missing.empty()) << "lost: " << ::testing::PrintToString(missing);
    return without(on_target(), wanted());
  }

  /// Only a message that was stored late may be there twice, and each second copy is reported once, whenever it came.
  void check_twins() {
    const Content extra = check();
    counts_.twins += extra.size();
    counts_.twins_reported += world_.vault.audit.size();
    EXPECT_TRUE(extra.empty() || may_come_late_) << "doubled: " << ::testing::PrintToString(extra);
    std::set<std::uint32_t> uids;
    for (const AuditRecord& row : world_.vault.audit) {
      EXPECT_EQ(row.action, AuditRecord::Action::second_copy);
      EXPECT_TRUE(uids.insert(row.uid.value()).second) << "reported twice: UID " << row.uid.value();
    }
    auto reported = world_.target.state().at("INBOX");
    std::erase_if(reported.messages, [&](const auto& message) { return !uids.contains(message.uid); });
    EXPECT_EQ(contents(reported), extra) << "second copies, reported and there";
    EXPECT_EQ(twins_reported_, !extra.empty());
  }
  const std::map<Place, Doubt>& doubts() const { return world_.vault.targets.begin()->second.doubts; }

  void check_quiet() {
    world_.vault.writes = 0;
    const auto mark = world_.target.mark();
    const auto report = pass();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    EXPECT_EQ(world_.vault.writes, 0u);
    EXPECT_EQ(world_.mutations_since(mark), 0u);
    EXPECT_THAT(world_.violations(), ::testing::IsEmpty());
  }

  void count_sent() {
    for (const std::string& command : world_.target.commands_since(0)) {
      if (!command.starts_with("APPEND")) continue;
      for (const char c : command) counts_.sent += c == '{';
    }
  }

  static constexpr std::int64_t kDate = 1'500'000'000;
  Random random_;
  Counts& counts_;
  WiredWorld world_;
  bool multiappend_ = false, may_come_late_ = false, twins_reported_ = false;
  int serial_ = 0;
  Bytes last_;
  std::map<Bytes, std::int64_t> dates_;
  Bytes before_, behind_;                         // what the target adds to each message
  std::map<std::string, std::string> as_stored_;  // the digest of each message, and of what the target makes of it
  Content strangers_;
  std::vector<AppendFault> faults_;
};

int number(const char* name, int otherwise) {
  const char* said = std::getenv(name);
  return said == nullptr ? otherwise : std::atoi(said);
}

TEST(LostAnswersTest, NothingIsLostAndNothingIsDoubled) {
  Counts counts;
  const int cuts = number("POSTERN_CUTS", 500);
  for (auto seed = static_cast<std::uint64_t>(number("POSTERN_SEED", 1)); counts.cuts < cuts; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Case(seed, counts).run();
    if (::testing::Test::HasFailure()) break;
  }
  std::cout << counts;
}

}  // namespace
}  // namespace postern::testing
