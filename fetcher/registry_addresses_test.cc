#include "fetcher/registry_addresses.h"

#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
PackageName name(const char* text) { return must(PackageName::parse(text)); }

RegistryAddresses addresses(std::string replaced = "registry.example",
                            const char* registry = "https://mirror.example/npm") {
  return RegistryAddresses(registry, {{"@acme", "https://acme.example:8443/"}},
                           std::move(replaced));
}

std::string fetched(const RegistryAddresses& all, const char* package, const char* given) {
  auto url = all.to_fetch(name(package), "1.0.0", given);
  return url ? url->text() : std::string(error_name(url.error().code()));
}
}  // namespace

TEST_CASE("metadata and archives lie at the registry of their scope") {
  RegistryAddresses all = addresses();
  CHECK(must(all.packument(name("a"))).text() == "https://mirror.example/npm/a");
  CHECK(must(all.packument(name("@acme/b"))).text() == "https://acme.example:8443/@acme%2fb");
  CHECK(must(all.packument(name("@other/b"))).text() == "https://mirror.example/npm/@other%2fb");
  CHECK(all.tarball_url(name("a"), "1.0.0") == "https://mirror.example/npm/a/-/a-1.0.0.tgz");
  CHECK(all.tarball_url(name("@acme/b"), "2.0.0-rc.1") ==
        "https://acme.example:8443/@acme/b/-/b-2.0.0-rc.1.tgz");
}

TEST_CASE("an archive on the replaced host is asked of the configured registry") {
  const char* there = "https://registry.example/a/-/a-1.0.0.tgz";
  const char* mirrored = "https://mirror.example/npm/a/-/a-1.0.0.tgz";
  CHECK(fetched(addresses(), "a", there) == mirrored);
  CHECK(fetched(addresses("never"), "a", there) == there);
  CHECK(fetched(addresses(""), "a", there) == there);
  CHECK(fetched(addresses("always"), "a", "https://files.example/x/y.tgz?z=1") ==
        "https://mirror.example/npm/x/y.tgz?z=1");
  CHECK(fetched(addresses("always"), "a", mirrored) == mirrored);
  CHECK(fetched(addresses("registry.example", "https://registry.example/"), "a", there) == there);
  CHECK(fetched(addresses(), "a", "https://files.example/a.tgz") == "https://files.example/a.tgz");
  CHECK(fetched(addresses(), "a", "") == mirrored);
}

TEST_CASE("T-NET-02 T-NET-05 logins and plain http in a registry's addresses are refused") {
  RegistryAddresses all = addresses();
  CHECK(fetched(all, "a", "https://user:pw@mirror.example/npm/a.tgz") == "SOURCE_REFUSED");
  CHECK(fetched(all, "a", "http://files.example/a.tgz") == "SOURCE_REFUSED");
  CHECK(fetched(all, "a", "http://mirror.example/npm/a.tgz") == "https://mirror.example/npm/a.tgz");
  CHECK(fetched(all, "a", "file:///etc/passwd") == "METADATA_INVALID");
  CHECK(fetched(all, "a", "//x") == "METADATA_INVALID");
  RegistryAddresses local = addresses("", "http://127.0.0.1:4873/");
  CHECK(fetched(local, "a", "http://127.0.0.1:4873/a.tgz") == "http://127.0.0.1:4873/a.tgz");
  auto refused = all.to_fetch(name("a"), "1.0.0", "https://user:hunter2@x.example/a.tgz");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text().find("hunter2") == std::string::npos);
}

TEST_CASE("a lockfile keeps only addresses that are not by the rule") {
  RegistryAddresses all = addresses();
  auto kept = [&](const char* given) { return all.lockfile_tarball(name("a"), "1.0.0", given); };
  CHECK(kept("").empty());
  CHECK(kept("https://mirror.example/npm/a/-/a-1.0.0.tgz").empty());
  CHECK(kept("https://registry.example/a/-/a-1.0.0.tgz").empty());
  CHECK(kept("https://files.example/a.tgz") == "https://files.example/a.tgz");
  CHECK(kept("https://registry.example/a/-/other-1.0.0.tgz") ==
        "https://registry.example/a/-/other-1.0.0.tgz");
}

TEST_CASE("a malformed registry is an error when it is used, not before") {
  RegistryAddresses all("not a url", {}, "");
  CHECK_FALSE(all.packument(name("a")));
  CHECK(all.tarball_url(name("a"), "1.0.0").empty());
  CHECK_FALSE(all.to_fetch(name("a"), "1.0.0", ""));
}
