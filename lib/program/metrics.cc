#include "program/metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

#include "base/check.h"

namespace besa::program {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct Histogram::Parts {
  explicit Parts(std::vector<double> bounds) : values(bounds) {}
  mutable prometheus::Histogram values;
};

Histogram::Histogram(std::vector<double> bounds) : parts_(std::make_unique<Parts>(std::move(bounds))) {}
Histogram::~Histogram() = default;
void Histogram::observe(double value) { parts_->values.Observe(value); }

struct MetricsPage::Parts {
  std::vector<MetricFamily> families;

  // In the order of first mention.
  ClientMetric& add(Literal name, Literal help, MetricType type, std::initializer_list<Label> labels) {
    const std::string text(name.text());
    BESA_CHECK(text.starts_with("besa_") && prometheus::CheckMetricName(text));
    BESA_CHECK(text.ends_with("_total") == (type == MetricType::Counter));
    auto found = std::find_if(families.begin(), families.end(), [&](const MetricFamily& f) { return f.name == text; });
    if (found == families.end()) {
      found = families.insert(families.end(), MetricFamily{text, std::string(help.text()), type, {}});
    }
    BESA_CHECK(found->type == type && found->help == help.text());
    ClientMetric metric;
    for (const Label& label : labels) {
      BESA_CHECK(prometheus::CheckLabelName(std::string(label.name())));
      metric.label.push_back({std::string(label.name()), std::string(label.value())});
    }
    found->metric.push_back(std::move(metric));
    return found->metric.back();
  }
};

MetricsPage::MetricsPage() : parts_(std::make_unique<Parts>()) {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(Literal name, Literal help, std::uint64_t value, std::initializer_list<Label> labels) {
  parts_->add(name, help, MetricType::Counter, labels).counter.value = static_cast<double>(value);
}

void MetricsPage::gauge(Literal name, Literal help, double value, std::initializer_list<Label> labels) {
  parts_->add(name, help, MetricType::Gauge, labels).gauge.value = value;
}

void MetricsPage::histogram(Literal name, Literal help, const Histogram& values) {
  parts_->add(name, help, MetricType::Histogram, {}).histogram = values.parts_->values.Collect().histogram;
}

std::string MetricsPage::text() const { return prometheus::TextSerializer().Serialize(parts_->families); }

}  // namespace besa::program
