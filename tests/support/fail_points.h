// The named steps at which a test build dies, as the source has them: no table of a test may miss one.
#pragma once

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "tests/support/temporary_folder.h"

namespace besa::support {

// Of all files of a folder of the source, which tests run in.
inline std::set<std::string> fail_points_of(const std::filesystem::path& folder) {
  std::set<std::string> out;
  const std::regex shape("BESA_FAIL_POINT\\(\"(\\w+)\"\\)");
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
    if (item.path().extension() != ".cc") continue;
    const base::Bytes bytes = read_file(item.path());
    const std::string text(base::as_text(bytes));
    for (std::sregex_iterator it(text.begin(), text.end(), shape), end; it != end; ++it) out.insert((*it)[1]);
  }
  return out;
}

// Does a test's source name the step, alone or with the time at which it is passed ("name:2")?
inline bool names_fail_point(const std::filesystem::path& test, const std::string& name) {
  const base::Bytes bytes = read_file(test);
  return std::regex_search(std::string(base::as_text(bytes)), std::regex('"' + name + "(:\\d+)?\""));
}

}  // namespace besa::support
