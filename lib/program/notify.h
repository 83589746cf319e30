// Tells the service manager how the program stands. Source: sd_notify(3).
#pragma once

namespace besa::program {

// Requests are served from now on. Without a service manager (no NOTIFY_SOCKET) nothing happens.
void notify_ready();
// A clean end has begun.
void notify_stopping();

}  // namespace besa::program
