// SPDX-License-Identifier: MIT
// A registry on 127.0.0.1 that serves the packages of fixtures/packages and those a test adds, and
// misbehaves where the test says so. Metadata in full documents, tarballs under <name>/-/, ETags.
//
// Threads: set it up before a client runs; counters may be read afterwards.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "tests/support/fixture_server.h"
#include "tests/support/tarball.h"

namespace hod::tests {

struct FixturePackage {
  Json manifest;            // what the metadata says of this version
  std::string tarball;      // the bytes served
  std::string integrity;    // "" = none in the metadata
  std::string shasum;       // "" = none
  std::string tarball_url;  // "" = by the rule, on this server
  std::vector<std::pair<std::string, std::string>> signatures;  // dist.signatures: key, signature
  std::string published;  // "2026-01-31T12:00:00.000Z"; "" = the metadata has no times
};

class FixtureRegistry {
 public:
  // Serves fixtures/packages from the start.
  FixtureRegistry();

  // A package as an honest publisher makes it: package.json is `manifest`, files are relative to
  // the package.
  FixturePackage& add(std::string_view manifest,
                      const std::map<std::string, std::string>& files = {});
  // The same with an archive as it is, without a look into it.
  FixturePackage& add_archive(std::string_view manifest, std::string archive);
  FixturePackage& get(const std::string& name, const std::string& version);
  void remove(const std::string& name, const std::string& version);
  void set_tag(const std::string& name, const std::string& tag, const std::string& version);

  // Asked first for every request; nothing = the honest answer.
  using Fault = std::function<std::optional<FixtureReply>(const FixtureRequest&)>;
  void set_fault(Fault fault);
  // The same answer for each target that contains `part`.
  void answer(const std::string& part, FixtureReply reply);
  // Only requests with this Authorization header are served, the others get 401.
  void require_authorization(std::string value);

  std::string base() const { return server_->base(); }
  std::size_t requests_for(std::string_view part) const;
  std::size_t request_count() const;
  std::vector<FixtureRequest> requests() const { return server_->requests(); }

 private:
  FixtureReply handle(const FixtureRequest& request);
  FixtureReply packument(const FixtureRequest& request, const std::string& name);
  void load_fixtures();

  std::mutex mutex_;
  std::map<std::string, std::map<std::string, FixturePackage>> packages_;  // name → version
  std::map<std::string, std::map<std::string, std::string>> tags_;
  Fault fault_;
  std::vector<std::pair<std::string, FixtureReply>> answers_;
  std::string authorization_;
  std::unique_ptr<FixtureServer> server_;
};

}  // namespace hod::tests
