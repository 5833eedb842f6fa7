// Bodies on their way in, held whole.

#include "core/protocol/mime/joiner.h"
#include "storage/sealing.h"

namespace postern::storage {
namespace {

static_assert(Vault::kMaxWhole == kMaxChunk);

/// Whether the cuts with these runs are the message again. Where there is no run they are its octets.
bool makes_again(const std::vector<Cut>& cuts, const std::vector<mime::Base64Run>& runs, ByteView message) {
  if (runs.empty()) return true;
  Bytes joined;
  joined.reserve(message.size());
  mime::Joiner joiner(runs);
  for (const Cut& cut : cuts) joiner.add(cut.content, joined);
  return joined == message;
}

/// Cuts a message; what is in a row of its own goes to the body, what is small to the packer.
Result<SealedBody> seal_one(const Vault::Impl& vault, Packer& packer, ByteView octets) {
  if (octets.size() > Vault::kMaxWhole) return fail(ErrorKind::internal, "a body above 1 MiB has to be streamed");
  SealedBody body;
  body.digest = digest_of(octets);
  body.size = octets.size();
  auto held = vault.database->get(Family::object, body.digest.octets());
  if (!held) return fail(std::move(held).error());
  if (*held) {
    body.reused = true;
    return body;
  }
  BodyCutter cutter;
  std::vector<Cut> cuts;
  cutter.add(octets, cuts);
  cutter.finish(cuts);
  auto runs = cutter.take_runs();
  if (!makes_again(cuts, runs, octets)) {
    cuts = {{Cut::As::text, Bytes(octets)}};
    runs.clear();
  }
  Sealing sealing(vault, &packer);
  for (const Cut& cut : cuts) {
    auto row = sealing.add(cut);
    if (!row) return fail(std::move(row).error());
    if (*row) body.chunks.push_back(**std::move(row));
  }
  body.recipe = encode_recipe(body.digest, sealing.finish(body.size, std::move(runs)));
  body.packs = sealing.take_packs();
  return body;
}

Packer packer_of(Vault::Impl& vault) {
  return Packer(vault.compression(), vault.options.compression.dictionary, [&vault] { return vault.next_pack++; });
}

}  // namespace

Result<SealedBody> Vault::seal(ByteView octets) {
  Packer packer = packer_of(*impl_);
  auto body = seal_one(*impl_, packer, octets);
  packer.finish();
  return body;
}

Result<std::vector<SealedBody>> Vault::seal(const std::vector<Bytes>& bodies) {
  Packer packer = packer_of(*impl_);
  std::vector<SealedBody> sealed;
  sealed.reserve(bodies.size());
  for (const Bytes& octets : bodies) {
    auto body = seal_one(*impl_, packer, octets);
    if (!body) return fail(std::move(body).error());
    sealed.push_back(*std::move(body));
  }
  packer.finish();
  return sealed;
}

}  // namespace postern::storage
