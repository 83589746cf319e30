#include "crypto/secret/secret_bytes.h"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <type_traits>

#include "crypto/secret/aead.h"
#include "crypto/secret/box.h"
#include "crypto/secret/random.h"
#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"

namespace besa::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

// Move-only, no equality, no way to print: checked when this file is compiled.
template <class T>
constexpr bool kIsGuarded = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                            std::is_nothrow_move_constructible_v<T> && !std::equality_comparable<T> && !Printable<T>;
static_assert(kIsGuarded<SecretBytes>);
static_assert(kIsGuarded<SigningKey>);
static_assert(kIsGuarded<BoxSecret>);
static_assert(kIsGuarded<TransportSecret>);
static_assert(kIsGuarded<StorageKey>);

TEST(SecretBytes, BeginsWithZeros) {
  const SecretBytes secret(40);
  EXPECT_EQ(base::to_bytes(secret.view()), base::Bytes(40));
}

TEST(SecretBytes, EmptyOnesAreFine) {
  SecretBytes nothing;
  const SecretBytes zero(0);
  const SecretBytes copy = SecretBytes::copy_of({});
  EXPECT_TRUE(nothing.empty() && zero.empty() && copy.empty());
  nothing = SecretBytes(0);
  EXPECT_TRUE(nothing.view().empty());
}

TEST(SecretBytes, MoveLeavesNothingBehind) {
  SecretBytes first = SecretBytes::copy_of(base::as_bytes("secret"));
  SecretBytes second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the point
  SecretBytes third(3);
  third = std::move(second);
  EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(base::as_text(third.view()), "secret");
}

TEST(SecretBytes, CloneIsASecondOne) {
  SecretBytes first = SecretBytes::copy_of(base::as_bytes("secret"));
  const SecretBytes second = first.clone();
  first.writable()[0] = 'S';
  EXPECT_EQ(base::as_text(second.view()), "secret");
}

TEST(SecretBytesDeathTest, AWriteBehindTheEndIsFatal) {
  // The end lies at a guard page; the canary catches what is before the beginning.
  EXPECT_DEATH(
      {
        SecretBytes secret(4096);
        volatile std::uint8_t* const end = secret.writable().data() + secret.size();
        *end = 1;
      },
      "");
}

TEST(Random, FillsAndDiffers) {
  EXPECT_NE(random_salt(), random_salt());
  EXPECT_FALSE(random_id<base::MemberId>().is_none());
  const SecretBytes a = random_secret(32);
  const SecretBytes b = random_secret(32);
  EXPECT_FALSE(base::equal(a.view(), b.view()));
  random_bytes({});
}

TEST(Wipe, LeavesZeros) {
  base::Bytes bytes(9, 0xff);
  wipe(bytes);
  EXPECT_EQ(bytes, base::Bytes(9));
  wipe({});
}

}  // namespace
}  // namespace besa::crypto
