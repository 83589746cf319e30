// Reads Prometheus's text format strictly, with the rules of its linter that matter here.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace besa::support {

struct Exposition {
  std::map<std::string, double> samples;     // by name and labels as they stand: besa_x_total{a="b"}
  std::map<std::string, std::string> types;  // by family: counter, gauge, histogram
  std::vector<std::string> complaints;

  // 0 if it is not there.
  double of(const std::string& sample) const;
};

// Complaints: a line that is none, a sample before HELP and TYPE of its family or apart from it, HELP or TYPE twice, a
// sample twice, a counter whose name does not end with _total or another one whose does, a histogram without +Inf, a
// name that does not begin with besa_, a label that is not a plain word.
Exposition read_exposition(const std::string& text);

// How a page's families differ from those that docs/operations.md lists under these headings, a line each, with what to
// write. A row there: "| `besa_x` | counter | meaning | when to worry |", where labels may stand behind the name:
// `besa_x{label}`. Tests run in the source folder.
std::vector<std::string> undocumented(const Exposition& page, const std::vector<std::string>& headings);

}  // namespace besa::support
