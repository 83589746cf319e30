#include "tests/man/page.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace besa::man {
namespace {

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t") == std::string::npos; }

void take_option(const std::string& line, Section& section) {
  static const std::regex form(R"re((?:\*-[a-z]\*, )?\*(--[a-z-]+)\*( _[^_]+_(?:\.\.\.)?)?)re");
  std::smatch match;
  if (std::regex_match(line, match, form)) {
    section.options.push_back({match[1], match[2].matched, ""});
  } else {
    section.complaints.push_back("'" + line +
                                 "' does not explain an option in the form '*--name*' or '*--name* _VALUE_'");
  }
}

class Reader {
 public:
  explicit Reader(std::string path) { page_.path = std::move(path); }

  Page read(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) take(line);
    return std::move(page_);
  }

 private:
  void take(const std::string& line) {
    if (line.starts_with("# ") || line.starts_with("## ")) {
      page_.sections.push_back({line.substr(line.find(' ') + 1), "", "", {}, {}});
      paragraphs_ = 0;
      before_blank_ = true;
      return;
    }
    if (page_.sections.empty()) return;
    Section& section = page_.sections.back();
    section.text += line + "\n";
    if (before_blank_ && !is_blank(line)) ++paragraphs_;
    before_blank_ = is_blank(line);
    if (paragraphs_ == 1 && !before_blank_) section.synopsis += line + " ";
    if (line.starts_with("*-")) {
      take_option(line, section);
    } else if (line.starts_with('\t') && !section.options.empty()) {
      section.options.back().words += line.substr(1) + " ";
    }
  }

  Page page_;
  int paragraphs_ = 0;
  bool before_blank_ = true;
};

}  // namespace

const Explained* Section::find(const std::string& option) const {
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.name == option; });
  return found == options.end() ? nullptr : &*found;
}

const Section* Page::find(const std::string& title) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.title == title; });
  return found == sections.end() ? nullptr : &*found;
}

Page read_page(const std::string& path, const std::string& text) { return Reader(path).read(text); }

}  // namespace besa::man
