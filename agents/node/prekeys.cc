#include "agents/node/prekeys.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/fail_point.h"
#include "core/statement.h"
#include "program/file.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kFileBytes = 1024;
constexpr std::string_view kUnfinished = ".new-";  // of program::write_new_file
constexpr std::size_t kSecretBytes = crypto::BoxSecret::kBytes;

base::Bytes associated(const base::KeyId& id) { return base::ByteWriter().raw("prekey").u8(0).raw(id).take(); }

// Zeros over every byte, flushed, then unlinked.
Status destroy(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return tl::unexpected(program::file_error(errno, "open", path));
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const base::Bytes zeros(size > 0 ? static_cast<std::size_t>(size) : 0U);
  const bool wiped =
      ::pwrite(fd, zeros.data(), zeros.size(), 0) == static_cast<ssize_t>(zeros.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!wiped) return tl::unexpected(program::file_error(error, "overwrite", path));
  BESA_FAIL_POINT("prekey_overwritten");
  if (::unlink(path.c_str()) != 0) return tl::unexpected(program::file_error(errno, "remove", path));
  return program::sync_directory(program::folder_of(path));
}

// What a death between the zeros and the removal leaves.
bool is_overwritten(base::ByteView content) {
  return !content.empty() && std::all_of(content.begin(), content.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::string PrekeyBox::path_of(const base::KeyId& id) const { return folder_ + "/" + base::to_hex(id.view()); }

Status PrekeyBox::load(const std::string& name) {
  const auto name_bytes = base::from_hex(name);
  base::KeyId id;
  if (!name_bytes || !base::KeyId::read(*name_bytes, id)) {
    // A file that was being written at a crash holds a private half that nobody was given: it must not stay.
    return name.find(kUnfinished) == std::string::npos ? Status{} : destroy(folder_ + "/" + name);
  }
  BESA_ASSIGN(const base::Bytes sealed, program::read_file(path_of(id), kFileBytes));
  if (is_overwritten(sealed)) return destroy(path_of(id));
  auto plain = key_->open(associated(id), sealed);
  if (!plain) return fail(ErrorKind::damaged, "a prekey file is damaged or belongs to another storage key");
  base::ByteReader reader(*plain);
  const auto secret = crypto::BoxSecret::from_bytes(reader.raw(kSecretBytes));
  const base::Timestamp until = reader.time();
  const bool fits = reader.done() && secret && core::prekey_id(self_, secret->public_key()) == id;
  if (fits) {
    BESA_ASSIGN(crypto::BoxSecret kept, crypto::BoxSecret::from_bytes(base::ByteView(*plain).first(kSecretBytes)));
    keys_.emplace(id, Held{std::move(kept), until});
  }
  crypto::wipe(*plain);
  if (!fits) return fail(ErrorKind::damaged, "a prekey file holds another key than its name says");
  return {};
}

Result<PrekeyBox> PrekeyBox::open(const std::string& folder, const crypto::StorageKey& key,
                                  const base::MemberId& self) {
  BESA_TRY(program::make_directory(folder));
  PrekeyBox box(folder, key, self);
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& item : std::filesystem::directory_iterator(folder, error)) {
    names.push_back(item.path().filename().string());
  }
  if (error) return fail(ErrorKind::io, "cannot list the folder of prekeys");
  // Unfinished ones first: at a death one may already have its own name too, and both are the same bytes.
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name.find(kUnfinished) != std::string::npos; });
  for (const std::string& name : names) BESA_TRY(box.load(name));
  return box;
}

Result<std::vector<core::Prekey>> PrekeyBox::make(base::Timestamp from, std::size_t count) {
  std::vector<core::Prekey> out;
  base::Timestamp begin{from.ms - std::min(from.ms, base::minutes(5).ms)};
  for (std::size_t i = 0; i < count; ++i) {
    crypto::BoxSecret secret = crypto::BoxSecret::generate();
    const base::KeyId id = core::prekey_id(self_, secret.public_key());
    const base::Timestamp until = begin + kPrekeyLife;
    base::Bytes plain = base::ByteWriter().raw(secret.view()).time(until).take();
    const base::Bytes sealed = key_->seal(associated(id), plain);
    crypto::wipe(plain);
    BESA_TRY(program::write_new_file(path_of(id), sealed));
    BESA_FAIL_POINT("prekey_written");
    out.push_back({secret.public_key(), begin, until});
    keys_.emplace(id, Held{std::move(secret), until});
    begin = base::Timestamp{until.ms - kPrekeyOverlap.ms};
  }
  return out;
}

const crypto::BoxSecret* PrekeyBox::find(const base::KeyId& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second.secret;
}

Result<std::size_t> PrekeyBox::remove_old(base::Timestamp now) {
  std::size_t removed = 0;
  for (auto it = keys_.begin(); it != keys_.end();) {
    if (it->second.until + kPrekeyKept >= now) {
      ++it;
      continue;
    }
    BESA_TRY(destroy(path_of(it->first)));
    it = keys_.erase(it);
    ++removed;
  }
  return removed;
}

}  // namespace besa::node
