// Every kind of failure hod knows, one row each: enumerator, the name people see, the exit code of
// the program (docs/errors.md explains each; a test holds the two together).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// Exit codes: 1 general, 2 usage, 3 resolution, 4 not found, 5 integrity, 6 network, 7
// authentication, 8 lockfile out of date, 9 policy, 10 script, 11 engine or platform, 12 locked, 13
// local I/O, 130 interrupted.
#define HOD_ERROR_CODES(X)                             \
  X(internal, "INTERNAL", 1)                           \
  X(usage, "USAGE", 2)                                 \
  X(json_invalid, "JSON_INVALID", 1)                   \
  X(manifest_missing, "MANIFEST_MISSING", 1)           \
  X(manifest_invalid, "MANIFEST_INVALID", 1)           \
  X(name_invalid, "NAME_INVALID", 1)                   \
  X(version_invalid, "VERSION_INVALID", 1)             \
  X(range_invalid, "RANGE_INVALID", 1)                 \
  X(specifier_invalid, "SPECIFIER_INVALID", 1)         \
  X(specifier_unsupported, "SPECIFIER_UNSUPPORTED", 1) \
  X(workspace_invalid, "WORKSPACE_INVALID", 1)         \
  X(bin_invalid, "BIN_INVALID", 1)                     \
  X(config_invalid, "CONFIG_INVALID", 1)               \
  X(metadata_invalid, "METADATA_INVALID", 1)           \
  X(script_missing, "SCRIPT_MISSING", 1)               \
  X(command_missing, "COMMAND_MISSING", 1)             \
  X(patch_invalid, "PATCH_INVALID", 1)                 \
  X(patch_failed, "PATCH_FAILED", 1)                   \
  X(patch_unused, "PATCH_UNUSED", 1)                   \
  X(resolution_impossible, "RESOLUTION_IMPOSSIBLE", 3) \
  X(resolution_budget, "RESOLUTION_BUDGET", 3)         \
  X(package_not_found, "PACKAGE_NOT_FOUND", 4)         \
  X(version_not_found, "VERSION_NOT_FOUND", 4)         \
  X(integrity_mismatch, "INTEGRITY_MISMATCH", 5)       \
  X(integrity_missing, "INTEGRITY_MISSING", 5)         \
  X(signature_wrong, "SIGNATURE_WRONG", 5)             \
  X(signature_missing, "SIGNATURE_MISSING", 5)         \
  X(archive_invalid, "ARCHIVE_INVALID", 5)             \
  X(archive_hostile, "ARCHIVE_HOSTILE", 5)             \
  X(network_failed, "NETWORK_FAILED", 6)               \
  X(network_timeout, "NETWORK_TIMEOUT", 6)             \
  X(network_tls, "NETWORK_TLS", 6)                     \
  X(registry_answer, "REGISTRY_ANSWER", 6)             \
  X(offline_missing, "OFFLINE_MISSING", 6)             \
  X(unauthorized, "UNAUTHORIZED", 7)                   \
  X(forbidden, "FORBIDDEN", 7)                         \
  X(lockfile_outdated, "LOCKFILE_OUTDATED", 8)         \
  X(lockfile_missing, "LOCKFILE_MISSING", 8)           \
  X(lockfile_invalid, "LOCKFILE_INVALID", 8)           \
  X(source_refused, "SOURCE_REFUSED", 9)               \
  X(policy_refused, "POLICY_REFUSED", 9)               \
  X(script_failed, "SCRIPT_FAILED", 10)                \
  X(engine_unsupported, "ENGINE_UNSUPPORTED", 11)      \
  X(platform_unsupported, "PLATFORM_UNSUPPORTED", 11)  \
  X(project_locked, "PROJECT_LOCKED", 12)              \
  X(cache_locked, "CACHE_LOCKED", 12)                  \
  X(disk_failed, "DISK_FAILED", 13)                    \
  X(disk_full, "DISK_FULL", 13)                        \
  X(permission_denied, "PERMISSION_DENIED", 13)        \
  X(file_missing, "FILE_MISSING", 13)                  \
  X(tree_refused, "TREE_REFUSED", 13)                  \
  X(cache_refused, "CACHE_REFUSED", 13)                \
  X(store_too_new, "STORE_TOO_NEW", 13)                \
  X(git_failed, "GIT_FAILED", 6)                       \
  X(interrupted, "INTERRUPTED", 130)

namespace hod {

enum class ErrorCode : std::uint8_t {
#define HOD_ERROR_ENUMERATOR(enumerator, name, exit) enumerator,
  HOD_ERROR_CODES(HOD_ERROR_ENUMERATOR)
#undef HOD_ERROR_ENUMERATOR
};

// "INTEGRITY_MISMATCH"
std::string_view error_name(ErrorCode code);
// The process's exit code when this error ends the command.
int exit_code(ErrorCode code);
std::vector<ErrorCode> all_error_codes();

}  // namespace hod
