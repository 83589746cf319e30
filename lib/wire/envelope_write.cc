// The envelope: context, section list, body, and the hashes that bind them.
#include "schemas/envelope_generated.h"
#include "wire/statement.h"
#include "wire/table_view.h"

namespace besa::wire {
namespace {

using base::Bytes;
using base::ByteView;
using flatbuffers::Offset;

using ReferenceOffset = Offset<schema::ContextReference>;
using DueOffset = Offset<schema::DueWindow>;

std::vector<ReferenceOffset> put_references(Builder& builder, const core::Context& context) {
  std::vector<ReferenceOffset> out;
  for (const core::ContextReference& reference : context.references) {
    const auto hash = put(builder, reference.hash);
    out.push_back(schema::CreateContextReference(builder, core::number_of(reference.type), hash));
  }
  return out;
}

std::vector<DueOffset> put_due(Builder& builder, const core::Context& context) {
  std::vector<DueOffset> out;
  for (const core::DueWindow& window : context.due) {
    out.push_back(schema::CreateDueWindow(builder, window.from.ms, window.until.ms));
  }
  return out;
}

struct ContextOffsets {
  Offset<ByteVector> network, salt, sender, sender_key, recipient, prekey, thread, reply_to, policy, about;
  Offset<flatbuffers::Vector<ReferenceOffset>> references;
  Offset<flatbuffers::Vector<DueOffset>> due;
};

ContextOffsets put_context(Builder& builder, const core::Context& context) {
  ContextOffsets out;
  out.network = put(builder, context.network);
  out.salt = put(builder, context.salt);
  out.sender = put(builder, context.sender);
  out.sender_key = put(builder, context.sender_key);
  out.recipient = put(builder, context.recipient);
  out.prekey = put(builder, context.prekey);
  out.thread = put(builder, context.thread);
  out.reply_to = put(builder, context.reply_to);
  out.policy = put(builder, context.policy);
  out.about = put(builder, context.about);
  out.references = put_tables(builder, put_references(builder, context));
  out.due = put_tables(builder, put_due(builder, context));
  return out;
}

Offset<schema::Section> put_section(Builder& builder, const core::Section& section) {
  std::vector<std::uint16_t> handling;
  for (const core::Handling code : section.handling) handling.push_back(core::number_of(code));
  const Offset<CodeVector> codes = handling.empty() ? 0 : builder.CreateVector(handling);
  const auto commitment = put(builder, section.commitment);
  const auto root = put(builder, section.ciphertext_root);
  schema::SectionBuilder table(builder);
  table.add_category(core::number_of(section.category));
  table.add_form(core::number_of(section.form));
  table.add_grant(core::number_of(section.grant));
  table.add_basis(core::number_of(section.basis));
  table.add_handling(codes);
  table.add_commitment(commitment);
  table.add_ciphertext_root(root);
  table.add_padded_length(section.padded_length);
  return table.Finish();
}

}  // namespace

Bytes encode_context(const core::Context& context) {
  Builder builder;
  const ContextOffsets put = put_context(builder, context);
  schema::ContextBuilder table(builder);
  table.add_network(put.network);
  table.add_suite(context.suite);
  table.add_salt(put.salt);
  table.add_sender(put.sender);
  table.add_sender_key(put.sender_key);
  table.add_counter(context.counter.value);
  table.add_created(context.created.ms);
  table.add_expires(context.expires.ms);
  table.add_recipient(put.recipient);
  table.add_prekey(put.prekey);
  table.add_kind(core::number_of(context.kind));
  table.add_purpose(core::number_of(context.purpose));
  table.add_priority(core::number_of(context.priority));
  table.add_person_class(core::number_of(context.person_class));
  table.add_thread(put.thread);
  table.add_reply_to(put.reply_to);
  table.add_policy(put.policy);
  table.add_sets(core::number_of(context.sets));
  table.add_references(put.references);
  table.add_break_glass(core::number_of(context.break_glass));
  table.add_screening(core::number_of(context.screening));
  table.add_about(put.about);
  table.add_due(put.due);
  table.add_due_index(context.due_index);
  return finish(builder, table.Finish());
}

Bytes encode_section_list(const SectionList& list) {
  if (list.sections.empty() && list.listed.empty()) return {};
  Builder builder;
  std::vector<Offset<schema::Section>> sections;
  for (const core::Section& section : list.sections) sections.push_back(put_section(builder, section));
  const auto section_vector = put_tables(builder, sections);
  std::vector<Offset<schema::ListedSection>> listed;
  for (const core::ListedSection& item : list.listed) {
    const auto message = put(builder, item.message);
    listed.push_back(schema::CreateListedSection(builder, message, item.section, core::number_of(item.basis)));
  }
  const auto listed_vector = put_tables(builder, listed);
  return finish(builder, schema::CreateSectionList(builder, section_vector, listed_vector));
}

Bytes encode_envelope(ByteView context, ByteView section_list, ByteView grant, const base::Digest& rows_root) {
  Builder builder;
  const auto context_bytes = put(builder, context);
  const auto list_bytes = put_any(builder, section_list);
  const auto grant_bytes = put(builder, grant);
  const auto rows = put(builder, rows_root);
  return finish(builder, schema::CreateEnvelope(builder, context_bytes, list_bytes, grant_bytes, rows));
}

std::size_t granted_count(core::Kind kind, const SectionList& list) {
  if (kind == core::Kind::release || kind == core::Kind::reseal || kind == core::Kind::disclosure) {
    return list.listed.size();
  }
  return static_cast<std::size_t>(std::count_if(list.sections.begin(), list.sections.end(),
                                                [](const auto& section) { return section.grant == core::Grant::now; }));
}

}  // namespace besa::wire
