#pragma once

#include <tl/expected.hpp>

#include "core/base/error.h"

namespace postern {

/// A value or the reason there is none. Exceptions do not cross folder borders; this does.
template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorKind::protocol, "…")` from any function that returns a Result.
inline tl::unexpected<Error> fail(ErrorKind kind, std::string what) {
  return tl::unexpected<Error>(Error(kind, std::move(what)));
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace postern
