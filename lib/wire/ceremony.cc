#include "wire/ceremony.h"

#include "schemas/ceremony_generated.h"
#include "wire/armour.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::Result;

constexpr std::string_view kInviteWord = "besa-invite";
constexpr std::string_view kRequestWord = "besa-join-request";
constexpr std::string_view kApprovalWord = "besa-approval";
constexpr Bounds kBounds{kCeremonyFileBytes};

Bytes finished(const Builder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

template <class Table>
Result<Checked<Table>> table_in(std::string_view word, std::string_view what, std::string_view name,
                                std::string_view text) {
  BESA_ASSIGN(const Bytes bytes, unarmour(word, what, text, kCeremonyFileBytes));
  return Checked<Table>::make(Family::ceremony, name, bytes, kBounds);
}

}  // namespace

Bytes encode_terms(const InviteTerms& terms) {
  Builder builder;
  const auto put = [&builder](base::ByteView bytes) { return builder.CreateVector(bytes.data(), bytes.size()); };
  const auto endpoint = builder.CreateString(terms.endpoint);
  const auto name = builder.CreateString(terms.name);
  const auto network = put(terms.network.view());
  const auto log_key = put(terms.broker_log_key.view());
  const auto transport_key = put(terms.broker_transport_key.view());
  const auto member = put(terms.member.view());
  const auto organisation = put(terms.organisation.view());
  const auto parent = put(terms.parent.view());
  const auto agreement = put(terms.agreement.view());
  const auto salt = put(terms.agreement_salt.view());
  const auto token = put(terms.token_hash.view());
  builder.Finish(schema::CreateInviteTerms(builder, network, log_key, transport_key, endpoint, name, member,
                                           organisation, parent, core::number_of(terms.sector), terms.country,
                                           terms.days, agreement, salt, terms.created.ms, terms.expires.ms, token));
  return finished(builder);
}

Result<InviteTerms> decode_terms(base::ByteView bytes) {
  BESA_ASSIGN(const auto table, Checked<schema::InviteTerms>::make(Family::ceremony, "InviteTerms", bytes));
  InviteTerms out;
  out.network = fixed<base::NetworkId>(table->network());
  out.broker_log_key = fixed<base::PublicKey>(table->broker_log_key());
  out.broker_transport_key = fixed<base::TransportKey>(table->broker_transport_key());
  out.endpoint = text_of(table->endpoint());
  out.name = text_of(table->name());
  out.member = fixed<base::MemberId>(table->member());
  out.organisation = fixed<base::OrganisationId>(table->organisation());
  out.parent = fixed<base::MemberId>(table->parent());
  out.sector = static_cast<core::Sector>(table->sector());
  out.country = table->country();
  out.days = table->days();
  out.agreement = fixed<base::Digest>(table->agreement());
  out.agreement_salt = fixed<base::Salt>(table->agreement_salt());
  out.created = {table->created()};
  out.expires = {table->expires()};
  out.token_hash = fixed<base::Digest>(table->token_hash());
  return out;
}

std::string encode_invite(const Invite& invite) {
  Builder builder;
  const auto token = builder.CreateVector(invite.token.bytes.data(), invite.token.bytes.size());
  const auto blocks = builder.CreateVector(invite.genesis_blocks);
  const auto body = builder.CreateVector(invite.genesis_body);
  const auto terms = builder.CreateVector(invite.terms);
  builder.Finish(schema::CreateInviteFile(builder, terms, body, blocks, token));
  return armour(kInviteWord, finished(builder));
}

Result<Invite> decode_invite(std::string_view text) {
  BESA_ASSIGN(const auto table, table_in<schema::InviteFile>(kInviteWord, "invite", "InviteFile", text));
  return Invite{bytes_of(table->terms()), bytes_of(table->genesis_body()), bytes_of(table->genesis_blocks()),
                fixed<InviteToken>(table->token())};
}

std::string encode_join_request(const JoinRequest& request) {
  Builder builder;
  const auto signature =
      builder.CreateVector(request.token_signature.bytes.data(), request.token_signature.bytes.size());
  const auto key = builder.CreateVector(request.token_key.bytes.data(), request.token_key.bytes.size());
  const auto blocks = builder.CreateVector(request.blocks);
  const auto body = builder.CreateVector(request.body);
  const auto terms = builder.CreateVector(request.terms);
  builder.Finish(schema::CreateJoinRequestFile(builder, terms, body, blocks, key, signature));
  return armour(kRequestWord, finished(builder));
}

Result<JoinRequest> decode_join_request(std::string_view text) {
  BESA_ASSIGN(const auto table,
              table_in<schema::JoinRequestFile>(kRequestWord, "join request", "JoinRequestFile", text));
  return JoinRequest{bytes_of(table->terms()), bytes_of(table->body()), bytes_of(table->blocks()),
                     fixed<base::PublicKey>(table->token_key()), fixed<base::Signature>(table->token_signature())};
}

std::string encode_approval(const Approval& approval) {
  Builder builder;
  const auto block = builder.CreateVector(approval.block);
  const auto statement = builder.CreateVector(approval.statement.bytes.data(), approval.statement.bytes.size());
  builder.Finish(schema::CreateApprovalFile(builder, statement, block));
  return armour(kApprovalWord, finished(builder));
}

Result<Approval> decode_approval(std::string_view text) {
  BESA_ASSIGN(const auto table, table_in<schema::ApprovalFile>(kApprovalWord, "approval", "ApprovalFile", text));
  return Approval{fixed<base::StatementId>(table->statement()), bytes_of(table->block())};
}

}  // namespace besa::wire
