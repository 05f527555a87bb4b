// SPDX-License-Identifier: MIT
// A large made-up registry with the proportions of the public one: how many versions packages have,
// how many dependencies, which kinds of ranges, how often peers, optional and deprecated ones; a
// few names that everybody uses and many that one package uses. The same numbers give the same one
// everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/requirements.h"

namespace hod::resolution {

struct RealisticRegistry {
  Requirements requirements;  // of one project that leads to all names
  std::map<std::string, std::vector<std::byte>> records;
};
RealisticRegistry realistic_registry(std::size_t names, std::uint64_t seed);

}  // namespace hod::resolution
