#include "program/key_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/check.h"
#include "program/file.h"

namespace besa::program {
namespace {

constexpr std::string_view kHeader = "besa-key v1 ";

void wipe_bytes(void* data, std::size_t size) {
  if (size != 0) ::explicit_bzero(data, size);
}

int hex_digit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.size() <= 32 && std::all_of(kind.begin(), kind.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string credentials_folder() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder == nullptr || folder[0] != '/' ? std::string() : folder;
}

// systemd lends a copy as root's file that an access list lets us read; its mask shows as the group's bits. Only a
// folder that is root's or ours, and that others may not enter, is taken for such a one.
bool is_lent(const std::string& path, const struct stat& file) {
  const std::string folder = credentials_folder();
  struct stat about{};
  if (folder.empty() || folder_of(path) != folder || ::lstat(folder.c_str(), &about) != 0) return false;
  const auto of_root_or_us = [](const struct stat& s) { return s.st_uid == 0 || s.st_uid == ::geteuid(); };
  return S_ISDIR(about.st_mode) && of_root_or_us(about) && (about.st_mode & 007) == 0 && of_root_or_us(file) &&
         (file.st_mode & 037) == 0;
}

// The descriptor is looked at, not the name: nobody can swap the file in between.
base::Status check_owner(int fd, const std::string& path) {
  struct stat about{};
  if (::fstat(fd, &about) != 0) return tl::unexpected(file_error(errno, "look at", path));
  if (!S_ISREG(about.st_mode)) return base::fail(base::ErrorKind::malformed, path + " is not a file");
  if (is_lent(path, about)) return {};
  if (about.st_uid != ::geteuid()) {
    return base::fail(base::ErrorKind::denied, path + " belongs to another user; a key file must be our own");
  }
  if ((about.st_mode & 077) != 0) {
    return base::fail(base::ErrorKind::denied, "others can read " + path + "; mend it with: chmod 600 " + path);
  }
  return {};
}

// "besa-key v1 KIND\nHEX\n" -> the key.
base::Result<KeyBytes> parse(base::ByteView content, std::string_view kind, const std::string& path) {
  const auto malformed = [&](const std::string& why) { return base::fail(base::ErrorKind::malformed, path + why); };
  const std::string_view text = base::as_text(content);
  const std::size_t end = text.find('\n');
  if (text.rfind(kHeader, 0) != 0 || end == std::string_view::npos) return malformed(" is not a Besa key file");
  const std::string_view found = text.substr(kHeader.size(), end - kHeader.size());
  if (found != kind) {
    return malformed(is_kind(found) ? " holds a key of kind " + std::string{found} + ", not " + std::string{kind}
                                    : " is not a Besa key file");
  }
  base::ByteView hex = content.subspan(end + 1);
  if (!hex.empty() && hex.back() == '\n') hex = hex.first(hex.size() - 1);
  if (hex.empty() || hex.size() % 2 != 0) return malformed(" is damaged: its key is cut");
  base::Bytes key(hex.size() / 2);
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      wipe_bytes(key.data(), key.size());
      return malformed(" is damaged: its key is not hex");
    }
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return KeyBytes(std::move(key));
}

}  // namespace

KeyBytes& KeyBytes::operator=(KeyBytes&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
  }
  return *this;
}

void KeyBytes::wipe() noexcept { wipe_bytes(bytes_.data(), bytes_.size()); }

std::string key_folder(const std::string& configured, std::string_view file) {
  const std::string lent = credentials_folder();
  return !lent.empty() && exists(lent + "/" + std::string(file)) ? lent : configured;
}

base::Result<KeyBytes> read_key_file(const std::string& path, std::string_view kind) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return tl::unexpected(file_error(errno, "open", path));
  if (auto owner = check_owner(fd, path); !owner) {
    ::close(fd);
    return tl::unexpected(std::move(owner).error());
  }
  KeyBytes content{base::Bytes(kKeyFileBytes + 1)};
  auto* room = const_cast<std::uint8_t*>(content.view().data());
  std::size_t got = 0;
  ssize_t n = 1;
  while (n != 0 && got <= kKeyFileBytes) {
    n = ::read(fd, room + got, kKeyFileBytes + 1 - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    got += static_cast<std::size_t>(n);
  }
  const int error_number = errno;
  ::close(fd);
  if (n < 0) return tl::unexpected(file_error(error_number, "read", path));
  if (got > kKeyFileBytes) return base::fail(base::ErrorKind::malformed, path + " is too long for a key file");
  return parse(content.view().first(got), kind, path);
}

base::Status write_key_file(const std::string& path, std::string_view kind, base::ByteView key) {
  BESA_CHECK(is_kind(kind) && !key.empty());
  static constexpr std::string_view kDigits = "0123456789abcdef";
  base::Bytes text;
  text.reserve(kHeader.size() + kind.size() + 2 + 2 * key.size());  // so that no copy stays behind
  const auto put = [&text](std::string_view t) { text.insert(text.end(), t.begin(), t.end()); };
  put(kHeader);
  put(kind);
  put("\n");
  for (const std::uint8_t byte : key) {
    put(kDigits.substr(byte >> 4, 1));
    put(kDigits.substr(byte & 15, 1));
  }
  put("\n");
  BESA_CHECK(text.size() <= kKeyFileBytes);
  auto written = write_new_file(path, text, 0600);
  wipe_bytes(text.data(), text.size());
  if (!written && written.error().kind == base::ErrorKind::already_exists) {
    return base::fail(base::ErrorKind::already_exists,
                      path + " stands there already, and a key is never overwritten: choose another folder");
  }
  return written;
}

}  // namespace besa::program
