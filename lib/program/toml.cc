#include "program/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "program/file.h"
#include "program/nearest.h"
#include "program/time_text.h"

namespace besa::program {
namespace {

constexpr std::size_t kComplaints = 20;

struct Complaint {
  std::uint32_t line;  // 0: of no line
  std::string text;
};

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

std::optional<base::Timestamp> to_timestamp(const toml::date_time& t) {
  if (!t.offset) return std::nullopt;
  const int minutes = t.offset->minutes < 0 ? -t.offset->minutes : t.offset->minutes;
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03u%c%02d:%02d", int{t.date.year}, int{t.date.month},
                int{t.date.day}, int{t.time.hour}, int{t.time.minute}, int{t.time.second},
                unsigned{t.time.nanosecond} / 1'000'000u, t.offset->minutes < 0 ? '-' : '+', minutes / 60,
                minutes % 60);
  const auto parsed = parse_time(text);
  return parsed ? std::optional{*parsed} : std::nullopt;
}

}  // namespace

struct TomlNode {
  const toml::table* table = nullptr;  // null: absent from the file
  std::string prefix;                  // "send." for complaints
  std::set<std::string, std::less<>> known;
};

struct TomlContext {
  std::string name;
  toml::table root;
  std::vector<Complaint> complaints;
  std::vector<std::shared_ptr<TomlNode>> nodes;

  std::shared_ptr<TomlNode> node(const toml::table* table, std::string prefix) {
    for (const auto& n : nodes) {
      if (table != nullptr && n->table == table) return n;
    }
    auto made = std::make_shared<TomlNode>();
    made->table = table;
    made->prefix = std::move(prefix);
    if (table != nullptr) nodes.push_back(made);
    return made;
  }

  void complain(std::uint32_t line, std::string text) { complaints.push_back({line, std::move(text)}); }

  // The value of a key that is now known, or null.
  const toml::node* find(TomlNode& in, std::string_view key) {
    in.known.emplace(key);
    return in.table == nullptr ? nullptr : in.table->get(key);
  }

  void missing(const TomlNode& in, std::string_view key) {
    complain(in.table == nullptr ? 0 : line_of(*in.table), "missing '" + in.prefix + std::string{key} + "'");
  }

  void wrong(const TomlNode& in, std::string_view key, const toml::node& value, std::string_view wanted) {
    complain(line_of(value), "'" + in.prefix + std::string{key} + "' must be " + std::string{wanted});
  }

  // Required value of a type; complains and gives nothing if it is not there or another.
  template <class T>
  std::optional<T> require(TomlNode& in, std::string_view key, std::string_view wanted) {
    if (find(in, key) != nullptr) return optional<T>(in, key, wanted);
    missing(in, key);
    return std::nullopt;
  }

  template <class T>
  std::optional<T> optional(TomlNode& in, std::string_view key, std::string_view wanted) {
    const toml::node* value = find(in, key);
    if (value == nullptr) return std::nullopt;
    std::optional<T> exact = value->value_exact<T>();
    if (!exact) wrong(in, key, *value, wanted);
    return exact;
  }

