#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/support/model/model_server.h"

namespace postern::testing {

/// What an APPEND brings.
struct Parcel {
  Bytes octets;
  FlagSet flags;
  InternalDate date;
};

/// Why a target refuses all of them, as its quirks have it.
std::optional<Error> refusal_of(const ModelServer& server, const std::string& name, const std::vector<Parcel>& parcels);
/// Stores them, or does what its quirks do instead; the UIDs that it states.
std::vector<Uid> deliver(ModelServer& server, const std::string& name, const std::vector<Parcel>& parcels);

}  // namespace postern::testing
