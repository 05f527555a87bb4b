// SPDX-License-Identifier: MIT
// One hod at a time in a project: an flock on node_modules/.hod/lock. The kernel gives it back when
// its holder ends, however it ends.
//
// A new tree takes the file over (linker.cc links it into the staged one), so that those who wait
// on it and those who open it later wait for the same thing. Whoever deletes node_modules meanwhile
// makes a new file: hence the look after the wait.
#include <cerrno>
#include <chrono>
#include <thread>

#include <sys/file.h>

#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_state.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr auto kPause = std::chrono::milliseconds{50};

Result<Fd> open_lock(const ProjectFolder& project) {
  HOD_TRY(const Fd folder, project.make(kHodFolder));
  Fd lock(io::openat(folder.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0666));
  if (lock) return lock;
  const std::string path = project.full_path(std::string(kHodFolder) + "/lock");
  if (errno == ELOOP) {
    return failure(Error(ErrorCode::tree_refused, "`node_modules/.hod/lock` is a symlink")
                       .at(path)
                       .hint("remove it and run the command again"));
  }
  return failure(system_error(errno, "open the lock", path));
}

bool is_current(const ProjectFolder& project, int lock) {
  struct stat held {};
  struct stat named {};
  const std::string path = std::string(kHodFolder) + "/lock";
  return io::fstatat(lock, "", &held, AT_EMPTY_PATH) == 0 &&
         io::fstatat(project.descriptor(), path.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

Result<Fd> lock_project(const std::string& project_root, unsigned wait_seconds,
                        const std::function<void()>& waiting) {
  HOD_TRY(const ProjectFolder project, ProjectFolder::open(project_root));
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{wait_seconds};
  bool told = false;
  for (;;) {
    HOD_TRY(Fd lock, open_lock(project));
    if (io::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
      if (is_current(project, lock.get())) return lock;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      return failure(system_error(errno, "lock the project", project.full_path(kHodFolder)));
    }
    if (std::chrono::steady_clock::now() >= limit) {
      return failure(Error(ErrorCode::project_locked, "another hod works in this project")
                         .at(project_root)
                         .hint("wait until it has finished and run the command again"));
    }
    if (!told && waiting) waiting();
    told = true;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace hod::cache
