// .npmrc files with npm's own semantics, and how far each of them is trusted.
//
// A project's file comes with the project, perhaps from a stranger. It may say where packages come
// from, but it cannot reach what is the user's: no variable is put into an address, a credential or
// a path (T-NET-04), nothing that decides about trust, programs or files is taken from it
// (T-CFG-02, T-NET-05), and a credential without an address goes to the registry that the same file
// names, to nobody else (T-NET-03).
//
// Threads: pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/environment.h"
#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

enum class Trust : std::uint8_t { user, project };

struct NpmrcOptions {
  Trust trust = Trust::user;
  const Environment* environment = nullptr;  // of `${NAME}`; never null
  std::string home;                          // of "~/" in paths
  std::string folder;                        // what relative paths are taken from
  bool defaults = true;                      // `${NAME:-text}`, which npm does not know
};

struct NpmrcEntry {
  enum class State : std::uint8_t {
    set,
    invalid,      // the value does not fit the key's type: as if not set
    refused,      // a project may not set this
    conflicting,  // npm refuses it beside another key of the file
  };
  std::string key;    // variables expanded
  Json value;         // of the key's type; of entries that are not `set` as written
  unsigned line = 0;  // from 1; of a list its last one
  State state = State::set;
  std::string why;  // of entries that are not `set`: a clause for people, no secrets in it
};

struct Npmrc {
  std::vector<NpmrcEntry> entries;  // each key once, in the file's order

  const Json* find(std::string_view key) const;         // of what is set
  const NpmrcEntry* entry(std::string_view key) const;  // whatever its state
};

// Error: config_invalid (very few texts, see ini.h).
Result<Npmrc> read_npmrc(std::string_view text, const NpmrcOptions& options);
// One key and value from elsewhere (a variable, an option, a member of a JSON file), by the same
// rules.
NpmrcEntry npmrc_entry(std::string_view key, const Json& written, const NpmrcOptions& options);

// May a project's files set this key? (The white list of T-CFG-02; npm's keys and hod's.)
bool project_may_set(std::string_view key);
// Are variables in its value expanded there?
bool project_may_expand(std::string_view key);

// "//host:port/path/" of an address: what npm puts before the keys of a registry. Nothing when it
// is no address.
std::optional<std::string> nerf_dart(std::string_view address);

// "//host/path/:_authToken" taken apart.
struct RegistryKey {
  std::string_view prefix;  // "//host/path/"
  std::string_view name;    // "_authToken"
};
std::optional<RegistryKey> registry_key(std::string_view key);

// What npm finds for one registry. Empty parts are absent.
struct RegistryCredentials {
  std::string token;
  std::string username, password, basic;  // basic: base64 of both
  std::string email, certfile, keyfile;

  bool empty() const { return token.empty() && basic.empty() && certfile.empty() && email.empty(); }
  std::string authorization() const;  // "Bearer …", "Basic …" or ""
};
// `values`: the texts that are set, by key: prefix + ":" + name, or the name alone for the prefix
// "".
RegistryCredentials registry_credentials(
    std::string_view prefix, const std::map<std::string, std::string, std::less<>>& values);

}  // namespace hod
