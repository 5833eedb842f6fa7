#include "core/protocol/sasl/plain.h"

#include <utility>

#include "core/protocol/sasl/saslprep.h"

namespace postern::sasl {
namespace {

class Plain final : public Mechanism {
 public:
  explicit Plain(Credentials credentials) : credentials_(std::move(credentials)) {}

  std::string_view name() const override { return "PLAIN"; }

  /// message = [authzid] UTF8NUL authcid UTF8NUL passwd
  Result<Secret> initial_response() override {
    for (const std::string_view text : {std::string_view(credentials_.authzid), std::string_view(credentials_.user),
                                        credentials_.password.reveal()}) {
      if (const auto sound = check_plain_text(text); !sound) return tl::unexpected(sound.error());
    }
    if (credentials_.user.empty() || credentials_.password.empty()) {
      return fail(ErrorKind::auth, "user name and password cannot be empty");
    }
    const std::string_view password = credentials_.password.reveal();
    std::string message;
    message.reserve(credentials_.authzid.size() + credentials_.user.size() + password.size() + 2);
    message.append(credentials_.authzid).append(1, '\0').append(credentials_.user).append(1, '\0').append(password);
    sent_ = true;
    return Secret(std::move(message));
  }

  Result<Secret> respond(ByteView) override {
    sent_ = false;
    return fail(ErrorKind::protocol, "a challenge where none belongs");
  }

  bool verified() const override { return sent_; }

 private:
  Credentials credentials_;
  bool sent_ = false;
};

}  // namespace

std::unique_ptr<Mechanism> plain(Credentials credentials) { return std::make_unique<Plain>(std::move(credentials)); }

}  // namespace postern::sasl
