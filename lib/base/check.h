// Contracts. Always on, never applied to input: a failed check is our own mistake and ends the process.
#pragma once

namespace besa::base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace besa::base

#define BESA_CHECK(condition)                        \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::besa::base::check_failed(#condition, BESA_FILE_NAME, __LINE__))

// Only the file's name: no path of a build machine goes into a binary.
#define BESA_FILE_NAME (__builtin_strrchr("/" __FILE__, '/') + 1)
