// The command line of besa-admin: which commands and options there are, and what runs. Everything but `submit` (and
// asking what is replaced) works without a network.
#pragma once

namespace besa::admin {

// Reads the arguments and does what they say; gives the exit code. What is wrong with an option by itself is found
// here, before anything is read or written, and is a mistake of usage (2).
int run(int argc, const char* const* argv);

}  // namespace besa::admin
