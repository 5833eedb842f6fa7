#include "daemon/wiring/copied_uids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

std::string pairs(const imap::CopyUid& stated, const UidSet& asked) {
  std::string text;
  for (const auto& one : believable_copies(stated, asked)) {
    text += std::to_string(one.from.value()) + ">" + std::to_string(one.to.value()) + " ";
  }
  return text;
}

TEST(CopiedUids, InTheOrderGiven) {
  EXPECT_EQ(pairs({UidValidity(7), {{4, 5}, {9, 9}}, {{30, 30}, {20, 21}}}, {4, 5, 9}), "4>30 5>20 9>21 ");
  EXPECT_EQ(pairs({UidValidity(7), {{5, 5}}, {{30, 30}}}, {4, 5, 9}), "5>30 ") << "the others were not there";
}

TEST(CopiedUids, WhatCannotBeRightIsNotBelieved) {
  EXPECT_EQ(pairs({UidValidity(0), {{4, 4}}, {{30, 30}}}, {4}), "");
  EXPECT_EQ(pairs({UidValidity(7), {{5, 5}}, {{30, 30}}}, {4, 6}), "") << "nobody asked for UID 5";
  EXPECT_EQ(pairs({UidValidity(7), {{4, 4}, {4, 4}}, {{30, 31}}}, {4, 5}), "");
  EXPECT_EQ(pairs({UidValidity(7), {{4, 5}}, {{30, 30}, {30, 30}}}, {4, 5}), "");
  EXPECT_EQ(pairs({UidValidity(7), {{4, 5}}, {{30, 30}}}, {4, 5}), "");
  EXPECT_EQ(pairs({UidValidity(7), {{1, 4'000'000'000}}, {{1, 4'000'000'000}}}, {4, 5}), "");
}

}  // namespace
}  // namespace postern::daemon
