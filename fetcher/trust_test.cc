#include "fetcher/trust.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "core/base/file.h"

using namespace hod;
using namespace hod::fetcher;
namespace fs = std::filesystem;

namespace {

// A system with a file of authorities and, if wanted, the folder beside it.
struct System {
  std::string root = (fs::temp_directory_path() / "trust-XXXXXX").string();
  explicit System(bool with_folder) {
    REQUIRE(::mkdtemp(root.data()) != nullptr);
    fs::create_directory(root + "/certs");
    std::ofstream(root + "/all.crt") << "SYSTEM\n";
    std::ofstream(root + "/own.pem") << "OWN";
    if (with_folder) std::ofstream(root + "/certs/002c0b4f.0") << "ONE\n";
  }
  ~System() { fs::remove_all(root); }
  TrustSources sources() const { return {root + "/all.crt", root + "/certs", {}, {}}; }
};

}  // namespace

TEST_CASE("the folder is used where it holds certificates, else the file") {
  System modern(true);
  Trust quick = must(Trust::quick(modern.sources()));
  CHECK(quick.folder() == modern.root + "/certs");
  CHECK(quick.file().empty());
  CHECK(quick.is_quick());
  System plain(false);
  Trust file = must(Trust::quick(plain.sources()));
  CHECK(file.folder().empty());
  CHECK(file.file() == plain.root + "/all.crt");
  CHECK_FALSE(file.is_quick());
  CHECK(must(Trust::thorough(modern.sources())).file() == modern.root + "/all.crt");
}

TEST_CASE("own certificates come beside the system's") {
  System system(true);
  TrustSources sources = system.sources();
  sources.files = {system.root + "/own.pem"};
  sources.texts = {"TEXT"};
  CHECK(must(read_file(must(Trust::quick(sources)).file())) == "OWN\nTEXT\n");
  CHECK(must(read_file(must(Trust::thorough(sources)).file())) == "OWN\nTEXT\nSYSTEM\n");
}

TEST_CASE("the system's own file named as an additional one changes nothing") {
  System system(true);
  TrustSources sources = system.sources();
  sources.files = {system.root + "/certs/../all.crt"};
  CHECK(must(Trust::quick(sources)).file().empty());
}

TEST_CASE("a cafile that cannot be read is an error with its path") {
  System system(true);
  TrustSources sources = system.sources();
  sources.files = {system.root + "/absent.pem"};
  auto trust = Trust::quick(sources);
  REQUIRE_FALSE(trust);
  CHECK(trust.error().text().find("absent.pem") != std::string::npos);
}