  std::optional<std::int64_t> in_range(TomlNode& in, std::string_view key, std::optional<std::int64_t> value,
                                       std::int64_t least, std::int64_t most) {
    if (!value || (*value >= least && *value <= most)) return value;
    wrong(in, key, *find(in, key), "from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }

  std::optional<base::Timestamp> time(TomlNode& in, std::string_view key) {
    const toml::node* value = find(in, key);
    if (value == nullptr) return std::nullopt;
    std::optional<base::Timestamp> found;
    if (const auto date = value->value_exact<toml::date_time>()) found = to_timestamp(*date);
    if (const auto text = value->value_exact<std::string>()) {
      if (const auto parsed = parse_time(*text)) found = *parsed;
    }
    if (!found) wrong(in, key, *value, "a time with its offset, such as 2025-03-01T08:30:00Z");
    return found;
  }

  std::optional<base::Duration> duration(TomlNode& in, std::string_view key) {
    constexpr std::string_view kWanted = "a length of time such as \"10s\", \"30m\", \"12h\", \"90d\"";
    const auto text = optional<std::string>(in, key, kWanted);
    if (!text) return std::nullopt;
    const auto parsed = parse_duration(*text);
    if (parsed) return *parsed;
    wrong(in, key, *find(in, key), kWanted);
    return std::nullopt;
  }
};

namespace {

constexpr std::string_view kText = "a text";
constexpr std::string_view kInteger = "a whole number";
constexpr std::string_view kBoolean = "true or false";
constexpr std::string_view kTable = "a table";
constexpr std::string_view kTexts = "an array of texts";
constexpr std::string_view kTables = "an array of tables";

void complain_unknown(TomlContext& context) {
  for (const auto& node : context.nodes) {
    const std::vector<std::string> known(node->known.begin(), node->known.end());
    for (const auto& [key, value] : *node->table) {
      const std::string name{key.str()};
      if (node->known.contains(name)) continue;
      context.complain(key.source().begin.line,
                       "unknown key '" + node->prefix + name + "'" + did_you_mean(name, known));
    }
  }
}

}  // namespace

TomlTable::TomlTable(std::shared_ptr<TomlContext> context, std::shared_ptr<TomlNode> node)
    : context_(std::move(context)), node_(std::move(node)) {}

bool TomlTable::has(std::string_view key) const { return node_->table != nullptr && node_->table->contains(key); }
bool TomlTable::present() const { return node_->table != nullptr; }
std::uint32_t TomlTable::line() const { return node_->table == nullptr ? 0 : line_of(*node_->table); }

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> names;
  if (node_->table == nullptr) return names;
  for (const auto& [key, value] : *node_->table) names.emplace_back(key.str());
  node_->known.insert(names.begin(), names.end());
  return names;
}

std::string TomlTable::text(std::string_view key) {
  return context_->require<std::string>(*node_, key, kText).value_or("");
}
std::string TomlTable::text(std::string_view key, std::string_view fallback) {
  return context_->optional<std::string>(*node_, key, kText).value_or(std::string{fallback});
}
std::optional<std::string> TomlTable::find_text(std::string_view key) {
  return context_->optional<std::string>(*node_, key, kText);
}

std::int64_t TomlTable::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const auto value = context_->require<std::int64_t>(*node_, key, kInteger);
  return context_->in_range(*node_, key, value, least, most).value_or(least);
}
std::int64_t TomlTable::integer(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t fallback) {
  const auto value = context_->optional<std::int64_t>(*node_, key, kInteger);
  return context_->in_range(*node_, key, value, least, most).value_or(fallback);
}

bool TomlTable::boolean(std::string_view key) { return context_->require<bool>(*node_, key, kBoolean).value_or(false); }
bool TomlTable::boolean(std::string_view key, bool fallback) {
  return context_->optional<bool>(*node_, key, kBoolean).value_or(fallback);
}

base::Timestamp TomlTable::time(std::string_view key) {
  if (!has(key)) context_->missing(*node_, key);
  return time(key, base::Timestamp{});
}
base::Timestamp TomlTable::time(std::string_view key, base::Timestamp fallback) {
  return context_->time(*node_, key).value_or(fallback);
}

base::Duration TomlTable::duration(std::string_view key) {
  if (!has(key)) context_->missing(*node_, key);
  return duration(key, base::Duration{});
}
base::Duration TomlTable::duration(std::string_view key, base::Duration fallback) {
  return context_->duration(*node_, key).value_or(fallback);
}

std::vector<std::string> TomlTable::texts(std::string_view key) {
  std::vector<std::string> all;
  const toml::node* value = context_->find(*node_, key);
  if (value == nullptr) return all;
  const toml::array* array = value->as_array();
  if (array == nullptr) {
    context_->wrong(*node_, key, *value, kTexts);
    return all;
  }
  for (const toml::node& item : *array) {
    const auto text = item.value_exact<std::string>();
    if (text) {
      all.push_back(*text);
    } else {
      context_->wrong(*node_, key, item, kTexts);
    }
  }
  return all;
}

