// How large a package usually is, for the order of downloads where nothing says how large it is:
// lockfiles hold no sizes, and a large archive that is asked for last is waited for alone.
#pragma once

#include <cstdint>

#include "core/model/resolution_graph.h"

namespace hod::cli {

// Bytes, unpacked; what the metadata said where it said so. A guess decides about nothing else than
// who is asked for first.
std::uint64_t usual_size(const GraphPackage& package);

}  // namespace hod::cli
