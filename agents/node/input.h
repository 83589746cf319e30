// Reading what operators hand in: JSON objects with a closed set of fields. A mistake is named by the JSON pointer of
// its field, never by its value. Heavy (nlohmann): for this folder's .cc files.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/codes.h"
#include "program/json.h"
#include "program/nearest.h"

namespace besa::node {

struct InputError {
  std::string pointer;
  std::string message;
};
template <class T>
using Input = tl::expected<T, InputError>;

// Reads one object. Getters note the first mistake; the caller asks `mistake()` once at the end.
class ObjectReader {
 public:
  ObjectReader(const program::Json& json, std::string pointer, std::initializer_list<std::string_view> known)
      : json_(json), pointer_(std::move(pointer)) {
    if (!json_.is_object()) {
      complain("", "must be an object");
      return;
    }
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [name, value] : json_.items()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      complain("/" + name, "there is no such field" + program::did_you_mean(name, names));
    }
  }

  const program::Json* find(const std::string& name) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  std::string text(const std::string& name, bool required) {
    const program::Json* field = find(name);
    if (field == nullptr) {
      if (required) complain("/" + name, "is missing");
      return {};
    }
    if (!field->is_string()) {
      complain("/" + name, "must be a text");
      return {};
    }
    return field->get_ref<const std::string&>();
  }
  bool flag(const std::string& name, bool fallback) {
    const program::Json* field = find(name);
    if (field == nullptr) return fallback;
    if (!field->is_boolean()) complain("/" + name, "must be true or false");
    return field->is_boolean() && field->get<bool>();
  }
  template <class Code>
  Code code(const std::string& name, bool required) {
    const std::string word = text(name, required);
    if (word.empty()) return Code::none;
    return parse<Code>(word, "/" + name);
  }
  template <class Code>
  std::vector<Code> codes(const std::string& name) {
    std::vector<Code> out;
    const program::Json* field = find(name);
    if (field == nullptr) return out;
    if (!field->is_array()) {
      complain("/" + name, "must be a list");
      return out;
    }
    for (std::size_t i = 0; i < field->size(); ++i) {
      const std::string at = "/" + name + "/" + std::to_string(i);
      if (!(*field)[i].is_string()) {
        complain(at, "must be a text");
        continue;
      }
      const Code code = parse<Code>((*field)[i].get_ref<const std::string&>(), at);
      if (std::find(out.begin(), out.end(), code) != out.end()) complain(at, "stands there twice");
      out.push_back(code);
    }
    return out;
  }
  void complain(const std::string& at, const std::string& message) {
    if (mistake_.message.empty()) mistake_ = {pointer_ + at, message};
  }
  const std::string& pointer() const { return pointer_; }
  bool wrong() const { return !mistake_.message.empty(); }
  const InputError& mistake() const { return mistake_; }

 private:
  static std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
  }
  template <class Code>
  Code parse(const std::string& word, const std::string& at) {
    if (const auto code = core::parse_code<Code>(word)) return *code;
    const auto names = core::names_of(Code{});
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string near = program::did_you_mean(word, known);
    complain(at, "no such word" + (near.empty() ? "; it is one of " + listed(known) : near));
    return Code::none;
  }

  const program::Json& json_;
  std::string pointer_;
  InputError mistake_;
};

}  // namespace besa::node
