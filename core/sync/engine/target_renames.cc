#include "core/sync/engine/target_renames.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/planner/rename_plan.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kCutsPerRename = 2;

class Renames {
 public:
  Renames(Context& context, Target& target, TargetWork& work, MapFacts& facts)
      : context_(context), target_(target), work_(work), facts_(facts) {}

  Task<Result<void>> run() {
    auto settled = co_await settle();
    if (!settled) co_return settled;
    rename_.wishes = renamed_names(facts_);
    give_up_cut_ones();
    while (!rename_.wishes.empty()) {
      rename_.recorded = work_.recorded();
      rename_.listed = facts_.listed;
      rename_.delimiter = facts_.tree.delimiter;
      const RenamePlan plan = plan_renames(rename_);
      for (const MailboxId id : plan.settled) {
        auto noted = co_await note(id);
        if (!noted) co_return noted;
      }
      if (plan.next) {
        auto done = co_await carry_out(*plan.next);
        if (!done) co_return done;
      } else if (plan.settled.empty()) {
        for (const MailboxId id : plan.taken) {
          report(id, Error(ErrorKind::config, "the target has another mailbox of that name already")
                         .remedy("rename or remove that one on the target, or keep the old name with mailbox_map"));
        }
        break;
      }
    }
    auto verified = co_await verify();
    if (!verified) co_return verified;
    facts_.recorded.clear();
    for (const auto& [id, record] : work_.recorded()) facts_.recorded.push_back(record);
    co_return Result<void>();
  }

 private:
  /// What RENAMEs that were under way came to, by what is listed now.
  Task<Result<void>> settle() {
    for (TargetMailboxRecord& record : settle_renames(work_.recorded(), facts_.listed)) {
      auto put = co_await work_.put(std::move(record));
      if (!put) co_return put;
    }
    co_return Result<void>();
  }

  /// The mailbox has the name it is to have.
  Task<Result<void>> note(MailboxId id) {
    TargetMailboxRecord record = work_.recorded().at(id);
    const MailboxName to = rename_.wishes.at(id);
    if (!record.name.is_inbox() && !to.is_inbox()) record.name = to;
    if (record.source_name.empty()) record.subscribed = work_.mailbox(id)->subscribed;
    record.source_name = work_.mailbox(id)->name.display();
    rename_.wishes.erase(id);
    return work_.put(std::move(record));
  }

  Task<Result<void>> carry_out(RenameStep step) {
    const std::set<std::string> subscribed = subscriptions();
    for (const auto& [id, name] : step.moved) {
      TargetMailboxRecord record = work_.recorded().at(id);
      if (is_dragged_along(id)) {
        rename_.wishes.emplace(id, record.name);
        record.source_name = name.display();  // what its new name stands for: whoever comes after sees it has another
      }
      record.renaming_to = name;
      if (subscribed.contains(record.name.wire())) record.subscribed.reset();  // to be carried over to the new name
      auto put = co_await work_.put(std::move(record));
      if (!put) co_return put;
    }
    log::info(context_.options.account + ": " + step.from.display() + " becomes " + step.to.display() +
              " on the target");
    auto renamed = co_await target_.rename(step.from, step.to, context_.wait);
    if (!renamed && verdict(renamed.error()) != Verdict::skip_mailbox &&
        verdict(renamed.error()) != Verdict::skip_message) {
      if (is_cut(renamed.error())) ++context_.rename_cuts[step.mailbox];
      co_return renamed;
    }
    std::vector<MailboxName> old_names;
    for (const auto& [id, name] : step.moved) old_names.push_back(work_.recorded().at(id).name);
    auto settled = renamed ? co_await believe(step) : co_await look();
    if (!settled) co_return settled;
    if (!renamed && !(work_.recorded().at(step.mailbox).name == step.to)) {
      rename_.given_up.insert(step.mailbox);
      report(step.mailbox, renamed.error());
      co_return Result<void>();
    }
    auto tidied = co_await tidy_subscriptions(old_names, subscribed);
    co_return tidied;
  }

  /// It goes along with the mailbox above it and kept its place at the source: it is renamed back.
  bool is_dragged_along(MailboxId id) const {
    const MailboxRecord* source = work_.mailbox(id);
    return source != nullptr && source->present && source->selectable && !rename_.wishes.contains(id);
  }

