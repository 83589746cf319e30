#include "crypto/verify/initialise.h"

#include <sodium.h>

#include "base/check.h"

namespace besa::crypto {

void initialise() {
  static const int state = sodium_init();
  BESA_CHECK(state >= 0);
}

}  // namespace besa::crypto
