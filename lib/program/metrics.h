// Numbers for Prometheus, in its text format. Names, helps and labels are text of our source code or names of our
// codes: no id, no text from outside, nothing of a person has a type here, as in log.h.
//
//   MetricsPage page;
//   page.counter("besa_entries_total", "Entries appended.", n, {{"type", core::StatementType::envelope}});
//   page.gauge("besa_queue_depth", "Messages that wait for their recipients.", depth);
//   response.body = page.text();
//
// Source: Prometheus exposition formats, text format 0.0.4.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "program/log.h"

namespace besa::program {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// An enum whose codes `name_of` names.
template <class E>
concept CodedEnum = std::is_enum_v<E> && requires(E e) {
  { name_of(e) } -> std::convertible_to<std::string_view>;
};

class Label {
 public:
  Label(Literal name, Literal value) : name_(name.text()), value_(value.text()) {}
  template <CodedEnum E>
  Label(Literal name, E code) : name_(name.text()), value_(name_of(code)) {}
  template <NamedEnum E>
    requires(!CodedEnum<E>)
  Label(Literal name, E code) : name_(name.text()), value_(to_string(code)) {}

  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view name_;
  std::string_view value_;
};

// How often a value fell below each of some bounds. Any thread.
class Histogram {
 public:
  // `bounds` ascend; the last one, infinity, is added.
  explicit Histogram(std::vector<double> bounds);
  ~Histogram();
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;
  void observe(double value);

  struct Parts;

 private:
  friend class MetricsPage;
  std::unique_ptr<Parts> parts_;
};

class MetricsPage {
 public:
  MetricsPage();
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  // A name begins with "besa_"; a counter's, and only a counter's, ends with "_total" (contracts). One name has one
  // help and may come again with other labels.
  void counter(Literal name, Literal help, std::uint64_t value, std::initializer_list<Label> labels = {});
  void gauge(Literal name, Literal help, double value, std::initializer_list<Label> labels = {});
  void histogram(Literal name, Literal help, const Histogram& values);

  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace besa::program
