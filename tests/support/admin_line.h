// besa-admin as people type it, inside the test's own process.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agents/admin/command_line.h"

namespace besa::support {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

// `folder` ends in a slash. Words that name something in it are written with a leading '@'.
inline Ran type_admin(const std::string& folder, const std::vector<std::string>& words) {
  std::vector<std::string> all = {"besa-admin"};
  for (const std::string& word : words) all.push_back(word.starts_with("@") ? folder + word.substr(1) : word);
  std::vector<const char*> argv;
  for (const std::string& word : all) argv.push_back(word.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = admin::run(static_cast<int>(argv.size()), argv.data());
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

// Ends with this exit code and has said this.
inline void expect_admin(const std::string& folder, int code, const std::string& said,
                         const std::vector<std::string>& words) {
  const Ran ran = type_admin(folder, words);
  EXPECT_EQ(ran.code, code) << testing::PrintToString(words) << "\n" << ran.out << ran.err;
  EXPECT_NE((ran.out + ran.err).find(said), std::string::npos)
      << testing::PrintToString(words) << " did not say: " << said << "\n"
      << ran.out << ran.err;
}

}  // namespace besa::support
