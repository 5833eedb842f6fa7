#include "storage/check.h"

#include "storage/check_context.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

/// Places named in one problem; a body sent to ten thousand mailboxes need not fill the screen.
constexpr std::size_t kMaxDetail = 2'000;

}  // namespace

void CheckContext::problem(std::string kind, std::string digest, std::string detail) {
  if (report.problems.size() >= CheckReport::kMaxProblems) {
    ++report.problems_not_listed;
    return;
  }
  report.problems.push_back({std::move(kind), std::move(digest), std::move(detail)});
}

void CheckContext::content_problem(std::string kind, const Digest& object, std::string detail) {
  const std::size_t index = report.problems.size();
  problem(std::move(kind), object.to_hex(), std::move(detail));
  if (report.problems.size() > index) damaged_.emplace(object, index);
}

void CheckContext::touched(const Digest& object, const std::string& place) {
  const auto [first, last] = damaged_.equal_range(object);
  for (auto it = first; it != last; ++it) {
    std::string& detail = report.problems[it->second].detail;
    if (detail.size() < kMaxDetail) detail += "; touches " + place;
  }
}

void CheckContext::scan(Family family, const Visitor& visit) {
  const std::string name(kFamilyNames[static_cast<std::size_t>(family)]);
  auto scanned = database.scan(
      family, {}, {},
      [&](ByteView key, ByteView value) -> Result<bool> {
        if (auto fine = visit(key, value); !fine) {
          problem("record", "", "family " + name + ", key " + to_hex(key.substr(0, 64)) + ": " + fine.error().what());
        }
        return true;
      },
      view.get());
  if (!scanned) problem("record", "", "family " + name + ": " + scanned.error().to_string());
}

Result<CheckContext::Object> CheckContext::find_object(const Digest& digest) const {
  if (const auto noted = sizes_.find(digest); noted != sizes_.end()) return Object{true, noted->second};
  auto row = get(Family::object, digest.octets());
  if (!row) return fail(std::move(row).error());
  if (!*row) return Object{};
  const auto recipe = decode_recipe(digest, **row);
  return recipe ? Object{true, recipe->size} : Object{true};
}

std::string CheckContext::name(AccountId account) const {
  const auto known = accounts_.find(account);
  return known != accounts_.end() ? known->second : "account " + std::to_string(account.value());
}

Result<CheckReport> Vault::check(const CheckOptions& options) const {
  std::map<AccountId, std::string> names;
  auto known = accounts();
  if (!known) return fail(std::move(known).error());
  for (const Account& account : *known) names[account.id] = account.name;
  CheckContext context(*impl_->database, impl_->compression(), options, std::move(names));
  if (auto content = check_content(context); !content) return fail(std::move(content).error());
  check_rows(context);
  if (!context.progress(context.report.objects, context.report.octets)) {
    return fail(ErrorKind::cancelled, "the check was stopped");
  }
  return std::move(context.report);
}

}  // namespace postern::storage
