// Readies the cryptographic library.
#pragma once

namespace besa::crypto {

// Chooses the fastest code for this processor. Safe to call many times and from any thread; the first call costs some
// microseconds, later ones nothing. Programs call it at start; the parts of crypto/secret that need it call it too.
void initialise();

}  // namespace besa::crypto
