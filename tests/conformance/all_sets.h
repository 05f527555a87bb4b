// The functions that run a row of each set; all_sets.cc names them.
#pragma once

#include "tests/conformance/conformance_set.h"

namespace hod::conformance {

Outcome run_hosted_git_info_row(const Row& row);
Outcome run_ini_row(const Row& row);
Outcome run_lockfiles_row(const Row& row);
Outcome run_npm_normalize_package_bin_row(const Row& row);
Outcome run_npm_package_arg_row(const Row& row);
Outcome run_resolution_row(const Row& row);
Outcome run_semver_row(const Row& row);
Outcome run_ssri_row(const Row& row);
Outcome run_tarballs_row(const Row& row);
Outcome run_validate_npm_package_name_row(const Row& row);

std::size_t take_resolution_option(std::span<char* const> arguments);
void print_resolution_summary();

}  // namespace hod::conformance
