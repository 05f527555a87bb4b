// SPDX-License-Identifier: MIT
// A cold run of the cache, stopped, failed or starved at each of its calls to the disk; promises P2
// and P5: afterwards the cache answers with what was stored or with nothing, and the same run once
// more ends well.
#include <doctest/doctest.h>

#ifdef HOD_FAULTS

#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/metadata_cache.h"
#include "cache/store.h"
#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

const MetadataKey kKey{"https://registry.example/", "", "a"};

std::vector<std::string> archives() {
  std::vector<std::string> all;
  for (const char* name : {"a", "b"}) {
    all.push_back(
        gzipped(tar_manifest(R"({"name":")" + std::string(name) + R"(","version":"1.0.0"})") +
                tar_file("package/lib/index.js", std::string(3000, *name)) + tar_end()));
  }
  return all;
}

CachedMetadata metadata_of_a() {
  PackageMetadataBuilder builder("a");
  VersionFacts facts;
  facts.version = "1.0.0";
  builder.add_version(std::move(facts));
  return {make_package_metadata(std::move(builder)), "etag", "", 1, 2, false};
}

Result<void> run(const std::string& root) {
  HOD_TRY(auto store, Store::open(root));
  for (const std::string& bytes : archives()) {
    Integrity integrity =
        Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, bytes));
    HOD_TRY(StoredPackagePtr package, store->add_tarball(bytes, integrity, "x", "u"));
  }
  HOD_CHECK(store->flush());
  HOD_TRY(auto metadata, MetadataCache::open(root));
  metadata->put(kKey, metadata_of_a());
  HOD_CHECK(metadata->flush());
  return {};
}

enum class Outcome { done, failed, killed };

// run() in a child process under a fault plan.
Outcome run_under(const std::string& root, const std::string& plan,
                  unsigned long* calls = nullptr) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    io::set_fault_plan(plan.c_str());
    const bool good = run(root).has_value();
    const unsigned long made = io::fault_calls();
    const ssize_t told = ::write(pipe[1], &made, sizeof made);
    ::_exit(good && told > 0 ? 0 : 1);
  }
  ::close(pipe[1]);
  unsigned long made = 0;
  if (::read(pipe[0], &made, sizeof made) > 0 && calls != nullptr) *calls = made;
  ::close(pipe[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return Outcome::killed;
  return WEXITSTATUS(status) == 0 ? Outcome::done : Outcome::failed;
}

// What is found is right; empty when everything is.
std::string wrong_in(const std::string& root, bool must_be_there) {
  Result<std::unique_ptr<Store>> store = Store::open(root);
  if (!store) return store.error().text();
  for (const std::string& bytes : archives()) {
    TarballDigest digest{digest_of(DigestAlgorithm::sha512, bytes)};
    Result<std::vector<StoredPackagePtr>> found = (*store)->find({&digest, 1});
    if (!found) return found.error().text();
    if (!found->front() && must_be_there) return "a package is missing";
    if (found->front() && !(*store)->damaged_files(*found->front(), Verify::sums).empty())
      return "a package is damaged";
  }
  Result<std::unique_ptr<MetadataCache>> metadata = MetadataCache::open(root);
  if (!metadata) return metadata.error().text();
  std::optional<CachedMetadata> entry = (*metadata)->find(kKey);
  if (!entry) return must_be_there ? "the metadata is missing" : "";
  return entry->metadata.name() == "a" && entry->etag == "etag" ? "" : "the metadata is wrong";
}

// `step`: only every so manieth call.
void check_calls(const std::string& before, const std::string& fault, Outcome expected,
                 unsigned long step) {
  unsigned long calls = 0;
  {
    TestFolder folder;
    REQUIRE(run_under(folder.path("cache"), "count", &calls) == Outcome::done);
    REQUIRE(calls > 40);
  }
  for (unsigned long n = 1; n <= calls; n += step) {
    TestFolder folder;
    std::string root = folder.path("cache");
    Outcome outcome = run_under(root, before + std::to_string(n) + ":" + fault);
    std::string wrong = wrong_in(root, outcome == Outcome::done);
    if (wrong.empty()) {
      if (Result<void> again = run(root); !again) wrong = again.error().text();
    }
    if (wrong.empty()) wrong = wrong_in(root, true);
    bool plausible = outcome == expected || outcome == Outcome::done;
    if (!wrong.empty() || !plausible) {
      CAPTURE(n);
      CAPTURE(fault);
      CHECK(wrong == "");
      CHECK(plausible);
    }
  }
}

}  // namespace

TEST_CASE(
    "T-CACHE-04 killed at any call to the disk, the cache does not lie and a rerun is enough") {
  check_calls("n=", "kill", Outcome::killed, 1);
}

TEST_CASE("T-CACHE-04 a call that fails once leaves a cache that does not lie") {
  check_calls("n=", "enospc", Outcome::failed, 1);
  check_calls("n=", "short", Outcome::failed, 1);
  check_calls("n=", "eio", Outcome::failed, 3);
  check_calls("n=", "eintr", Outcome::failed, 3);
}

TEST_CASE("T-CACHE-04 a disk that stays full, or read-only, needs nothing but a rerun") {
  check_calls("from=", "enospc", Outcome::failed, 3);
  check_calls("from=", "erofs", Outcome::failed, 7);
}

#endif
