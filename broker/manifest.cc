#include "broker/manifest.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "crypto/verify/hash.h"
#include "program/file.h"
#include "program/json.h"

namespace besa::broker {
namespace {

using base::ErrorKind;
using program::Json;

constexpr std::string_view kFormat = "besa-backup-1";
constexpr std::size_t kManifestBytes = std::size_t{8} << 20;
constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::string_view kSegments = "journal/segments/";

std::string manifest_path(const std::string& folder) { return folder + "/backup.json"; }

// A manifest may come from anywhere: it must not name a file outside.
bool is_ours(const std::string& path) {
  if (path == "journal/db/data.mdb" || path == "rollback-seen") return true;
  if (!path.starts_with(kSegments)) return false;
  const std::string name = path.substr(kSegments.size());
  return !name.empty() && name.size() <= 20 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

base::Result<BackupFile> read_file(const Json& json, std::size_t index) {
  const std::string at = "/files/" + std::to_string(index);
  BackupFile out;
  BESA_ASSIGN(out.path, program::json_text(json, "path", at));
  BESA_ASSIGN(out.size, program::json_number(json, "size", at));
  BESA_ASSIGN(out.digest, program::json_id<base::Digest>(json, "sha256", at));
  if (!is_ours(out.path)) return base::fail(ErrorKind::malformed, at + "/path is no file of a backup");
  return out;
}

}  // namespace

base::Result<BackupFile> describe(const std::string& folder, const std::string& path) {
  std::ifstream file(folder + "/" + path, std::ios::binary);
  if (!file) return base::fail(ErrorKind::not_found, "cannot open " + folder + "/" + path);
  BackupFile out{path, 0, {}};
  crypto::Sha256 hash;
  base::Bytes block(kBlock);
  while (file) {
    file.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(block.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    hash.update(base::ByteView(block).first(got));
    out.size += got;
  }
  if (file.bad()) return base::fail(ErrorKind::io, "cannot read " + folder + "/" + path);
  out.digest = hash.finish();
  return out;
}

base::Status write_manifest(const std::string& folder, const Manifest& manifest) {
  Json files = Json::array();
  for (const BackupFile& file : manifest.files) {
    files.push_back({{"path", file.path}, {"size", file.size}, {"sha256", base::to_hex(file.digest.view())}});
  }
  const Json json = {{"format", std::string(kFormat)}, {"made_ms", manifest.made.ms}, {"files", std::move(files)}};
  return program::write_file(manifest_path(folder), base::as_bytes(program::to_pretty(json) + "\n"), 0600);
}

namespace {

base::Result<Manifest> parse_manifest(const std::string& folder) {
  const auto text = program::read_text_file(manifest_path(folder), kManifestBytes);
  if (!text && text.error().kind == ErrorKind::not_found) {
    return base::fail(ErrorKind::not_found,
                      folder + " is no backup: it has no backup.json; name a folder that 'besa-broker backup' made");
  }
  BESA_TRY(text);
  BESA_ASSIGN(const Json json, program::parse_json(*text, kManifestBytes));
  BESA_ASSIGN(const std::string format, program::json_text(json, "format"));
  if (format != kFormat) return base::fail(ErrorKind::malformed, folder + " is a backup of another format");
  Manifest out;
  BESA_ASSIGN(out.made.ms, program::json_number(json, "made_ms"));
  if (!json.contains("files") || !json["files"].is_array()) {
    return base::fail(ErrorKind::malformed, "/files of backup.json must be a list");
  }
  for (std::size_t i = 0; i < json["files"].size(); ++i) {
    BESA_ASSIGN(BackupFile file, read_file(json["files"][i], i));
    out.files.push_back(std::move(file));
  }
  return out;
}

}  // namespace

base::Result<Manifest> read_manifest(const std::string& folder) {
  auto manifest = parse_manifest(folder);
  if (manifest || manifest.error().kind != ErrorKind::malformed) return manifest;
  return base::fail(ErrorKind::malformed,
                    "the list of the backup does not read, nothing was restored: take another one (" +
                        manifest_path(folder) + ": " + manifest.error().message + ")");
}

base::Status check_files(const std::string& folder, const Manifest& manifest) {
  for (const BackupFile& wanted : manifest.files) {
    const auto found = describe(folder, wanted.path);
    if (!found && found.error().kind == ErrorKind::io) return tl::unexpected(found.error());
    if (!found || found->size != wanted.size || found->digest != wanted.digest) {
      return base::fail(ErrorKind::damaged, "the backup is damaged: " + wanted.path +
                                                (found ? " is not the file that was written" : " is missing") +
                                                "; nothing was restored, take another one");
    }
  }
  return {};
}

}  // namespace besa::broker
