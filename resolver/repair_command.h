// SPDX-License-Identifier: MIT
// Repairs as commands that can be typed where the failed command was: with what that command was
// about to add, since package.json does not have it yet. Pure.
#pragma once

#include <optional>
#include <string>

#include "resolver/solver.h"

namespace hod::resolver {

// A direct dependency gets another range: "hod add host@2 plug@2".
std::string range_command(const CommandScene& scene, const std::string& importer,
                          const std::string& alias, const std::string& specifier);
// What `owner` asks of `alias` is overridden: "hod pkg set overrides.plug.host=^1.0.0".
std::string override_command(const CommandScene& scene, const std::string& owner,
                             const std::string& alias, const std::string& specifier);
// An override is taken away. Nothing when it does not stand in package.json.
std::optional<std::string> drop_command(const CommandScene& scene, const Override& rule);

}  // namespace hod::resolver
