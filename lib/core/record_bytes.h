// The bytes of the view's rows. Each record has one encoding, its first byte a version; nothing here is signed, and a
// view can always be made again from the log.
//
// Decoding gives back exactly what was encoded; any other bytes are a damaged view.
#pragma once

#include "core/records.h"

namespace besa::core {

Bytes encode_record(const Head& head);
Bytes encode_record(const LossRecord& record);
Bytes encode_record(const NetworkRecord& record);
Bytes encode_record(const AdministratorRecord& record);
Bytes encode_record(const Party& party);
Bytes encode_record(const KnownKey& key);
Bytes encode_record(const MemberRecord& record);
Bytes encode_record(const PrekeyRecord& record);
Bytes encode_record(const StatementId& id);
Bytes encode_record(const PolicyRecord& record);
Bytes encode_record(const AppointmentRecord& record);
Bytes encode_record(const CounterRecord& record);
Bytes encode_record(const MessageRecord& record);
Bytes encode_record(const ThreadRecord& record);
Bytes encode_record(const ConsentRecord& record);
Bytes encode_record(const Reference& reference);
Bytes encode_record(const CounterWindow& window);

// Defined for each of the types above. Errors: damaged.
template <class Record>
[[nodiscard]] Result<Record> decode_record(ByteView bytes);

}  // namespace besa::core
