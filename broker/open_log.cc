#include "broker/open_log.h"

#include "journal/sums.h"

namespace besa::broker {
namespace {

constexpr std::size_t kRowsAtStart = 50'000 + journal::kBuckets;

}  // namespace

base::Result<std::unique_ptr<journal::Journal>> open_log_only(const Config& config) {
  if (!journal::Journal::exists(config.journal_folder())) {
    return base::fail(base::ErrorKind::configuration,
                      "there is no log in " + config.state +
                          ": is its disk mounted, is 'state' right? Otherwise restore " +
                          "a backup; only a new network begins with 'besa-broker init'");
  }
  return journal::Journal::open(config.journal_folder());
}

base::Result<OpenLog> open_log(const Config& config) {
  OpenLog out;
  BESA_ASSIGN(out.journal, open_log_only(config));
  BESA_TRY(out.journal->check_view(kRowsAtStart));
  BESA_ASSIGN(out.recovery, recover(*out.journal));
  return out;
}

}  // namespace besa::broker
