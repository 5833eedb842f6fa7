#include "core/sync/engine/body_reuse.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/sync/engine/fetch_run.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kWindow = 5'000;  // messages asked about at a time: some 2 MB with what they may be
constexpr std::size_t kPlaces = 40'000;   // whose entries are read for a window: some 16 MB
constexpr std::size_t kEveryOctet = 0xffffffff;
constexpr std::size_t kPage = 2'000;
constexpr std::size_t kSpans = 100;  // of entries, read one by one; above it everything between is read
constexpr std::size_t kEntriesPerCommit = 500;
constexpr std::size_t kDoubtful = 16;  // tried in a window; what differs in more is not worth finding out

/// That the server does not say what messages are is no reason to fail: their bodies are fetched.
bool is_refusal(const Error& error) { return worth_splitting(error) && error.kind() != ErrorKind::protocol; }

}  // namespace

Task<Result<UidSet>> BodyReuse::run(UidSet wanted) {
  ReusePool& pool = context_.reuse;
  if (!pool.trusted()) co_return wanted.united(pool.to_compare(mailbox_.id, mailbox_.uidvalidity));
  if (wanted.empty()) co_return wanted;
  auto gathered = co_await pool.gather(mailbox_.id, mailbox_.uidvalidity, first_pull_, wanted.size(), context_.wait);
  if (!gathered) co_return fail(gathered.error());
  const SourceFeatures features = source_.features();
  // At a first pull of all nothing is held, and what this pass brings stands once but where there are labels.
  const bool named = features.labels || (features.email_ids && pool.holds_anything());
  if (!named && pool.candidates().empty()) co_return wanted;
  auto done = co_await prove_all(wanted);
  if (!done) co_return fail(done.error());
  auto entered = co_await enter_all();
  if (!entered) co_return fail(entered.error());
  const UidSet left = wanted.without(*done).without(*entered);
  co_return left.united(pool.to_compare(mailbox_.id, mailbox_.uidvalidity));
}

/// Every window's samples before anything is entered: a process that ends leaves no entry that nothing was tried of.
/// Gives the UIDs that came as samples.
Task<Result<UidSet>> BodyReuse::prove_all(UidSet wanted) {
  UidSet came;
  for (const UidSet& window : wanted.split(kWindow, kEveryOctet)) {
    auto tried = co_await prove(window);
    if (!tried && is_refusal(tried.error())) break;
    if (!tried) co_return fail(tried.error());
    came = came.united(*tried);
    if (!context_.reuse.trusted()) break;
  }
  co_return came;
}

Task<Result<UidSet>> BodyReuse::prove(UidSet window) {
  auto matches = co_await match(std::move(window));
  if (!matches) co_return fail(matches.error());
  if (matches->empty()) co_return UidSet();
  auto read = co_await read_headers(*matches);
  if (!read) co_return fail(read.error());
  auto came = co_await decide(std::move(*matches));
  co_return came;
}

// ----------------------------------------------------------------------------------------------- what it may be

