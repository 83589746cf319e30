// besa-admin: keys, genesis, members, policy, auditors.
#include "agents/admin/command_line.h"

int main(int argc, char** argv) { return besa::admin::run(argc, argv); }
