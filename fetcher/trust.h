// Whose signatures on certificates are believed: the system's authorities and the user's own.
//
// The system keeps its authorities twice: in one file, and one by one in a folder where OpenSSL
// finds the single one it needs. The folder is preferred: reading the file costs 20 ms (140
// certificates) for each run, the folder next to nothing. But a certificate that was only appended
// to the file is known there alone, so who meets an unknown signature looks into the file before
// giving up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "fetcher/body_file.h"

namespace hod::fetcher {

struct TrustSources {
  std::string system_file, system_folder;  // of the TLS library; may be empty
  std::vector<std::string> files;          // the user's, PEM
  std::vector<std::string> texts;          // the user's, PEM
};

class Trust {
 public:
  // By the folder where it is usable, else by the file. Error: an own file cannot be read.
  static Result<Trust> quick(const TrustSources& sources);
  // By the file.
  static Result<Trust> thorough(const TrustSources& sources);

  const std::string& folder() const { return folder_; }  // "" for none
  std::string file() const;                              // "" for none; exists as long as *this
  bool is_quick() const { return !folder_.empty(); }

 private:
  std::string folder_;
  std::string file_;                // a path of the system
  std::optional<BodyFile> joined_;  // own ones, with the system's where no folder is used
};

}  // namespace hod::fetcher
