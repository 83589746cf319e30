#include "program/notify.h"

#include <systemd/sd-daemon.h>

namespace besa::program {

void notify_ready() { static_cast<void>(::sd_notify(0, "READY=1")); }
void notify_stopping() { static_cast<void>(::sd_notify(0, "STOPPING=1")); }

}  // namespace besa::program
