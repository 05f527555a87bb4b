// SPDX-License-Identifier: MIT
#include "cache/file_system.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>

#include <sys/file.h>
#include <sys/vfs.h>

#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr int kTruth = -1;
std::atomic<int> pretended{kTruth};

// Magic numbers of statfs(2).
bool is_network_magic(std::uint32_t magic) {
  constexpr std::array<std::uint32_t, 9> kNetwork = {0x6969,       // NFS
                                                     0x517b,       // SMB
                                                     0xff534d42,   // CIFS
                                                     0xfe534d42,   // SMB2
                                                     0x01021997,   // 9p
                                                     0x5346414f,   // AFS
                                                     0x73757245,   // Coda
                                                     0x00c36400,   // Ceph
                                                     0x0bd00bd0};  // Lustre
  return std::find(kNetwork.begin(), kNetwork.end(), magic) != kNetwork.end();
}

std::optional<struct statfs> facts_of(const std::string& path) {
  struct statfs info {};
  for (std::string at = path;;) {
    if (::statfs(at.c_str(), &info) == 0) return info;
    const std::size_t slash = at.rfind('/');
    if (errno != ENOENT || slash == std::string::npos || at == "/") return std::nullopt;
    at.resize(std::max<std::size_t>(slash, 1));
  }
}

}  // namespace

FileSystemKind file_system_of(const std::string& path) {
  if (const int kind = pretended.load(); kind != kTruth) return static_cast<FileSystemKind>(kind);
  const auto facts = facts_of(path);
  return facts && is_network_magic(static_cast<std::uint32_t>(facts->f_type))
             ? FileSystemKind::network
             : FileSystemKind::local;
}

std::optional<std::uint64_t> free_bytes(const std::string& path) {
  const auto facts = facts_of(path);
  if (!facts) return std::nullopt;
  return static_cast<std::uint64_t>(facts->f_bavail) * static_cast<std::uint64_t>(facts->f_bsize);
}

void pretend_file_system(std::optional<FileSystemKind> kind) {
  pretended = kind ? static_cast<int>(*kind) : kTruth;
}

int lock_whole(int fd, int operation, FileSystemKind kind) {
  if (kind == FileSystemKind::local) return io::flock(fd, operation);
  short type = F_UNLCK;
  if ((operation & LOCK_SH) != 0) type = F_RDLCK;
  if ((operation & LOCK_EX) != 0) type = F_WRLCK;
  if (io::lock_range(fd, type, 0, 0) == 0) return 0;
  if (errno == EAGAIN || errno == EACCES) errno = EWOULDBLOCK;
  return -1;
}

bool lock_byte(int fd, off_t offset) {
  // Where there are no locks, two processes may do the same work.
  return io::lock_range(fd, F_WRLCK, offset, 1) == 0 || (errno != EAGAIN && errno != EACCES);
}

void unlock_byte(int fd, off_t offset) { io::lock_range(fd, F_UNLCK, offset, 1); }

}  // namespace hod::cache