  /// OK to a RENAME: everything below went along. One LIST at the end shows whether that is so, for one after each
  /// would make a large tree quadratic.
  Task<Result<void>> believe(const RenameStep& step) {
    for (const auto& [id, name] : step.moved) {
      TargetMailboxRecord record = work_.recorded().at(id);
      believed_.emplace(id, record);
      record.name = name;
      record.renaming_to = {};
      auto put = co_await work_.put(std::move(record));
      if (!put) co_return put;
    }
    facts_.listed = listed_after(step, std::move(facts_.listed), facts_.tree.delimiter);
    co_return Result<void>();
  }

  Task<Result<void>> look() {
    auto listed = co_await target_.list(context_.wait);
    if (!listed) co_return fail(listed.error());
    facts_.listed = std::move(*listed);
    auto settled = co_await settle();
    co_return settled;
  }

  /// Whether the OKs were true. A mailbox that is still under the name it had, and not under the new one, keeps that.
  Task<Result<void>> verify() {
    if (believed_.empty()) co_return Result<void>();
    auto looked = co_await look();
    if (!looked) co_return looked;
    std::set<std::string> names;
    for (const ListedMailbox& one : facts_.listed) names.insert(one.name.wire());
    for (const auto& [id, was] : believed_) {
      TargetMailboxRecord record = work_.recorded().at(id);
      if (names.contains(record.name.wire()) || !names.contains(was.name.wire())) continue;
      const MailboxName wish = std::exchange(record.name, was.name);
      record.source_name = was.source_name;
      auto put = co_await work_.put(std::move(record));
      if (!put) co_return put;
      report(id, wish, Error(ErrorKind::server_bug, "the target says it is done, and lists the old name"));
    }
    co_return Result<void>();
  }

  /// A RENAME that breaks the connection again and again must not hold everything else up.
  void give_up_cut_ones() {
    for (const auto& [id, cuts] : context_.rename_cuts) {
      const auto wish = rename_.wishes.find(id);
      if (cuts < kCutsPerRename || wish == rename_.wishes.end() || work_.recorded().at(id).name == wish->second)
        continue;
      rename_.given_up.insert(id);
      report(id, Error(ErrorKind::server_bug, "the connection breaks whenever it is to be renamed"));
    }
  }

  std::set<std::string> subscriptions() const {
    std::set<std::string> names;
    for (const ListedMailbox& one : facts_.listed) {
      if (one.subscribed) names.insert(one.name.wire());
    }
    return names;
  }

  /// RENAME leaves subscriptions to names that are no more (RFC 9051 §6.3.6).
  Task<Result<void>> tidy_subscriptions(std::vector<MailboxName> old_names, std::set<std::string> subscribed) {
    std::set<std::string> there;
    for (const ListedMailbox& one : facts_.listed) {
      if (one.selectable) there.insert(one.name.wire());
    }
    for (const MailboxName& name : old_names) {
      if (!subscribed.contains(name.wire()) || there.contains(name.wire())) continue;
      auto done = co_await target_.unsubscribe(name, context_.wait);
      if (done) continue;
      if (verdict(done.error()) == Verdict::stop_pass || verdict(done.error()) == Verdict::reconnect) co_return done;
      log::info(context_.options.account + ": " + done.error().to_string());
    }
    co_return Result<void>();
  }

  void report(MailboxId id, const Error& error) { report(id, rename_.wishes.at(id), error); }
  void report(MailboxId id, const MailboxName& wish, const Error& error) {
    const std::string was = work_.recorded().at(id).name.display();
    Error problem(error.kind(),
                  "\"" + was + "\" on the target cannot become \"" + wish.display() + "\": " + error.to_string());
    problem.scope(Scope::mailbox).at(work_.mailbox(id)->name.display());
    context_.problem(std::move(problem));
  }

  Context& context_;
  Target& target_;
  TargetWork& work_;
  MapFacts& facts_;
  RenameFacts rename_;
  std::map<MailboxId, TargetMailboxRecord> believed_;  // those that RENAMEs took along, as they were before
};

}  // namespace

Task<Result<void>> carry_renames(Context& context, Target& target, TargetWork& work, MapFacts& facts) {
  Renames renames(context, target, work, facts);
  auto done = co_await renames.run();
  co_return done;
}

}  // namespace postern::sync