Task<Result<BodyReuse::Matches>> BodyReuse::match(UidSet window) {
  auto listed = co_await source_.identities(std::move(window), false, context_.wait);
  if (!listed) co_return fail(listed.error());
  std::sort(listed->begin(), listed->end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
  Matches matches;
  matches.reserve(listed->size());
  for (ListedMessage& message : *listed) matches.push_back({std::move(message), {}, false});
  auto named = co_await match_by_email_id(matches);
  if (!named) co_return fail(named.error());
  auto sized = co_await match_by_size_and_date(matches);
  if (!sized) co_return fail(sized.error());
  std::erase_if(matches, [](const ReuseMatch& one) { return one.digests.empty(); });
  co_return matches;
}

Task<Result<void>> BodyReuse::match_by_email_id(Matches& matches) {
  std::vector<std::string> ids;
  std::vector<ReuseMatch*> asked;
  for (ReuseMatch& one : matches) {
    if (one.message.email_id.empty()) continue;
    ids.push_back(one.message.email_id);
    asked.push_back(&one);
  }
  if (ids.empty()) co_return {};
  auto held = co_await context_.vault.held_by_email_id(std::move(ids));
  if (!held) co_return fail(held.error());
  for (std::size_t i = 0; i < held->size() && i < asked.size(); ++i) {
    if (!(*held)[i]) continue;
    asked[i]->digests = {(*held)[i]->digest};
    asked[i]->by_email_id = true;
  }
  co_return {};
}

Task<Result<void>> BodyReuse::match_by_size_and_date(Matches& matches) {
  if (!context_.reuse.exact_sizes()) co_return {};
  std::vector<std::pair<ReuseMatch*, std::vector<Place>>> found;
  std::set<Place> all;
  for (ReuseMatch& one : matches) {
    if (one.by_email_id || all.size() > kPlaces) continue;
    auto places = context_.reuse.candidates().find(one.message.stated_size, one.message.internaldate);
    if (places.empty()) continue;
    all.insert(places.begin(), places.end());
    found.emplace_back(&one, std::move(places));
  }
  auto entries = co_await entries_at(all);
  if (!entries) co_return fail(entries.error());
  for (auto& [match, places] : found) {
    std::set<Digest> digests;
    for (const Place& place : places) {
      const auto entry = entries->find(place);
      if (entry == entries->end() || entry->second.size != match->message.stated_size) continue;
      if (entry->second.internaldate.same_instant(match->message.internaldate)) digests.insert(entry->second.digest);
    }
    match->digests.assign(digests.begin(), digests.end());
  }
  co_return {};
}

Task<Result<std::map<Place, Entry>>> BodyReuse::entries_at(const std::set<Place>& places) {
  std::map<std::pair<MailboxId, UidValidity>, std::vector<UidRange>> by_group;
  for (const Place& place : places) {
    by_group[{place.mailbox, place.uidvalidity}].push_back({place.uid.value(), place.uid.value()});
  }
  std::map<Place, Entry> found;
  for (auto& [group, ranges] : by_group) {
    const UidSet wanted = UidSet::collect(std::move(ranges));
    std::vector<UidRange> spans = wanted.ranges();
    if (spans.size() > kSpans) spans = {{wanted.min().value(), wanted.max().value()}};
    for (UidRange span : spans) {
      for (;;) {
        auto page = co_await context_.vault.entries(group.first, group.second, span, kPage);
        if (!page) co_return fail(page.error());
        const bool more = page->size() == kPage && page->back().place.uid.value() < span.last;
        if (more) span.first = page->back().place.uid.value() + 1;
        for (Entry& entry : *page) {
          const Place place = entry.place;
          if (wanted.contains(place.uid)) found.emplace(place, std::move(entry));
        }
        if (!more) break;
      }
    }
  }
  co_return found;
}

/// Of those that may be held. One whose header does not come is not proved.
Task<Result<void>> BodyReuse::read_headers(Matches& matches) {
  std::vector<UidRange> uids;
  for (const ReuseMatch& one : matches) uids.push_back({one.message.uid.value(), one.message.uid.value()});
  auto listed = co_await source_.identities(UidSet::collect(std::move(uids)), true, context_.wait);
  if (!listed) co_return fail(listed.error());
  std::map<Uid, Digest> headers;
  for (const ListedMessage& message : *listed) {
    if (message.header) headers.emplace(message.uid, *message.header);
  }
  for (ReuseMatch& one : matches) {
    const auto header = headers.find(one.message.uid);
    if (header != headers.end()) one.message.header = header->second;
  }
  co_return {};
}

// -------------------------------------------------------------------------------------------------- what it is

Task<Result<UidSet>> BodyReuse::decide(Matches matches) {
  std::set<Digest> digests;
  for (const ReuseMatch& one : matches) digests.insert(one.digests.begin(), one.digests.end());
  std::vector<Digest> asked(digests.begin(), digests.end());
  auto identities = co_await context_.vault.identities(asked);
  if (!identities) co_return fail(identities.error());
  std::map<Digest, Identity> held;
  for (std::size_t i = 0; i < asked.size() && i < identities->size(); ++i) held.emplace(asked[i], (*identities)[i]);

  Proofs proofs;
  std::vector<ListedMessage> messages;
  std::map<Uid, Digest> samples;
  for (ReuseMatch& one : matches) {
    const ReuseVerdict verdict = judge(one, held, context_.reuse.exact_sizes());
    if (verdict.kind == ReuseVerdict::Kind::doubtful && samples.size() < kDoubtful) {
      samples.emplace(one.message.uid, verdict.digest);
    }
    if (verdict.kind != ReuseVerdict::Kind::proven) continue;
    proofs.emplace_back(one.message.uid, verdict.digest);
    messages.push_back(std::move(one.message));
  }
  UidSet chosen;
  for (const std::size_t index : choose_samples(proofs)) {
    samples.insert(proofs[index]);
    chosen.add(proofs[index].first);
  }
  auto came = co_await try_samples(std::move(samples));
  if (!came || !context_.reuse.trusted()) co_return came;
  // None of those that were chosen came: nothing was tried.
  if (!chosen.empty() && came->intersected(chosen).empty() && proofs.size() > chosen.size()) co_return came;
  std::erase_if(proofs, [&](const auto& one) { return chosen.contains(one.first); });
  if (proofs.empty()) co_return came;
  proofs_.push_back(std::move(proofs));
  last_listed_ = std::move(messages);
  co_return came;
}

/// Downloads them and compares; the UIDs that came.
Task<Result<UidSet>> BodyReuse::try_samples(std::map<Uid, Digest> expected) {
  UidSet came;
  if (expected.empty()) co_return came;
  UidSet wanted;
  for (const auto& [uid, digest] : expected) wanted.add(uid);
  FetchRun fetch(context_, source_, pipe_, mailbox_, wanted, suspects_, shares_);
  auto fetched = co_await fetch.run();
  auto durable = co_await pipe_.drain();
  if (!durable) co_return fail(durable.error());
  if (!fetched) co_return fail(fetched.error());
  for (const auto& [uid, digest] : expected) {
    auto entry = co_await context_.vault.entries(mailbox_.id, mailbox_.uidvalidity, {uid.value(), uid.value()}, 1);
    if (!entry) co_return fail(entry.error());
    if (entry->empty() || entry->front().vanished) continue;
    came.add(uid);
    if (entry->front().digest != digest && context_.reuse.trusted()) report_another(uid);
  }
  co_return came;
}

void BodyReuse::report_another(Uid uid) {
  context_.reuse.distrust();
  context_.problem(
      Error(ErrorKind::server_bug,
            "UID " + std::to_string(uid.value()) + " is another message than the one held that the server's words fit")
          .remedy("every body is fetched in this pass, and those of this mailbox that were taken as held are compared")
          .at(mailbox_.name.display()));
}

// ------------------------------------------------------------------------------------------------------ entering

/// What was listed of the last window is at hand; the others are listed again, so that the memory is that of one.
Task<Result<UidSet>> BodyReuse::enter_all() {
  UidSet entered;
  while (!proofs_.empty() && context_.reuse.trusted()) {
    const Proofs proofs = std::move(proofs_.back());
    proofs_.pop_back();
    std::vector<ListedMessage> messages = std::exchange(last_listed_, {});
    if (messages.empty()) {
      UidSet uids;
      for (const auto& [uid, digest] : proofs) uids.add(uid);
      auto listed = co_await source_.identities(std::move(uids), false, context_.wait);
      if (!listed && is_refusal(listed.error())) break;
      if (!listed) co_return fail(listed.error());
      messages = std::move(*listed);
      std::sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    }
    auto done = co_await enter(proofs, std::move(messages));
    if (!done) co_return fail(done.error());
    entered = entered.united(*done);
  }
  co_return entered;
}

Task<Result<UidSet>> BodyReuse::enter(const Proofs& proofs, std::vector<ListedMessage> messages) {
  UidSet& reused = context_.reuse.reused(mailbox_.id, mailbox_.uidvalidity);
  UidSet entered;
  MailboxChanges changes;
  const auto submit = [&] {
    changes.mailbox = mailbox_.id;
    changes.uidvalidity = mailbox_.uidvalidity;
    context_.progress.messages_done += changes.appended.size();
    pipe_.submit(std::exchange(changes, MailboxChanges{}));
  };
  for (ListedMessage& listed : messages) {
    const auto proof = std::lower_bound(proofs.begin(), proofs.end(), listed.uid,
                                        [](const auto& one, Uid uid) { return one.first < uid; });
    if (proof == proofs.end() || proof->first != listed.uid) continue;
    NewEntry entry;
    entry.message = {listed.uid,         std::move(listed.flags), listed.internaldate,       listed.modseq,
                     listed.stated_size, listed.stated_size,      std::move(listed.email_id)};
    entry.held = proof->second;
    changes.appended.push_back(std::move(entry));
    reused.add(listed.uid);
    entered.add(listed.uid);
    if (changes.appended.size() == kEntriesPerCommit) submit();
  }
  if (!changes.appended.empty()) submit();
  auto durable = co_await pipe_.drain();
  if (!durable) co_return fail(durable.error());
  co_return entered;
}

}  // namespace postern::sync
