// What the sequencer is asked and what it answers. No sockets: a job carries a ticket that its answer gives back.
#pragma once

#include <variant>
#include <vector>

#include "broker/admission.h"

namespace besa::broker {

struct SubmitJob {
  std::vector<Admission> statements;
};

struct PullJob {
  base::MemberId member;
  std::uint16_t limit = 64;
  base::Sequence notices_since;
};

struct Job {
  std::uint64_t ticket = 0;
  base::TreeSize known;  // of the checkpoint that the client holds
  std::variant<SubmitJob, PullJob> work;
};

// As the door counts them.
inline std::size_t statements_held(const Job& job) {
  const auto* submit = std::get_if<SubmitJob>(&job.work);
  return submit == nullptr ? 0 : submit->statements.size();
}

struct JobAnswer {
  std::uint64_t ticket = 0;
  wire::Reply reply;
};

struct StepResult {
  std::vector<JobAnswer> answers;       // one a job, in order of the jobs
  std::vector<base::MemberId> emptied;  // pulled all there was; apply before `stirred`
  std::vector<base::MemberId> stirred;  // have something new to pull
  bool stirred_all = false;             // governance moved: everybody should look
  std::vector<base::ErrorKind> errors;  // of batches that failed
  std::size_t entries = 0;              // appended
};

}  // namespace besa::broker
