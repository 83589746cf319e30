// Named places at which a test ends the process as a power cut would: by SIGKILL, in the middle of work. In a build
// without BESA_FAIL_POINTS there is nothing of it.
//
// The variable BESA_FAIL_POINT names one of them, "name" or "name:n" for the n-th time that it is passed (from 1).
#pragma once

#ifdef BESA_FAIL_POINTS
namespace besa::base {
void fail_point(const char* name);
}  // namespace besa::base
#define BESA_FAIL_POINT(name) ::besa::base::fail_point(name)
#else
#define BESA_FAIL_POINT(name) static_cast<void>(0)
#endif
