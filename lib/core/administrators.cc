// Who administers the network: the administrators of genesis, and those that a quorum of them puts in their place.
#include <algorithm>
#include <map>
#include <set>

#include "base/limits.h"
#include "core/step.h"

namespace besa::core {
namespace {

namespace limits = base::limits;

KeyId id_of(const Administrator& administrator) {
  return administrator_key_id(administrator.organisation, administrator.signing_key);
}

Result<bool> take_keys(Step& step, const Administrator& administrator) {
  const MemberId holder = base::id_cast<MemberId>(administrator.organisation);
  BESA_ASSIGN(const bool signing,
              take_key(step, administrator.signing_key.view(), number_of(KeyRole::administrator), holder));
  BESA_ASSIGN(const bool transport, take_key(step, administrator.transport_key.view(), kTransportRole, holder));
  return signing && transport;
}

// A key that nobody holds would leave the network without governance: whoever comes in shows that it has its own.
Result<bool> all_possessed(const Step& step, const std::vector<Administrator>& administrators) {
  for (const Administrator& administrator : administrators) {
    BESA_ASSIGN(const auto present, read_administrator(step.overlay, id_of(administrator)));
    if (!present && !has_introduced(step, id_of(administrator))) return false;
  }
  return true;
}

// Those of before administer no more; the ones that stay are put again.
Status dismiss_all(Step& step, const std::set<KeyId>& staying) {
  BESA_ASSIGN(const auto administrators, read_administrators(step.overlay));
  for (const AdministratorRecord& record : administrators) {
    const KeyId id = administrator_key_id(record.organisation, record.signing_key);
    step.overlay.erase(Table::administrator, base::to_bytes(id.view()));
    write_party(step.overlay, record.transport_key, {});
    if (staying.contains(id)) continue;
    BESA_ASSIGN(auto key, read_key(step.overlay, id));
    if (!key) continue;
    key->until = std::min(key->until, step.ends);
    write_key(step.overlay, id, *key);
  }
  return {};
}

Reason check_change(const AdministratorChange& body) {
  if (!administrators_shaped(body.administrators)) return Reason::wrong_shape;
  return check_threshold(body.administrators, body.threshold);
}

}  // namespace

Reason check_threshold(const std::vector<Administrator>& administrators, std::size_t threshold) {
  if (threshold < 2 || administrators.size() < threshold) return Reason::below_threshold;
  std::map<OrganisationId, std::size_t> seats;
  for (const Administrator& administrator : administrators) ++seats[administrator.organisation];
  for (const auto& [organisation, count] : seats) {
    if (count >= threshold) return Reason::one_organisation;
  }
  return Reason::none;
}

bool administrators_shaped(const std::vector<Administrator>& administrators) {
  if (administrators.empty() || administrators.size() > limits::kAdministrators) return false;
  return std::none_of(administrators.begin(), administrators.end(),
                      [](const Administrator& a) { return a.organisation.is_none(); });
}

Result<bool> put_administrators(Step& step, const std::vector<Administrator>& administrators) {
  for (const Administrator& administrator : administrators) {
    const KeyId id = id_of(administrator);
    BESA_ASSIGN(const auto present, read_administrator(step.overlay, id));
    BESA_ASSIGN(const bool free, take_keys(step, administrator));
    if (present || !free) return false;
    const MemberId holder = base::id_cast<MemberId>(administrator.organisation);
    write_key(step.overlay, id, {KeyRole::administrator, holder, administrator.signing_key, {}, Timestamp{UINT64_MAX}});
    write_administrator(step.overlay, id,
                        {administrator.organisation, administrator.signing_key, administrator.transport_key});
    write_party(step.overlay, administrator.transport_key, {PartyRole::administrator, holder});
  }
  return true;
}

Result<Decision> decide_administrators(Step& step, const AdministratorChange& body) {
  if (const Reason reason = check_change(body); reason != Reason::none) return refuse(reason);
  BESA_ASSIGN(const bool possessed, all_possessed(step, body.administrators));
  std::set<KeyId> named;
  for (const Administrator& administrator : body.administrators) named.insert(id_of(administrator));
  BESA_TRY(dismiss_all(step, named));
  BESA_ASSIGN(const bool free, put_administrators(step, body.administrators));
  if (!free) return refuse(Reason::already_used);
  if (!possessed) return refuse(Reason::not_possessed);
  BESA_ASSIGN(auto network, read_network(step.overlay));
  if (!network) return base::fail(base::ErrorKind::damaged, "a log without genesis: rebuild the view");
  network->threshold = body.threshold;
  write_network(step.overlay, *network);
  return accept();
}

}  // namespace besa::core
