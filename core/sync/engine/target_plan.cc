#include "core/sync/engine/target_plan.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/sync/engine/target_renames.h"
#include "core/sync/planner/flag_look.h"

namespace postern::sync {
namespace {

MapFacts facts_of(const Context& context, const TargetFeatures& features, const TargetWork& work,
                  std::vector<ListedMailbox> listed) {
  MapFacts facts;
  facts.tree = {features.delimiter, features.prefix};
  for (const MailboxRecord& one : work.mailboxes()) {
    facts.source_tree.push_back(one.name);
    const bool wanted = one.selectable && context.wants(one.name);
    if (wanted && (one.present || work.recorded().contains(one.id) || work.touched().contains(one.id)))
      facts.sources.push_back(one);
    if (!context.options.maps) continue;
    auto ruled = context.options.maps(one.name.display(), one.name.delimiter());
    if (!ruled) continue;
    facts.ruled.emplace(one.id, std::move(*ruled));
    if (context.options.merges && context.options.merges(one.name.display(), one.name.delimiter())) {
      facts.merging.insert(one.id);
    }
  }
  for (const auto& [id, record] : work.recorded()) {
    facts.recorded.push_back(record);
    const MailboxRecord* source = work.mailbox(id);
    if ((source == nullptr || !source->present) && !facts.merging.contains(id)) facts.left_over.insert(id);
    if (!context.options.maps || source == nullptr || record.source_name.empty()) continue;
    auto ruled = context.options.maps(record.source_name, source->name.delimiter());
    if (ruled) facts.ruled_before.emplace(id, std::move(*ruled));
  }
  facts.listed = std::move(listed);
  return facts;
}

void report_collision(Context& context, const TargetWork& work, const MailboxMap::Collision& collision) {
  const MailboxRecord* one = work.mailbox(collision.mailbox);
  const MailboxRecord* other = work.mailbox(collision.other);
  const auto touched = work.touched().find(collision.mailbox);
  if (!one || touched == work.touched().end()) return;
  context.report.target->held += touched->second.size();
  context.problem(
      Error(ErrorKind::config, "the target mailbox \"" + collision.name.display() + "\" is taken by \"" +
                                   (other ? other->name.display() : std::string("another mailbox")) + "\"")
          .scope(Scope::mailbox)
          .remedy(
              "give one of the two another name with mailbox_map, or merge: true for both to share it, or leave it out "
              "with mailboxes.exclude")
          .at(one->name.display()));
}

void report_unnamed(Context& context, const TargetWork& work, const MailboxMap::Unnamed& unnamed) {
  const MailboxRecord* one = work.mailbox(unnamed.mailbox);
  const auto touched = work.touched().find(unnamed.mailbox);
  if (!one || touched == work.touched().end()) return;
  context.report.target->held += touched->second.size();
  context.problem(Error(ErrorKind::config, "the mailbox can have no name on the target: " + unnamed.error.to_string())
                      .scope(Scope::mailbox)
                      .remedy("give it one with mailbox_map, or leave it out with mailboxes.exclude")
                      .at(one->name.display()));
}

using Statuses = std::map<std::string, std::optional<MailboxStatus>>;  // by wire name, before anything was renamed

Statuses statuses_of(const std::vector<ListedMailbox>& listed) {
  Statuses statuses;
  for (const ListedMailbox& one : listed) {
    if (one.status || one.status_error) statuses.emplace(one.name.wire(), one.status);
  }
  return statuses;
}

/// With flags: two_way: a mailbox without any other work whose flags may have changed on the target.
bool is_to_be_read(const Context& context, const TargetWork& work, MailboxId id, const MappedMailbox& mapped,
                   const Statuses& statuses) {
  const auto record = work.recorded().find(id);
  const MailboxRecord* source = work.mailbox(id);
  if (context.own_flags == nullptr || work.touched().contains(id) || source == nullptr || !source->present)
    return false;
  if (!mapped.exists || record == work.recorded().end() || !record->second.adopted) return false;
  const auto status = statuses.find(mapped.name.wire());
  if (status == statuses.end()) return true;  // it has just got that name: SELECT tells
  if (!status->second || status->second->uidvalidity != record->second.uidvalidity) return false;
  const FlagState stated{status->second->highestmodseq, status->second->uidnext};
  return flag_look(record->second.flags_read, stated, context.scheduler.wall(), context.options.flag_sweep) !=
         FlagLook::none;
}

/// The jobs of a pass, those of one target mailbox one behind the other.
class Jobs {
 public:
  Jobs(const Context& context, const TargetWork& work, const MapFacts& facts, const MailboxMap& map)
      : context_(context), work_(work), map_(map), trash_(trash_mailbox(facts.listed, facts.tree)) {
    for (const ListedMailbox& one : facts.listed) {
      names_->note(one.name);
      if (one.subscribed) subscribed_.insert(one.name.wire());
    }
    for (const auto& [id, record] : work.recorded()) {
      if (!facts.left_over.contains(id) && !map.mailboxes.contains(id)) claim(id, record.name);
    }
    for (const auto& [id, mapped] : map.mailboxes) {
      names_->note(mapped.name);
      claim(id, mapped.name);
    }
  }

