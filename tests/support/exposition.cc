#include "tests/support/exposition.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace besa::support {
namespace {

class Reader {
 public:
  Exposition read(const std::string& text) {
    if (text.empty() || text.back() != '\n') complain("does not end with a line feed");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) take(line);
    for (const auto& [name, type] : types_) {
      if (type == "histogram" && !infinite_.contains(name)) complain(name + " has no +Inf");
      if (!sampled_.contains(name)) complain(name + " has no sample");
    }
    out_.types = types_;
    std::erase_if(out_.types, [](const auto& family) { return family.second.empty(); });
    return std::move(out_);
  }

 private:
  void complain(const std::string& what) { out_.complaints.push_back(what); }

  void take(const std::string& line) {
    static const std::regex help("# HELP ([a-z0-9_]+) .+");
    static const std::regex type("# TYPE ([a-z0-9_]+) (counter|gauge|histogram)");
    static const std::regex sample(R"re(([a-z0-9_]+)(\{[^}]*\})? ([-+.0-9eE]+|\+Inf))re");
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      if (!helped_.insert(match[1]).second) complain("HELP twice: " + line);
      family_ = match[1];
    } else if (std::regex_match(line, match, type)) {
      if (match[1] != family_) complain("TYPE without HELP before it: " + line);
      if (!types_.emplace(match[1], match[2]).second) complain("TYPE twice: " + line);
      check_name(match[1], match[2]);
    } else if (std::regex_match(line, match, sample)) {
      take_sample(match[1], match[2], match[3], line);
    } else {
      complain("no line of the format: " + line);
    }
  }

  void check_name(const std::string& name, const std::string& type) {
    if (!name.starts_with("besa_")) complain("not ours: " + name);
    if (name.ends_with("_total") != (type == "counter"))
      complain("_total says counter, and nothing else does: " + name);
  }

  void take_sample(const std::string& name, const std::string& labels, const std::string& value,
                   const std::string& line) {
    static const std::regex label(R"re(\{([a-z_]+="[a-zA-Z0-9_.+\-]+",?)+\})re");
    const bool histogram = types_[family_] == "histogram";
    const bool belongs =
        name == family_ ||
        (histogram && (name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count"));
    if (!belongs || types_[family_].empty()) complain("a sample apart from its family: " + line);
    if (!labels.empty() && !std::regex_match(labels, label)) complain("labels are plain words: " + line);
    if (labels.find("le=\"+Inf\"") != std::string::npos) infinite_.insert(family_);
    sampled_.insert(family_);
    if (!out_.samples.emplace(name + labels, std::stod(value)).second) complain("a sample twice: " + line);
  }

  Exposition out_;
  std::string family_;
  std::set<std::string> helped_;
  std::set<std::string> infinite_;
  std::set<std::string> sampled_;
  std::map<std::string, std::string> types_;
};

}  // namespace

double Exposition::of(const std::string& sample) const {
  const auto found = samples.find(sample);
  return found == samples.end() ? 0 : found->second;
}

Exposition read_exposition(const std::string& text) { return Reader().read(text); }

std::vector<std::string> undocumented(const Exposition& page, const std::vector<std::string>& headings) {
  static const std::regex row(R"re(\| `(besa_[a-z_]+)(\{[a-z_,]+\})?` \| ([a-z]+) \| [^|]+ \| [^|]+ \|)re");
  const std::string where = "docs/operations.md: below '" + headings.back() + "' ";
  std::vector<std::string> out;
  std::map<std::string, std::string> listed;
  std::ifstream file("docs/operations.md");
  bool ours = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) ours = std::find(headings.begin(), headings.end(), line) != headings.end();
    if (!ours || !line.starts_with("| `besa_")) continue;
    std::smatch match;
    if (!std::regex_match(line, match, row)) {
      out.push_back("docs/operations.md: this is no row of four cells: " + line);
    } else if (!listed.emplace(match[1], match[3]).second) {
      out.push_back("docs/operations.md: " + match[1].str() + " is listed twice");
    }
  }
  for (const auto& [name, type] : page.types) {
    const auto found = listed.find(name);
    if (found == listed.end())
      out.push_back(where + "add: | `" + name + "` | " + type + " | meaning | when to worry |");
    if (found != listed.end() && found->second != type) out.push_back(where + name + " is a " + type);
  }
  for (const auto& [name, type] : listed) {
    if (!page.types.contains(name)) out.push_back(where + "take out " + name + ": no page has it");
  }
  return out;
}

}  // namespace besa::support
