// Members that wait for something to pull. In memory only: a restart answers nobody, and everybody asks again.
//
// A member is *quiet* once a pull has given it all there was and nothing has happened since; only a quiet member is
// made to wait, so that nothing between a pull and the next wait is missed. Thread: the gate's.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/ids.h"
#include "transport/gate.h"

namespace besa::broker {

struct Parked {
  base::MemberId member;
  transport::ConnectionToken token;
  base::TreeSize known;        // of the checkpoint that the client holds
  std::uint64_t until_ms = 0;  // on the caller's steady clock
};

class Waiting {
 public:
  // The answers to give now, with what they say.
  struct Release {
    Parked parked;
    bool queued = false;
  };
  using Releases = std::vector<Release>;

  // Parks a request, or answers it at once when something may lie ready. One a member: an earlier one is answered.
  Releases park(const Parked& parked);
  // A pull took all there was.
  void quieten(const base::MemberId& member) { quiet_.insert(member); }
  // Something may be pulled.
  Releases stir(const base::MemberId& member);
  Releases stir_all();
  Releases expire(std::uint64_t now_ms);
  // All, at the end.
  Releases dismiss();

  std::size_t parked() const { return parked_.size(); }

 private:
  std::map<base::MemberId, Parked> parked_;  // one a member: enrolment bounds it
  std::set<base::MemberId> quiet_;
};

}  // namespace besa::broker
