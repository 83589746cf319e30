#include "tests/tidy/source_rules.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace besa::tidy {
namespace {

enum class Place { code, line_comment, block_comment, text, character, raw_text };

// Walks over the text and copies only what is code.
class Stripper {
 public:
  explicit Stripper(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    switch (place_) {
      case Place::code: in_code(); return;
      case Place::line_comment:
        if (text_[at_] == '\n') place_ = Place::code;
        blank();
        return;
      case Place::block_comment: until("*/"); return;
      case Place::raw_text: until(raw_end_); return;
      case Place::text: in_quotes('"'); return;
      case Place::character: in_quotes('\''); return;
    }
  }

  void in_code() {
    const std::string_view rest = text_.substr(at_);
    const bool after_name = at_ > 0 && (std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0);
    if (rest.starts_with("//")) {
      place_ = Place::line_comment;
    } else if (rest.starts_with("/*")) {
      place_ = Place::block_comment;
    } else if (rest.starts_with("R\"") && !after_name) {
      const std::size_t open = rest.find('(');
      raw_end_ = ")" + std::string(rest.substr(2, open == std::string_view::npos ? 0 : open - 2)) + "\"";
      place_ = Place::raw_text;
    } else if (rest.starts_with('"')) {
      place_ = Place::text;
    } else if (rest.starts_with('\'') && !after_name) {  // after a digit it separates thousands
      place_ = Place::character;
    } else {
      out_ += text_[at_++];
      return;
    }
    blank();
  }

  void until(std::string_view end) {
    if (!text_.substr(at_).starts_with(end)) {
      blank();
      return;
    }
    for (std::size_t i = 0; i < end.size(); ++i) blank();
    place_ = Place::code;
  }

  void in_quotes(char quote) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      blank();
    } else if (text_[at_] == quote) {
      place_ = Place::code;
    }
    blank();
  }

  void blank() {
    out_ += text_[at_] == '\n' ? '\n' : ' ';
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Place place_ = Place::code;
  std::string raw_end_;
  std::string out_;
};

// One finding for each line that the pattern matches, with its number.
Findings grep(std::string_view text, const std::regex& pattern, std::string_view what) {
  Findings findings;
  std::istringstream lines{std::string(text)};
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (std::regex_search(line, pattern))
      findings.push_back("line " + std::to_string(number) + ": " + std::string(what));
  }
  return findings;
}

}  // namespace

std::string code_only(std::string_view text) { return Stripper(text).run(); }

Findings check_length(std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (lines <= kFileLines) return {};
  return {std::to_string(lines) + " lines: more than " + std::to_string(kFileLines)};
}

Findings check_words(std::string_view text) {
  // Written in two halves, so that this file keeps its own rule.
  static const std::regex words(
      "\\b(TO"
      "DO|FIX"
      "ME|X"
      "XX|HA"
      "CK)\\b");
  return grep(text, words, "a word that promises later work");
}

Findings check_header(std::string_view text) {
  const std::string code = code_only(text);
  static const std::regex directive(R"(^using\s+namespace\b)");
  Findings findings = grep(code, directive, "a using-directive in a header");
  if (code.find("#pragma once") == std::string::npos) findings.emplace_back("has no #pragma once");
  return findings;
}

Findings check_namespace(std::string_view text, std::string_view name_space, bool is_header) {
  static const std::regex opening(R"(^(inline\s+)?namespace\s+([A-Za-z_0-9:]+)\s*\{)");
  static const std::regex only_declares(R"(namespace\s+[a-z_:]+\s*\{(\s*(class|struct)\s+\w+\s*;)+\s*\})");
  Findings findings;
  std::istringstream lines(std::regex_replace(code_only(text), only_declares, ""));
  std::smatch match;
  bool opened = false;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_search(line, match, opening)) continue;
    const std::string name = match[2];
    const bool own = name == name_space || name.starts_with(std::string(name_space) + "::");
    // Whoever specialises a library's template opens that library's namespace.
    if (!own && !opened && name.starts_with("besa"))
      findings.push_back("opens " + name + " instead of " + std::string(name_space));
    opened = opened || own;
  }
  if (is_header && !opened && findings.empty()) findings.push_back("does not open " + std::string(name_space));
  return findings;
}

Findings check_no_floating_point(std::string_view text) {
  static const std::regex number(R"(\b(float|double)\b)");
  return grep(code_only(text), number, "floating point");
}

Findings check_no_throw(std::string_view text) {
  static const std::regex raise(R"(\bthrow\b)");
  return grep(code_only(text), raise, "throws");
}

Findings check_no_default(std::string_view text) {
  static const std::regex label(R"(^\s*default\s*:)");
  return grep(code_only(text), label, "a default label");
}

}  // namespace besa::tidy
