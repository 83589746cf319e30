// A policy as it lies in a file or travels beside its adoption: what is accepted survives the view's own form.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "wire/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = besa::wire::parse_policy({data, size});
  if (!policy) return 0;
  BESA_CHECK(size <= besa::base::limits::kPolicyBytes);
  const besa::base::Bytes bytes = besa::core::encode_policy(*policy);
  const auto again = besa::core::decode_policy(bytes);
  BESA_CHECK(again && besa::base::equal(besa::core::encode_policy(*again), bytes));
  const auto written = besa::wire::parse_policy(besa::wire::encode_policy(*policy));
  BESA_CHECK(written && besa::base::equal(besa::core::encode_policy(*written), bytes));
  return 0;
}
