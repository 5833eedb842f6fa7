#include "daemon/wiring/refusal.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(RefusalTest, WhatTheConnectionOrTheAccountSuffersIsNotAboutTheMessages) {
  for (const auto kind : {ErrorKind::throttle, ErrorKind::auth, ErrorKind::security, ErrorKind::transient}) {
    EXPECT_FALSE(about_what_was_asked(Error(kind, "no")));
  }
  for (const auto kind : {ErrorKind::message, ErrorKind::server_bug, ErrorKind::not_found, ErrorKind::busy}) {
    EXPECT_TRUE(about_what_was_asked(Error(kind, "no")));
  }
}

}  // namespace
}  // namespace postern::daemon
