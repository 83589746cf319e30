// Property: the reader never leaves its bytes and never turns ok again; accepted hex and text come back the same.
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace besa;
  const base::ByteView bytes(data, size);
  base::ByteReader reader(bytes);
  bool was_ok = true;
  for (std::size_t i = 0; i < size + 2; ++i) {
    switch (i < size ? data[i] % 6 : 0) {
      case 0: reader.u8(); break;
      case 1: reader.u16(); break;
      case 2: reader.u32(); break;
      case 3: reader.u64(); break;
      case 4: reader.sized(); break;
      case 5: reader.reference(); break;
    }
    BESA_CHECK(was_ok || !reader.ok());
    BESA_CHECK(reader.left() <= size);
    was_ok = reader.ok();
  }
  if (const auto decoded = base::from_hex(base::as_text(bytes))) BESA_CHECK(decoded->size() * 2 == size);
  const auto round = base::from_hex(base::to_hex(bytes));
  BESA_CHECK(round && base::equal(*round, bytes));
  return 0;
}
