// SPDX-License-Identifier: MIT
// The table of sets, sorted by name.
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

std::span<const Set> all_sets() {
  static constexpr Set kSets[] = {
      {"hosted-git-info", run_hosted_git_info_row},
      {"ini", run_ini_row},
      {"lockfiles", run_lockfiles_row},
      {"npm-normalize-package-bin", run_npm_normalize_package_bin_row},
      {"npm-package-arg", run_npm_package_arg_row},
      {"npmrc", run_ini_row},
      {"resolution", run_resolution_row, take_resolution_option, print_resolution_summary},
      {"semver", run_semver_row},
      {"ssri", run_ssri_row},
      {"tarballs", run_tarballs_row},
      {"validate-npm-package-name", run_validate_npm_package_name_row},
  };
  return kSets;
}

}  // namespace hod::conformance
