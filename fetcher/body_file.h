// A body too large for memory, in a file without a name: nothing to clean up, whatever happens to
// this process, and nothing another user could put in its place (T-CACHE-05).
//
// Threads: written by one, then read by another; a value with one descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::fetcher {

class BodyFile {
 public:
  // On the file system of `folder`, which is made (0700) if absent.
  static Result<BodyFile> create(const std::string& folder);
  // On no disk at all: for what a library wants to read by a path.
  static Result<BodyFile> in_memory();

  Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  int descriptor() const { return fd_.get(); }  // for a child that writes; size() then says nothing
  // Opens the same bytes again while this object lives ("/proc/self/fd/7").
  std::string path() const;

 private:
  explicit BodyFile(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace hod::fetcher
