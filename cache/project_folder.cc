// SPDX-License-Identifier: MIT
// Opening folders beneath a project without following links: openat2 where the kernel has it (and
// lets us), else one component after the other.
#include "cache/project_folder.h"

#include <cerrno>
#include <memory>

#include "cache/tree_path.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY;

// -1 with errno as openat sets it; ENOTDIR for a symlink.
int open_step_by_step(int root, std::string_view path) {
  Fd here;
  while (!path.empty()) {
    const std::string part(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    Fd next(io::openat(here ? here.get() : root, part.c_str(), kFolderFlags | O_NOFOLLOW));
    if (!next) return -1;
    here = std::move(next);
  }
  return here.release();
}

int open_folder(int root, std::string_view path) {
  const std::string text(path.empty() ? "." : path);
  const int fd = io::open_beneath(root, text.c_str(), kFolderFlags);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN)) return fd;
  return path.empty() ? io::openat(root, ".", kFolderFlags) : open_step_by_step(root, path);
}

// Which part of `path` is in the way, for the message.
Error refusal(int root, std::string_view path, const std::string& full) {
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    const std::string part(path.substr(0, end));
    struct stat info {};
    if (io::fstatat(root, part.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) break;
    if (S_ISDIR(info.st_mode)) continue;
    const bool link = S_ISLNK(info.st_mode);
    return Error(ErrorCode::tree_refused, "`" + part + "` is " +
                                              (link ? "a symlink" : "no folder") +
                                              ": hod does not install through it")
        .at(full)
        .hint(link ? "remove the link, or run hod in the folder that it leads to"
                   : "move it out of the way and run the command again");
  }
  return system_error(ENOTDIR, "open the folder", full);
}

}  // namespace

Result<ProjectFolder> ProjectFolder::open(const std::string& project_root) {
  Fd root(io::open(project_root.c_str(), kFolderFlags));
  if (!root) return failure(system_error(errno, "open the project's folder", project_root));
  return ProjectFolder(project_root, std::move(root));
}

std::string ProjectFolder::full_path(std::string_view path) const { return joined(path_, path); }

Result<Fd> ProjectFolder::find(std::string_view path) const {
  const int fd = open_folder(root_.get(), path);
  if (fd >= 0) return Fd(fd);
  if (errno == ENOENT) return Fd();
  if (errno == ELOOP || errno == ENOTDIR) {
    return failure(refusal(root_.get(), path, full_path(path)));
  }
  return failure(system_error(errno, "open the folder", full_path(path)));
}

Result<Fd> ProjectFolder::make(std::string_view path) const {
  HOD_TRY(Fd there, find(path));
  if (there) return there;
  HOD_TRY(const Fd parent,
          path.find('/') == std::string_view::npos ? find("") : make(parent_path(path)));
  const std::string name(base_name(path));
  if (io::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
    return failure(system_error(errno, "make the folder", full_path(path)));
  }
  HOD_TRY(Fd made, find(path));
  if (!made) return failure(system_error(ENOENT, "open the folder", full_path(path)));
  return made;
}

Result<std::vector<FolderEntry>> list_folder(int folder, std::string_view path) {
  const int copy = io::openat(folder, ".", kFolderFlags);
  if (copy < 0) return failure(system_error(errno, "read the folder", path));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy), &::closedir);
  if (!stream) {
    io::close(copy);
    return failure(system_error(errno, "read the folder", path));
  }
  std::vector<FolderEntry> out;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    FolderEntry made{std::string(name), FolderEntry::Kind::other};
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN) {
      struct stat info {};
      if (io::fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISLNK(info.st_mode) ? DT_LNK : DT_REG;
      }
    }
    if (type == DT_DIR) made.kind = FolderEntry::Kind::folder;
    if (type == DT_LNK) made.kind = FolderEntry::Kind::link;
    out.push_back(std::move(made));
  }
  if (errno != 0) return failure(system_error(errno, "read the folder", path));
  return out;
}

}  // namespace hod::cache
