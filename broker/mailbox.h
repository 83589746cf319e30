// What the other threads tell the gate's.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "broker/jobs.h"
#include "broker/waiting.h"

namespace besa::broker {

struct Mail {
  std::vector<base::MemberId> emptied;  // first
  std::vector<base::MemberId> stirred;  // then
  bool stirred_all = false;
  std::vector<Parked> parked;  // last
};

// Any thread posts; the gate's takes. Bounded by what is inside the broker: a job or a visit posts at most once.
class Mailbox {
 public:
  void park(const Parked& parked) {
    const std::scoped_lock lock(mutex_);
    mail_.parked.push_back(parked);
  }
  void post(const StepResult& result) {
    const std::scoped_lock lock(mutex_);
    mail_.emptied.insert(mail_.emptied.end(), result.emptied.begin(), result.emptied.end());
    mail_.stirred.insert(mail_.stirred.end(), result.stirred.begin(), result.stirred.end());
    mail_.stirred_all = mail_.stirred_all || result.stirred_all;
  }
  Mail take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(mail_, {});
  }

 private:
  std::mutex mutex_;
  Mail mail_;
};

}  // namespace besa::broker
