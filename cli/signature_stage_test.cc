// SPDX-License-Identifier: MIT
#include "cli/signature_stage.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"
#include "tests/support/signed_package.h"

using namespace hod;
using namespace hod::cli;
using namespace hod::tests;

namespace {

VersionFacts release(const SignedArchive& archive, std::vector<DistSignature> signatures) {
  VersionFacts facts;
  facts.version = archive.version;
  facts.integrity = archive.integrity;
  facts.signatures = std::move(signatures);
  return facts;
}

PackageMetadata metadata_of(std::vector<VersionFacts> releases) {
  PackageMetadataBuilder builder("signed");
  for (VersionFacts& facts : releases) builder.add_version(std::move(facts));
  return make_package_metadata(std::move(builder));
}

DistSignature ours(const SignedArchive& archive) { return {kSigningKeyId, archive.signature}; }

ResolutionGraph graph_of(const SignedArchive& archive) {
  ResolutionGraph graph;
  GraphPackage package;
  package.name = "signed";
  package.version = archive.version;
  package.integrity = archive.integrity;
  graph.packages = {package};
  return graph;
}

struct Scene {
  Scene() { folder.write("keys.json", signing_keys()); }
  // "fine", or the codes.
  std::string verdict(const PackageMetadata* metadata, const ResolutionGraph& graph,
                      VerifySignatures verify = VerifySignatures::automatic,
                      const ResolutionGraph* locked = nullptr) {
    const auto checked = check_signatures(
        graph, locked, {verify, folder / "keys.json"}, [&](const std::string&) { return metadata; },
        [&]() -> cache::WorkerPool& {
          asked_for_pool = true;
          return pool;
        });
    if (checked) return "fine";
    std::string codes;
    for (const Error& error : checked.error()) codes += std::string(error_name(error.code())) + " ";
    return codes;
  }
  TestFolder folder;
  cache::WorkerPool pool;
  bool asked_for_pool = false;
};

}  // namespace

TEST_CASE("T-NET-16 what a registry signed enters the lockfile only with a right signature") {
  Scene scene;
  const PackageMetadata good = metadata_of({release(kSignedNew, {ours(kSignedNew)})});
  CHECK(scene.verdict(&good, graph_of(kSignedNew)) == "fine");
  CHECK(scene.verdict(&good, graph_of(kSignedNew), VerifySignatures::always) == "fine");
  // A mirror exchanged archive and digest, and has to leave the signature or make none.
  const PackageMetadata swapped = metadata_of({release(kSignedOther, {ours(kSignedNew)})});
  CHECK(scene.verdict(&swapped, graph_of(kSignedOther)) == "SIGNATURE_WRONG ");
  CHECK(scene.verdict(&swapped, graph_of(kSignedOther), VerifySignatures::never) == "fine");
  for (const std::vector<DistSignature>& signatures :
       {std::vector<DistSignature>{},
        std::vector<DistSignature>{{"SHA256:unknown", kSignedOther.signature}}}) {
    const PackageMetadata stripped =
        metadata_of({release(kSignedOther, signatures), release(kSignedOld, {ours(kSignedOld)})});
    CHECK(scene.verdict(&stripped, graph_of(kSignedOther)) == "SIGNATURE_MISSING ");
  }
}

TEST_CASE(
    "T-NET-16 registries that sign nothing, or with keys of their own, are taken as they are") {
  Scene scene;
  const PackageMetadata bare = metadata_of({release(kSignedNew, {}), release(kSignedOld, {})});
  CHECK(scene.verdict(&bare, graph_of(kSignedNew)) == "fine");
  CHECK_FALSE(scene.asked_for_pool);
  CHECK(scene.verdict(&bare, graph_of(kSignedNew), VerifySignatures::always) ==
        "SIGNATURE_MISSING ");
  const PackageMetadata own = metadata_of({release(kSignedNew, {{"SHA256:own", "AAAA"}})});
  CHECK(scene.verdict(&own, graph_of(kSignedNew)) == "fine");
  CHECK(scene.verdict(&own, graph_of(kSignedNew), VerifySignatures::always) ==
        "SIGNATURE_MISSING ");
}

TEST_CASE("T-NET-16 entries of the lockfile are not looked at again, others of the same name are") {
  Scene scene;
  const PackageMetadata swapped = metadata_of({release(kSignedOther, {ours(kSignedNew)})});
  const ResolutionGraph graph = graph_of(kSignedOther);
  CHECK(scene.verdict(&swapped, graph, VerifySignatures::automatic, &graph) == "fine");
  CHECK_FALSE(scene.asked_for_pool);
  const ResolutionGraph before = graph_of(kSignedNew);
  CHECK(scene.verdict(&swapped, graph, VerifySignatures::automatic, &before) == "SIGNATURE_WRONG ");
  CHECK(scene.verdict(nullptr, graph) == "fine");
}

TEST_CASE("a file of keys that cannot be used is an error") {
  Scene scene;
  scene.folder.write("keys.json", "{}");
  const PackageMetadata good = metadata_of({release(kSignedNew, {ours(kSignedNew)})});
  CHECK(scene.verdict(&good, graph_of(kSignedNew)) == "CONFIG_INVALID ");
}
