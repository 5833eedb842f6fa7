#include "core/sync/engine/target_renames.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/planner/rename_plan.h"
#include "core/sync/planner/sharing.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kCutsPerRename = 2;

class Renames {
 public:
  Renames(Context& context, Target& target, TargetWork& work, MapFacts& facts)
      : context_(context), target_(target), work_(work), facts_(facts) {}

  Task<Result<void>> run() {
    rename_.recorded = work_.recorded();
    auto settled = co_await settle();
    if (!settled) co_return settled;
    take_over_records();
    rename_.wishes = renamed_names(facts_);
    rename_.delimiter = facts_.tree.delimiter;
    give_up_cut_ones();
    while (!rename_.wishes.empty()) {
      rename_.listed = facts_.listed;
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
    // Whether the OKs were true.
    if (!believed_.empty()) {
      auto looked = co_await look();
      if (!looked) co_return looked;
    }
    take_over_records();
    co_return Result<void>();
  }

 private:
  void take_over_records() {
    facts_.recorded.clear();
    for (const auto& [id, record] : work_.recorded()) facts_.recorded.push_back(record);
  }

  /// What RENAMEs that were under way came to, by what is listed now. Only now it is durable.
  Task<Result<void>> settle() {
    std::set<std::string> names;
    for (const ListedMailbox& one : facts_.listed) {
      if (one.selectable) names.insert(one.name.wire());
    }
    for (TargetMailboxRecord& record : settle_renames(work_.recorded(), facts_.listed)) {
      const MailboxId id = record.source;
      if (believed_.erase(id) != 0) {
        const TargetMailboxRecord& now = rename_.recorded.at(id);
        if (names.contains(now.name.wire()) || !names.contains(work_.recorded().at(id).name.wire())) {
          record = now;
        } else {
          rename_.given_up.insert(id);
          report(id, now.name, Error(ErrorKind::server_bug, "the target says it is done, and lists the old name"));
        }
      }
      auto put = co_await this->put(std::move(record));
      if (!put) co_return put;
    }
    co_return Result<void>();
  }

  Task<Result<void>> put(TargetMailboxRecord record) {
    rename_.recorded.insert_or_assign(record.source, record);
    return work_.put(std::move(record));
  }

  /// The mailbox has the name it is to have; as far as that is only believed, not durably.
  Task<Result<void>> note(MailboxId id) {
    TargetMailboxRecord record = rename_.recorded.at(id);
    const MailboxName to = rename_.wishes.at(id);
    if (!record.name.is_inbox() && !to.is_inbox()) record.name = to;
    if (record.source_name.empty()) record.subscribed = work_.mailbox(id)->subscribed;
    record.source_name = work_.mailbox(id)->name.display();
    rename_.wishes.erase(id);
    if (believed_.contains(id)) {
      rename_.recorded.insert_or_assign(id, std::move(record));
      co_return Result<void>();
    }
    auto noted = co_await put(std::move(record));
    co_return noted;
  }

  Task<Result<void>> carry_out(RenameStep step) {
    if (needs_proof(step)) {
      auto looked = co_await look();
      co_return looked;
    }
    const std::set<std::string> subscribed = subscriptions();
    std::set<MailboxName> old_names;
    for (const auto& [id, name] : step.moved) {
      TargetMailboxRecord record = rename_.recorded.at(id);
      old_names.insert(record.name);
      if (!(record.name == step.from) && is_dragged_along(id)) {
        rename_.wishes.emplace(id, record.name);
        record.source_name = name.display();  // what its new name stands for: whoever comes after sees it has another
      }
      record.renaming_to = name;
      if (subscribed.contains(record.name.wire())) record.subscribed.reset();  // to be carried over to the new name
      auto put = co_await this->put(std::move(record));
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
    if (renamed) {
      believe(step);
    } else {
      auto looked = co_await look();
      if (!looked) co_return looked;
    }
    if (!renamed && !(rename_.recorded.at(step.mailbox).name == step.to)) {
      give_up(step.mailbox);
      report(step.mailbox, renamed.error());
      co_return Result<void>();
    }
    auto tidied = co_await tidy_subscriptions(std::move(old_names), subscribed);
    co_return tidied;
  }

  /// What a RENAME came to that is only believed must show before another one takes the mailbox on, or puts one where
  /// it was.
  bool needs_proof(const RenameStep& step) const {
    if (std::any_of(step.moved.begin(), step.moved.end(),
                    [&](const auto& one) { return believed_.contains(one.first); }))
      return true;
    return std::any_of(believed_.begin(), believed_.end(),
                       [&](MailboxId id) { return blurs(step, work_.recorded().at(id).name, rename_.delimiter); });
  }

  /// It goes along with the mailbox above it and kept its place at the source: it is renamed back.
  bool is_dragged_along(MailboxId id) const {
    const MailboxRecord* source = work_.mailbox(id);
    return source != nullptr && source->present && source->selectable && !rename_.wishes.contains(id);
  }

  /// OK to a RENAME: everything below went along. One LIST at the end shows whether that is so, for one after each
  /// would make a large tree quadratic. Until then the records say that it is under way.
  void believe(const RenameStep& step) {
    for (const auto& [id, name] : step.moved) {
      TargetMailboxRecord& record = rename_.recorded.at(id);
      record.name = name;
      record.renaming_to = {};
      believed_.insert(id);
    }
    facts_.listed = listed_after(step, std::move(facts_.listed), facts_.tree.delimiter);
  }

  Task<Result<void>> look() {
    auto listed = co_await target_.list(context_.wait);
    if (!listed) co_return fail(listed.error());
    facts_.listed = std::move(*listed);
    auto settled = co_await settle();
    co_return settled;
  }

  /// A RENAME that breaks the connection again and again must not hold everything else up.
  void give_up_cut_ones() {
    for (const auto& [id, cuts] : context_.rename_cuts) {
      const auto wish = rename_.wishes.find(id);
      if (cuts < kCutsPerRename || wish == rename_.wishes.end() || work_.recorded().at(id).name == wish->second)
        continue;
      give_up(id);
      report(id, Error(ErrorKind::server_bug, "the connection breaks whenever it is to be renamed"));
    }
  }

  void give_up(MailboxId id) {
    const TargetPlace place = target_place(rename_.recorded.at(id));
    for (const auto& [other, record] : rename_.recorded) {
      if (target_place(record) == place) rename_.given_up.insert(other);
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
  Task<Result<void>> tidy_subscriptions(std::set<MailboxName> old_names, std::set<std::string> subscribed) {
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
  RenameFacts rename_;            // `recorded` as it is believed to be
  std::set<MailboxId> believed_;  // those that RENAMEs took along, and were not seen under their new names yet
};

}  // namespace

Task<Result<void>> carry_renames(Context& context, Target& target, TargetWork& work, MapFacts& facts) {
  Renames renames(context, target, work, facts);
  auto done = co_await renames.run();
  co_return done;
}

}  // namespace postern::sync
