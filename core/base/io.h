// Every system call that touches a disk goes through here, so that a test build can count and fail
// each one.
//
// In production these are direct calls (inline, errno as the kernel left it). Built with
// HOD_FAULTS=1, each call first passes `fault_point`, steered by $HOD_FAULT
// (docs/decisions/0002-fault-points.md):
//   count | n=137:kill | n=137:enospc|eio|short|eintr|emfile|eacces|erofs|exdev|eperm|emlink|estale
//   |enotsup |
//   op=write+rename,path~node_modules,n=3:kill | from=137:enospc
// Threads: any. Return values and errno are those of the calls of the same name.
#pragma once

#include <cstddef>
#include <cstdio>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace hod::io {

#ifdef HOD_FAULTS
// What the call is to do instead of its work. `error` 0: go on; `shortened`: do half of the bytes.
struct Fault {
  int error = 0;
  bool shortened = false;
};
Fault fault_point(const char* operation, const char* path) noexcept;
// For tests within one process (after fork, say): replaces the plan of $HOD_FAULT and starts
// counting anew. One thread.
void set_fault_plan(const char* text);
unsigned long fault_calls();  // counted so far under a plan
#define HOD_IO_FAULT(operation, path, failed)                                   \
  if (auto fault = ::hod::io::fault_point(operation, path); fault.error != 0) { \
    errno = fault.error;                                                        \
    return failed;                                                              \
  }
#else
#define HOD_IO_FAULT(operation, path, failed)
#endif

int open(const char* path, int flags, mode_t mode = 0) noexcept;
int openat(int directory, const char* path, int flags, mode_t mode = 0) noexcept;
ssize_t read(int fd, void* data, std::size_t size) noexcept;
ssize_t write(int fd, const void* data, std::size_t size) noexcept;
int fsync(int fd) noexcept;
int syncfs(int fd) noexcept;  // the whole file system of `fd`
int rename(const char* from, const char* to) noexcept;
int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept;
// flags: RENAME_NOREPLACE, RENAME_EXCHANGE
int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept;
int linkat(int from_directory, const char* from, int to_directory, const char* to) noexcept;
// Another name for the very file that `fd` has open (through /proc/self/fd).
int link_descriptor(int fd, int to_directory, const char* to) noexcept;
int symlinkat(const char* target, int directory, const char* path) noexcept;
ssize_t readlinkat(int directory, const char* path, char* out, std::size_t size) noexcept;
int unlinkat(int directory, const char* path, int flags) noexcept;
int mkdirat(int directory, const char* path, mode_t mode) noexcept;
int fstatat(int directory, const char* path, struct stat* out, int flags) noexcept;
int ftruncate(int fd, off_t length) noexcept;
// openat2 that never follows a symlink and never leaves `directory`. ENOSYS on old kernels.
int open_beneath(int directory, const char* path, int flags) noexcept;
// Access and modification time set to `time`; AT_SYMLINK_NOFOLLOW in `flags` for a link itself.
int set_times(int directory, const char* path, const timespec& time, int flags) noexcept;
int set_times(int fd, const timespec& time) noexcept;
// Shares the blocks of `from` (FICLONE). Fails where the file system cannot.
int reflink(int from, int to) noexcept;
// Copies whole files: FICLONE where the file system can, else copy_file_range, else read and write.
// 0 or -1.
int copy(int from, int to) noexcept;
int fchmod(int fd, mode_t mode) noexcept;
int flock(int fd, int operation) noexcept;
// F_RDLCK, F_WRLCK or F_UNLCK on bytes of the open file description (F_OFD_SETLK), never waiting;
// `length` 0: to the end.
int lock_range(int fd, short type, off_t start, off_t length) noexcept;
int close(int fd) noexcept;

}  // namespace hod::io
