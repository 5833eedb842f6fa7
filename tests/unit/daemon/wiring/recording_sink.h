#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "core/sync/ports.h"

namespace postern::daemon {

/// Keeps what arrives, and sees to it that begin, body, end and abandon come in an order that makes sense.
class RecordingSink final : public sync::MessageSink {
 public:
  struct Message {
    sync::ArrivedMessage arrived;
    Bytes octets;
  };

  void begin(std::uint64_t size) override {
    EXPECT_FALSE(open_.has_value()) << "a body inside a body";
    open_.emplace();
    announced_ = size;
  }
  void body(ByteView octets) override {
    ASSERT_TRUE(open_.has_value());
    open_->append(octets);
  }
  void end(const sync::ArrivedMessage& message) override {
    ASSERT_TRUE(open_.has_value());
    EXPECT_EQ(open_->size(), announced_);
    EXPECT_EQ(message.size, announced_);
    EXPECT_TRUE(messages.emplace(message.uid.value(), Message{message, std::move(*open_)}).second) << "came twice";
    open_.reset();
  }
  void abandon() override {
    EXPECT_TRUE(open_.has_value()) << "nothing to abandon";
    open_.reset();
    ++abandoned;
  }
  Task<Result<void>> ready(Wait) override {
    ++asked;
    if (no_room) co_return fail(*no_room);
    co_return Result<void>();
  }
  /// True between begin() and end() or abandon().
  bool open() const { return open_.has_value(); }
  std::vector<std::uint32_t> uids() const {
    std::vector<std::uint32_t> uids;
    for (const auto& [uid, message] : messages) uids.push_back(uid);
    return uids;
  }

  std::map<std::uint32_t, Message> messages;
  int abandoned = 0;
  int asked = 0;
  std::optional<Error> no_room;

 private:
  std::optional<Bytes> open_;
  std::uint64_t announced_ = 0;
};

}  // namespace postern::daemon
