// What kind of file system a path is on, and advisory locks that hold there.
//
// Shared memory and flock() of network file systems are not to be relied on: SQLite uses no WAL
// there, and locks are those of open file descriptions (byte ranges), which a server knows.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace hod::cache {

enum class FileSystemKind : std::uint8_t { local, network };

// Of `path`, or of the nearest folder above it that exists. What cannot be asked counts as local.
FileSystemKind file_system_of(const std::string& path);

// What is free for this user where `path` is, or would be. Nothing: it cannot be asked.
std::optional<std::uint64_t> free_bytes(const std::string& path);

// For tests: what file_system_of() says from now on; nothing: the truth.
void pretend_file_system(std::optional<FileSystemKind> kind);

// flock()'s operations (LOCK_SH, LOCK_EX, LOCK_NB …) on the whole of `fd`, by the means that works
// on `kind`. -1 and EWOULDBLOCK when somebody else has it.
int lock_whole(int fd, int operation, FileSystemKind kind);

// An exclusive lock on the byte at `offset`, never waiting. False: somebody else has it. Ranges of
// one open file description do not exclude each other.
bool lock_byte(int fd, off_t offset);
void unlock_byte(int fd, off_t offset);

}  // namespace hod::cache
