// Taking the log from a running broker as an appointed auditor, into a folder that can be checked anywhere.
#pragma once

#include <string>

#include "agents/auditor/network_file.h"

namespace besa::auditor {

struct Exported {
  base::TreeSize size;
  base::Digest root;
};

// Fetches every entry up to the checkpoint that the broker shows at the beginning, each with its proof, and writes them
// as tiles with what lies beside. A folder without a checkpoint file is not finished.
// Errors: unavailable, denied (not appointed), misbehaviour (a proof does not hold), already_exists (the folder is not
// empty), full, io. Cost: one pass, one bundle in memory.
[[nodiscard]] base::Result<Exported> export_log(const NetworkFile& network, const crypto::TransportSecret& secret,
                                                const std::string& folder, const Progress& progress);

}  // namespace besa::auditor
