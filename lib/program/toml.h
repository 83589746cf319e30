// A TOML file read with suspicion: every key must be asked for, every value must have the right type.
//
//   BESA_ASSIGN(TomlFile file, TomlFile::load("besa.toml"));
//   TomlTable& root = file.root();
//   config.address = root.text("address");                    // required
//   config.port = root.integer("port", 1, 65535, 7700);       // with a default
//   TomlTable limits = root.table("limits");                  // may be absent: then all its keys are
//   for (TomlTable& rule : root.tables("rule")) ...           // [[rule]]
//   BESA_TRY(file.finish());                                  // all complaints at once
//
// A getter never fails on its own: it notes the complaint and returns something harmless. Only after `finish` said ok
// are the values worth anything. Complaints name file, line and, for an unknown key, the nearest known one:
//   besa.toml:3: unknown key 'adress'; did you mean 'address'?
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace besa::program {

struct TomlNode;  // hides toml++
struct TomlContext;

// A table of a file; a small handle, valid as long as its TomlFile. A key asked for becomes a known key of the table.
class TomlTable {
 public:
  TomlTable(std::shared_ptr<TomlContext> context, std::shared_ptr<TomlNode> node);

  bool has(std::string_view key) const;   // does not make the key known
  bool present() const;                   // the table stands in the file
  std::vector<std::string> keys() const;  // in alphabetical order; for tables whose keys are names, makes all known

  // Required when no default is given.
  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string_view fallback);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t fallback);
  bool boolean(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  // A TOML date-time with offset, or the same as text.
  base::Timestamp time(std::string_view key);
  base::Timestamp time(std::string_view key, base::Timestamp fallback);
  // Text such as "250ms", "10s", "30m", "12h", "90d".
  base::Duration duration(std::string_view key);
  base::Duration duration(std::string_view key, base::Duration fallback);
  std::optional<std::string> find_text(std::string_view key);
  // An array of texts; absent: empty. The second form requires it.
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::string> require_texts(std::string_view key);

  TomlTable table(std::string_view key);  // [key] or dotted keys (key.sub = ...); absent: an empty one
  TomlTable require_table(std::string_view key);
  std::vector<TomlTable> tables(std::string_view key);  // [[key]]; absent: empty

  // A complaint of the program about a value ("no such sector 'x'"), with the line of the key (or of the table).
  void complain(std::string_view key, std::string_view message);
  std::uint32_t line() const;  // of the table, from 1; 0 if absent

 private:
  std::shared_ptr<TomlContext> context_;
  std::shared_ptr<TomlNode> node_;
};

class TomlFile {
 public:
  // Errors: not_found, io, configuration (does not parse: with file:line:column; over kTomlBytes).
  [[nodiscard]] static base::Result<TomlFile> load(const std::string& path);
  // The same of a program's configuration, without which it cannot run: one that is missing is configuration, too.
  [[nodiscard]] static base::Result<TomlFile> load_configuration(const std::string& path);
  // `name` stands in complaints.
  [[nodiscard]] static base::Result<TomlFile> parse(std::string_view text, const std::string& name);

  TomlTable& root() { return root_; }
  // Ok, or `configuration` with every complaint, a line each (at most 20), in the order of the file.
  [[nodiscard]] base::Status finish();

  static constexpr std::size_t kTomlBytes = std::size_t{1024} * 1024;

 private:
  TomlFile(std::shared_ptr<TomlContext> context, TomlTable root);
  std::shared_ptr<TomlContext> context_;
  TomlTable root_;
};

}  // namespace besa::program
