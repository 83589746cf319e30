// Rows of the view and the view's form of a policy: damaged bytes are an error and never another record. What is
// accepted is written back byte for byte.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "core/policy.h"
#include "core/record_bytes.h"

namespace {

using besa::base::ByteView;

template <class Record>
void round_trip(ByteView input) {
  if (const auto record = besa::core::decode_record<Record>(input)) {
    BESA_CHECK(besa::base::equal(besa::core::encode_record(*record), input));
  }
}

template <class... Records>
void round_trips(ByteView input) {
  (round_trip<Records>(input), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace besa::core;
  const ByteView input(data, size);
  round_trips<Head, LossRecord, NetworkRecord, AdministratorRecord, Party, KnownKey, MemberRecord, PrekeyRecord,
              PolicyRecord, AppointmentRecord, CounterRecord, MessageRecord, ThreadRecord, ConsentRecord,
              besa::base::Reference, CounterWindow>(input);
  if (const auto policy = decode_policy(input)) BESA_CHECK(besa::base::equal(encode_policy(*policy), input));
  return 0;
}
