#include "core/base/error.h"

#include <cerrno>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "core/base/result.h"

using namespace hod;

TEST_CASE("a message answers what, where, why and how to mend it") {
  Error error = Error(ErrorCode::integrity_mismatch,
                      "the archive of `a@1.0.0` is not what the lockfile promises")
                    .at("https://registry.example/a/-/a-1.0.0.tgz")
                    .detail("expected sha512-A  got sha512-B")
                    .during("installing `a@1.0.0`")
                    .hint("run `hod update --checksums a`");
  CHECK(error.text() ==
        "error: the archive of `a@1.0.0` is not what the lockfile promises [INTEGRITY_MISMATCH]\n"
        "  where: https://registry.example/a/-/a-1.0.0.tgz\n"
        "  expected sha512-A  got sha512-B\n"
        "  while installing `a@1.0.0`\n"
        "hint: run `hod update --checksums a`\n");
  CHECK(exit_code(error.code()) == 5);
}

TEST_CASE("a failed system call names its kind") {
  CHECK(system_error(ENOSPC, "write", "/x").code() == ErrorCode::disk_full);
  CHECK(system_error(EROFS, "write", "/x").code() == ErrorCode::permission_denied);
  CHECK(system_error(EIO, "write", "/x").code() == ErrorCode::disk_failed);
}

TEST_CASE("docs/errors.md explains every error code") {
  std::ifstream file(HOD_SOURCE_DIR "/docs/errors.md");
  std::stringstream text;
  text << file.rdbuf();
  for (ErrorCode code : all_error_codes()) {
    CAPTURE(error_name(code));
    CHECK(text.str().find("`" + std::string(error_name(code)) + "`") != std::string::npos);
  }
}
