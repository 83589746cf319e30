#include "tests/support/exposition.h"

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

}  // namespace besa::support
