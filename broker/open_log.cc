#include "broker/open_log.h"

namespace besa::broker {

base::Result<std::unique_ptr<journal::Journal>> open_log(const Config& config) {
  if (!journal::Journal::exists(config.journal_folder())) {
    return base::fail(base::ErrorKind::configuration,
                      "there is no log in " + config.state +
                          ": is its disk mounted, is 'state' right? Otherwise restore " +
                          "a backup; only a new network begins with 'besa-broker init'");
  }
  return journal::Journal::open(config.journal_folder());
}

}  // namespace besa::broker
