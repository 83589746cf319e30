#include "kv/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/descriptor.h"
#include "kv/transaction.h"

namespace besa::kv {

base::Status make_private_folder(const std::filesystem::path& folder) {
  const bool made = ::mkdir(folder.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return failure(errno, "cannot make the folder " + folder.string());
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0) return failure(errno, "cannot look at the folder " + folder.string());
  if (!S_ISDIR(about.st_mode)) return base::fail(base::ErrorKind::configuration, folder.string() + " is not a folder");
  if ((about.st_mode & 077) != 0) {
    return base::fail(base::ErrorKind::configuration,
                      "others can reach " + folder.string() + "; mend it with: chmod 700 " + folder.string());
  }
  return made ? flush_folder(std::filesystem::absolute(folder).parent_path()) : base::Status{};
}

base::Status flush_folder(const std::filesystem::path& folder) {
  const base::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.number()) != 0) {
    return failure(errno, "cannot flush the folder " + folder.string());
  }
  return {};
}

}  // namespace besa::kv
