#include "tests/bench/recipient.h"

#include <map>

#include "core/statement.h"
#include "wire/chunks.h"

namespace besa::bench {
namespace {

constexpr std::uint32_t kWaitMs = 1'000;

core::KeyLookup keys_of(const Stage& stage) {
  std::map<base::KeyId, core::KnownKey> known;
  for (int i = 0; i < kSenders; ++i) {
    const support::Agency& agency = stage.sender(i);
    known[agency.signing_key()] = {core::KeyRole::member, agency.id, agency.signing.public_key(), {}, {}};
  }
  return [known = std::move(known)](const base::KeyId& id) -> base::Result<std::optional<core::KnownKey>> {
    const auto found = known.find(id);
    if (found == known.end()) return std::nullopt;
    return found->second;
  };
}

// Signature, and ciphertext under the root that was signed.
base::Reference check(const client::PulledEnvelope& message, const core::KeyLookup& keys) {
  auto parsed = client::parse(message.proven);
  if (!parsed) give_up("a message does not read: " + parsed.error().message);
  const auto* envelope = std::get_if<core::Envelope>(&parsed->body);
  if (envelope == nullptr || message.chunks.size() != 1) give_up("a message is not as it was sent");
  const core::Section& section = envelope->sections.at(0);
  const std::vector<base::Bytes> chunks = {message.chunks[0].data};
  if (!wire::check_chunks(section.padded_length, section.ciphertext_root, chunks)) give_up("ciphertext of another");
  const base::Reference reference = core::reference_of(*parsed);
  const auto verified = core::verify(std::move(*parsed), message.proven.entry.submitter, keys);
  if (!verified) give_up("a signature does not hold: " + verified.error().message);
  return reference;
}

void acknowledge(Stage& stage, client::Session& session, const std::vector<base::Reference>& messages) {
  std::map<base::MemberId, std::vector<base::Reference>> by_sender;
  for (const base::Reference& message : messages) by_sender[message.author].push_back(message);
  std::vector<client::Submission> submissions;
  for (auto& [sender, references] : by_sender) {
    support::Agency& self = const_cast<support::Agency&>(stage.recipient());
    submissions.push_back({stage.network().received(self, std::move(references)).parts, false});
  }
  const auto answers = session.submit(submissions);
  if (!answers) give_up("acknowledging: " + answers.error().message);
  for (const client::SubmitAnswer& answer : *answers) {
    if (!answer.entry || !answer.entry->entry.decision.accepted()) give_up("an acknowledgement was refused");
  }
}

}  // namespace

Work receiving(Stage& stage, int messages) {
  return [&stage, messages](const std::function<void()>& ready) {
    support::Client client = stage.connect(stage.recipient());
    const core::KeyLookup keys = keys_of(stage);
    ready();
    Done done;
    done.from_us = steady_us();
    for (int left = messages; left > 0;) {
      const auto pulled = client->pull(64, {});
      if (!pulled) give_up("pulling: " + pulled.error().message);
      std::vector<base::Reference> got;
      for (const client::PulledEnvelope& message : pulled->messages) got.push_back(check(message, keys));
      if (got.empty()) {
        if (const auto waited = client->wait(kWaitMs); !waited) give_up("waiting: " + waited.error().message);
        continue;
      }
      acknowledge(stage, *client, got);
      left -= static_cast<int>(got.size());
    }
    done.to_us = steady_us();
    return done;
  };
}

}  // namespace besa::bench