  /// False: one of those with something to do has no place on the target.
  bool add_touched() {
    bool complete = true;
    for (const auto& [id, touched] : work_.touched()) {
      const auto mapped = map_.mailboxes.find(id);
      if (mapped == map_.mailboxes.end()) {
        complete = false;
        continue;
      }
      ReplayJob job = job_of(id, mapped->second);
      job.touched = touched;
      job.departures = work_.departures(id);
      add(std::move(job));
    }
    return complete;
  }
  void add_to_be_read(const Statuses& statuses) {
    for (const auto& [id, mapped] : map_.mailboxes) {
      if (is_to_be_read(context_, work_, id, mapped, statuses)) add(job_of(id, mapped));
    }
  }
  /// Those that share a target mailbox with others that have something to do.
  void add_idle() {
    for (const auto& [id, mapped] : map_.mailboxes) {
      const auto record = work_.recorded().find(id);
      if (planned_.contains(id) || !groups_.contains(mapped.name.wire()) || record == work_.recorded().end()) continue;
      ReplayJob job = job_of(id, mapped);
      if (!job.source.present) continue;
      job.record = record->second;
      job.idle = true;
      add(std::move(job));
    }
  }
  ReplayJobs take() {
    ReplayJobs jobs;
    for (auto& [name, group] : groups_) {
      std::reverse(group.begin(), group.end());
      ReplayJob first = std::move(group.back());
      group.pop_back();
      first.behind = std::move(group);
      jobs.add(std::move(first));
    }
    groups_.clear();
    return jobs;
  }

 private:
  void claim(MailboxId id, const MailboxName& name) {
    const MailboxRecord* source = work_.mailbox(id);
    if (source != nullptr && source->present) ++present_[name.wire()];
    names_->claim(name, {id});
  }
  ReplayJob job_of(MailboxId id, const MappedMailbox& mapped) const {
    ReplayJob job;
    job.source = *work_.mailbox(id);
    job.target = mapped;
    job.subscribed = subscribed_.contains(mapped.name.wire());
    job.names = names_;
    job.trash = trash_;
    job.sharers = names_->claim(mapped.name, {id});
    const auto present = present_.find(mapped.name.wire());
    job.kept_by_another = present != present_.end() && present->second > (job.source.present ? 1u : 0u);
    return job;
  }
  void add(ReplayJob job) {
    planned_.insert(job.source.id);
    std::vector<ReplayJob>& group = groups_[job.target.name.wire()];
    group.push_back(std::move(job));
  }

  const Context& context_;
  const TargetWork& work_;
  const MailboxMap& map_;
  const TrashMailbox trash_;
  const std::shared_ptr<NameClaims> names_ = std::make_shared<NameClaims>();
  std::set<std::string> subscribed_;
  std::map<std::string, std::size_t> present_;  // by name: how many of those that go there are there at the source
  std::map<std::string, std::vector<ReplayJob>> groups_;  // by name
  std::set<MailboxId> planned_;
};

}  // namespace

Task<Result<TargetPlan>> plan_target(Context& context, Target& target, TargetWork& work) {
  const bool with_status = context.own_flags != nullptr;
  auto listed = with_status ? co_await target.list_with_status(context.wait) : co_await target.list(context.wait);
  if (!listed) co_return fail(listed.error());
  const Statuses statuses = statuses_of(*listed);
  MapFacts facts = facts_of(context, target.features(), work, std::move(*listed));
  auto renamed = co_await carry_renames(context, target, work, facts);
  if (!renamed) co_return fail(renamed.error());
  const MailboxMap map = map_mailboxes(facts);
  for (const MailboxMap::Collision& collision : map.collisions) report_collision(context, work, collision);
  for (const MailboxMap::Unnamed& one : map.unnamed) report_unnamed(context, work, one);
  TargetPlan plan;
  Jobs jobs(context, work, facts, map);
  plan.complete = jobs.add_touched();
  jobs.add_to_be_read(statuses);
  jobs.add_idle();
  plan.jobs = jobs.take();
  co_return plan;
}

}  // namespace postern::sync
