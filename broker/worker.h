// One request from its bytes to an answer, or to a job for the sequencer, or to a place among those that wait. Any
// thread; several at once.
#pragma once

#include <functional>

#include "broker/door.h"
#include "broker/lookup_limiter.h"
#include "broker/reading.h"
#include "broker/rollback.h"
#include "broker/sequencer.h"
#include "broker/waiting.h"
#include "program/clock.h"
#include "program/log.h"

namespace besa::broker {

// A request that is inside.
struct Visit {
  transport::ConnectionToken token;
  base::TransportKey peer;
  base::Bytes payload;
  std::size_t bytes = 0;  // as the door counted it
};

// What becomes of a visit.
using Onward = std::variant<wire::Reply, Job, Parked>;

class Worker {
 public:
  // All outlive the worker. Its visits are inside the door; a submit job holds its statements there.
  Worker(const journal::Journal& journal, Sequencer& sequencer, Door& door, const base::PublicKey& log_key,
         const RollbackProof& rollback, const program::Clock& clock, const program::Logger& log, Counters& counters)
      : journal_(journal),
        sequencer_(sequencer),
        door_(door),
        log_key_(log_key),
        rollback_(rollback),
        clock_(clock),
        log_(log),
        counters_(counters) {}

  Onward handle(const Visit& visit) const;
  // The reply to a request that waited.
  wire::Reply released(const Waiting::Release& release) const;
  // Is this a transport key that the log knows? For the handshake.
  bool admits(const base::TransportKey& peer) const;

 private:
  wire::Reply refused(wire::RequestKind kind, const Refusal& refusal) const;
  Onward serve(const wire::Request& request, const Visit& visit, const Caller& caller, const Reading& reading) const;
  Onward submit(const wire::SubmitRequest& request, base::TreeSize known, const Visit& visit, const Caller& caller,
                const Reading& reading) const;
  Onward wait(const wire::WaitRequest& request, base::TreeSize known, const Visit& visit, const Caller& caller) const;
  Onward lookup(const wire::LookupRequest& request, base::TreeSize known, const Caller& caller,
                const Reading& reading) const;
  Onward pull(const wire::PullRequest& request, base::TreeSize known, const Caller& caller) const;
  Onward hello(const wire::HelloRequest& request, base::TreeSize known, const Caller& caller,
               const Reading& reading) const;
  wire::Reply with_proofs(wire::RequestKind kind, Answered<wire::ReplyBody> body, const Reading& reading,
                          base::TreeSize known) const;

  const journal::Journal& journal_;
  Sequencer& sequencer_;
  Door& door_;
  const base::PublicKey log_key_;
  const RollbackProof& rollback_;
  const program::Clock& clock_;
  const program::Logger& log_;
  Counters& counters_;
  mutable LookupLimiter lookups_;  // guards itself
};

}  // namespace besa::broker