std::vector<std::string> TomlTable::require_texts(std::string_view key) {
  if (!has(key)) context_->missing(*node_, key);
  return texts(key);
}

TomlTable TomlTable::table(std::string_view key) {
  const toml::node* value = context_->find(*node_, key);
  const toml::table* table = value == nullptr ? nullptr : value->as_table();
  if (value != nullptr && table == nullptr) context_->wrong(*node_, key, *value, kTable);
  return {context_, context_->node(table, node_->prefix + std::string{key} + ".")};
}

TomlTable TomlTable::require_table(std::string_view key) {
  if (!has(key)) context_->missing(*node_, key);
  return table(key);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> all;
  const toml::node* value = context_->find(*node_, key);
  if (value == nullptr) return all;
  const toml::array* array = value->as_array();
  if (array == nullptr) {
    context_->wrong(*node_, key, *value, kTables);
    return all;
  }
  for (const toml::node& item : *array) {
    if (const toml::table* table = item.as_table()) {
      all.emplace_back(context_, context_->node(table, node_->prefix + std::string{key} + "."));
    } else {
      context_->wrong(*node_, key, item, kTables);
    }
  }
  return all;
}

void TomlTable::complain(std::string_view key, std::string_view message) {
  const toml::node* value = node_->table == nullptr ? nullptr : node_->table->get(key);
  context_->complain(value == nullptr ? line() : line_of(*value),
                     "'" + node_->prefix + std::string{key} + "': " + std::string{message});
}

TomlFile::TomlFile(std::shared_ptr<TomlContext> context, TomlTable root)
    : context_(std::move(context)), root_(std::move(root)) {}

base::Result<TomlFile> TomlFile::load(const std::string& path) {
  auto text = read_text_file(path, kTomlBytes);
  if (!text) {
    const bool malformed = text.error().kind == base::ErrorKind::malformed;
    return base::fail(malformed ? base::ErrorKind::configuration : text.error().kind, text.error().message);
  }
  return parse(*text, path);
}

base::Result<TomlFile> TomlFile::load_configuration(const std::string& path) {
  auto file = load(path);
  if (file || file.error().kind != base::ErrorKind::not_found) return file;
  return base::fail(base::ErrorKind::configuration, file.error().message + " (--config names the file)");
}

base::Result<TomlFile> TomlFile::parse(std::string_view text, const std::string& name) {
  if (text.size() > kTomlBytes) return base::fail(base::ErrorKind::configuration, name + " is too long");
  auto context = std::make_shared<TomlContext>();
  context->name = name;
  try {
    context->root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return base::fail(base::ErrorKind::configuration, name + ":" + std::to_string(at.line) + ":" +
                                                          std::to_string(at.column) + ": " +
                                                          std::string{error.description()});
  } catch (const std::exception&) {
    return base::fail(base::ErrorKind::configuration, name + " cannot be read as TOML");
  }
  TomlTable root(context, context->node(&context->root, ""));
  return TomlFile(std::move(context), std::move(root));
}

base::Status TomlFile::finish() {
  complain_unknown(*context_);
  auto& all = context_->complaints;
  if (all.empty()) return {};
  std::stable_sort(all.begin(), all.end(), [](const Complaint& a, const Complaint& b) { return a.line < b.line; });
  std::string message;
  for (std::size_t i = 0; i < std::min(all.size(), kComplaints); ++i) {
    const std::string place = all[i].line == 0 ? context_->name : context_->name + ":" + std::to_string(all[i].line);
    message += (i == 0 ? "" : "\n") + place + ": " + all[i].text;
  }
  all.clear();
  return base::fail(base::ErrorKind::configuration, std::move(message));
}

}  // namespace besa::program
