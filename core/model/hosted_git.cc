// SPDX-License-Identifier: MIT
// Known git hosts: what a text means, and which addresses follow from it.
//
// The rules are those of hosted-git-info, odd ones included (a missing user is printed as "null",
// userinfo of a short form is dropped), because npm stores what they yield in manifests and
// lockfiles.
//
// Reading goes in three steps: make a URL of what people write (`user/project`, `git@host:path`),
// find the host by scheme or domain, cut user, project and committish out of the path.
#include "core/model/hosted_git.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/ecma_text.h"
#include "core/base/encoding.h"
#include "core/model/web_url.h"

namespace hod {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

struct HostRow {
  HostedGit::Host host;
  std::string_view name;
  std::string_view domain;
  std::string_view protocols;  // each followed by a blank
  std::string_view tree;       // how its web pages call a folder at a commit
};
constexpr std::array<HostRow, 5> kHosts = {{
    {HostedGit::Host::github, "github", "github.com",
     "git: http: git+ssh: git+https: ssh: https: ", "tree"},
    {HostedGit::Host::gitlab, "gitlab", "gitlab.com", "git+ssh: git+https: ssh: https: ", "tree"},
    {HostedGit::Host::bitbucket, "bitbucket", "bitbucket.org",
     "git+ssh: git+https: ssh: https: ", "src"},
    {HostedGit::Host::gist, "gist", "gist.github.com", "git: git+ssh: git+https: ssh: https: ", ""},
    {HostedGit::Host::sourcehut, "sourcehut", "git.sr.ht", "git+ssh: https: ", "tree"},
}};

const HostRow& row_of(HostedGit::Host host) { return kHosts[static_cast<std::size_t>(host)]; }

// "github:" → GitHub's row.
const HostRow* host_of_shortcut(std::string_view protocol) {
  for (const HostRow& row : kHosts) {
    if (protocol.substr(0, protocol.size() - 1) == row.name) return &row;
  }
  return nullptr;
}

const HostRow* host_of_domain(std::string_view domain) {
  if (domain.substr(0, 4) == "www.") domain.remove_prefix(4);
  for (const HostRow& row : kHosts) {
    if (domain == row.domain) return &row;
  }
  return nullptr;
}

bool speaks(const HostRow& row, const std::string& protocol) {
  return row.protocols.find(" " + protocol + " ") != kNone ||
         row.protocols.substr(0, protocol.size() + 1) == protocol + " ";
}

bool has_space(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ecma_space_length(text, i) != 0) return true;
  }
  return false;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string_view without_git_suffix(std::string_view project) {
  if (ends_with(project, ".git")) project.remove_suffix(4);
  return project;
}

// ---- what people write → a URL

// "user/project", with anything behind a `#`. As npm has it, the one slash may also stand behind
// the `#`.
bool is_github_shorthand(std::string_view text) {
  const std::string_view before_hash = text.substr(0, text.find('#'));
  const std::size_t slash = text.find('/');
  if (slash == kNone || slash == 0 || text.front() == '.') return false;
  const std::size_t second_slash = before_hash.find('/', slash + 1);
  if (second_slash != kNone || (!before_hash.empty() && before_hash.back() == '/')) return false;
  return before_hash.find_first_of("@:") == kNone && !has_space(before_hash);
}

bool is_known_protocol(std::string_view protocol) {
  constexpr std::array<std::string_view, 7> kProtocols = {
      "git+ssh:", "ssh:", "git+https:", "git:", "http:", "https:", "git+http:"};
  if (protocol.empty()) return false;
  return std::find(kProtocols.begin(), kProtocols.end(), protocol) != kProtocols.end() ||
         host_of_shortcut(protocol);
}

// Puts the `//` or the scheme in where people leave them out: "git:github.com/a/b",
// "git@github.com:a/b".
std::string with_protocol(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t scheme_size = colon == kNone ? 0 : colon + 1;
  if (is_known_protocol(text.substr(0, scheme_size))) return std::string(text);
  if (colon != kNone && text.substr(colon, 3) == "://") return std::string(text);
  const std::size_t at = text.find('@');
  if (at != kNone) {
    if (colon == kNone || at > colon) return "git+ssh://" + std::string(text);
    return std::string(text);
  }
  return std::string(text.substr(0, scheme_size)) + "//" + std::string(text.substr(scheme_size));
}

// The last `c` up to the first `#`.
std::size_t last_before_hash(std::string_view text, char c) {
  return text.rfind(c, text.find('#'));
}

// scp's way of writing, "user@host:path", made a URL.
std::string scp_as_url(std::string text) {
  const std::size_t at = last_before_hash(text, '@');
  const std::size_t colon = last_before_hash(text, ':');
  if (colon != kNone && (at == kNone || colon > at)) text[colon] = '/';
  if (last_before_hash(text, ':') == kNone && text.find("//") == kNone) text = "git+ssh://" + text;
  return text;
}

std::optional<WebUrl> parsed_url(std::string_view text) {
  const std::string complete = with_protocol(text);
  if (std::optional<WebUrl> url = WebUrl::parse(complete)) return url;
  return WebUrl::parse(scp_as_url(complete));
}

// ---- a URL's path → user, project, committish (all still percent-encoded)

struct Segments {
  std::optional<std::string> user;
  std::string project;
  std::string committish;
};

// "/a/b/c" → a, b, c: at most `limit` of them, the rest is dropped.
std::vector<std::string> path_parts(const std::string& pathname, std::size_t limit) {
  std::vector<std::string> parts;
  for (std::size_t start = 1; start <= pathname.size() && parts.size() < limit;) {
    const std::size_t end = std::min(pathname.find('/', start), pathname.size());
    parts.push_back(pathname.substr(start, end - start));
    start = end + 1;
  }
  parts.resize(limit);
  return parts;
}

std::string fragment_of(const WebUrl& url) {
  const std::string hash = url.hash();
  return hash.empty() ? hash : hash.substr(1);
}

std::optional<Segments> checked(Segments segments) {
  segments.project = without_git_suffix(segments.project);
  if (!segments.user || segments.user->empty() || segments.project.empty()) return std::nullopt;
  return segments;
}

std::optional<Segments> github_segments(const WebUrl& url) {
  const std::vector<std::string> parts = path_parts(url.pathname(), 4);
  if (!parts[2].empty() && parts[2] != "tree") return std::nullopt;
  return checked({parts[0], parts[1], parts[2].empty() ? fragment_of(url) : parts[3]});
}

// Bitbucket and sourcehut: `refused` is the first part of their download addresses.
std::optional<Segments> plain_segments(const WebUrl& url, std::string_view refused) {
  const std::vector<std::string> parts = path_parts(url.pathname(), 3);
  if (parts[2] == refused) return std::nullopt;
  return checked({parts[0], parts[1], fragment_of(url)});
}

// GitLab has groups in groups: all but the last part are the user.
std::optional<Segments> gitlab_segments(const WebUrl& url) {
  const std::string pathname = url.pathname();
  const std::string path = pathname.empty() ? pathname : pathname.substr(1);
  if (path.find("/-/") != kNone || path.find("/archive.tar.gz") != kNone) return std::nullopt;
  const std::size_t slash = path.rfind('/');
  if (slash == kNone) return std::nullopt;
  return checked({path.substr(0, slash), path.substr(slash + 1), fragment_of(url)});
}

std::optional<Segments> gist_segments(const WebUrl& url) {
  const std::vector<std::string> parts = path_parts(url.pathname(), 3);
  if (parts[2] == "raw") return std::nullopt;
  Segments segments{parts[0], parts[1], fragment_of(url)};
  if (segments.project.empty()) {
    if (segments.user->empty()) return std::nullopt;
    segments.project = std::move(*segments.user);
    segments.user.reset();
  }
  segments.project = without_git_suffix(segments.project);
  return segments;
}

std::optional<Segments> segments_of(HostedGit::Host host, const WebUrl& url) {
  switch (host) {
    case HostedGit::Host::github:
      return github_segments(url);
    case HostedGit::Host::gitlab:
      return gitlab_segments(url);
    case HostedGit::Host::bitbucket:
      return plain_segments(url, "get");
    case HostedGit::Host::gist:
      return gist_segments(url);
    case HostedGit::Host::sourcehut:
      return plain_segments(url, "archive");
  }
  return std::nullopt;
}

// "github:user/project#committish"
std::optional<HostedGit> from_shortcut(const HostRow& row, const WebUrl& url) {
  std::string path = url.pathname();
  if (!path.empty() && path.front() == '/') path.erase(0, 1);
  if (const std::size_t at = path.find('@'); at != kNone) path.erase(0, at + 1);

  HostedGit hosted;
  hosted.host = row.host;
  hosted.default_representation = "shortcut";
  const std::size_t slash = path.rfind('/');
  if (slash != kNone) {
    std::optional<std::string> user = percent_decoded(path.substr(0, slash));
    if (!user) return std::nullopt;
    if (!user->empty()) hosted.user = std::move(user);
    path.erase(0, slash + 1);
  }
  std::optional<std::string> project = percent_decoded(path);
  if (!project) return std::nullopt;
  hosted.project = without_git_suffix(*project);
  if (!url.hash().empty()) {
    hosted.committish = percent_decoded(fragment_of(url));
    if (!hosted.committish) return std::nullopt;
  }
  return hosted;
}

// "ssh:" is an ssh URL however it was spelled; "git:" and "http:" stay themselves.
std::string representation_of(const std::string& protocol) {
  if (protocol == "git+ssh:" || protocol == "ssh:") return "sshurl";
  if (protocol == "git+https:") return "https";
  return protocol.substr(0, protocol.size() - 1);
}

std::optional<HostedGit> from_domain(const HostRow& row, const WebUrl& url) {
  const std::string protocol = url.protocol();
  if (!speaks(row, protocol)) return std::nullopt;
  std::optional<Segments> segments = segments_of(row.host, url);
  if (!segments) return std::nullopt;

  HostedGit hosted;
  hosted.host = row.host;
  hosted.default_representation = representation_of(protocol);
  if (segments->user) {
    hosted.user = percent_decoded(*segments->user);
    if (!hosted.user) return std::nullopt;
  }
  std::optional<std::string> project = percent_decoded(segments->project);
  hosted.committish = percent_decoded(segments->committish);
  if (!project || !hosted.committish) return std::nullopt;
  hosted.project = std::move(*project);
  if (protocol.find("ssh") == kNone) {
    hosted.auth = url.username();
    if (!url.password().empty()) hosted.auth += ":" + url.password();
  }
  return hosted;
}

// ---- printing

std::string user_text(const HostedGit& hosted) { return hosted.user.value_or("null"); }

std::string hash_text(const HostedGit& hosted, HostedGit::Form form) {
  return form.committish ? hosted.hash() : std::string();
}

std::string encoded_committish(const HostedGit& hosted, std::string_view otherwise) {
  const std::string committish = percent_encoded(hosted.committish.value_or(""));
  return committish.empty() ? std::string(otherwise) : committish;
}

std::string auth_text(const HostedGit& hosted) {
  return hosted.auth.empty() ? std::string() : hosted.auth + "@";
}

// "user/project"; a gist is known by its project alone.
std::string repository_path(const HostedGit& hosted) {
  if (hosted.host == HostedGit::Host::gist) return hosted.project;
  return user_text(hosted) + "/" + hosted.project;
}

std::string prefixed(HostedGit::Form form, const std::string& address) {
  return form.git_plus ? "git+" + address : address;
}

// `https://host/path`, without query, of an address at no known host.
std::optional<std::string> presentable(std::string_view text) {
  const std::optional<WebUrl> url = WebUrl::parse(text);
  if (!url || url->hostname().empty()) return std::nullopt;
  const std::string scheme = url->protocol() == "git+http:" ? "http://" : "https://";
  return scheme + url->hostname() + std::string(without_git_suffix(url->pathname()));
}

}  // namespace

std::optional<HostedGit> HostedGit::parse(std::string_view text) {
  if (text.find_first_of("/:") == kNone) return std::nullopt;  // no version or tag goes further
  const std::optional<WebUrl> url =
      parsed_url(is_github_shorthand(text) ? "github:" + std::string(text) : std::string(text));
  if (!url) return std::nullopt;
  if (const HostRow* row = host_of_shortcut(url->protocol())) return from_shortcut(*row, *url);
  if (const HostRow* row = host_of_domain(url->hostname())) return from_domain(*row, *url);
  return std::nullopt;
}

std::string_view HostedGit::type() const { return row_of(host).name; }

std::string_view HostedGit::domain() const { return row_of(host).domain; }

std::string HostedGit::hash() const {
  return committish && !committish->empty() ? "#" + *committish : std::string();
}

std::string HostedGit::path() const { return repository_path(*this) + hash(); }

std::string HostedGit::ssh(Form form) const {
  return "git@" + std::string(domain()) + ":" + repository_path(*this) + ".git" +
         hash_text(*this, form);
}

std::string HostedGit::ssh_url(Form form) const {
  return prefixed(form, "ssh://git@" + std::string(domain()) + "/" + repository_path(*this) +
                            ".git" + hash_text(*this, form));
}

std::string HostedGit::https(Form form) const {
  const std::string place = std::string(domain()) + "/" + repository_path(*this);
  switch (host) {
    case Host::sourcehut:
      return "https://" + place + hash_text(*this, form);
    case Host::gist:
      return prefixed(form, "https://" + place + ".git" + hash_text(*this, form));
    case Host::github:
    case Host::gitlab:
    case Host::bitbucket:
      break;
  }
  return prefixed(form, "https://" + auth_text(*this) + place + ".git" + hash_text(*this, form));
}

std::optional<std::string> HostedGit::git(Form form) const {
  if (host != Host::github && host != Host::gist) return std::nullopt;
  return "git://" + (host == Host::github ? auth_text(*this) : std::string()) +
         std::string(domain()) + "/" + repository_path(*this) + ".git" + hash_text(*this, form);
}

std::string HostedGit::shortcut(Form form) const {
  return std::string(type()) + ":" + repository_path(*this) + hash_text(*this, form);
}

std::string HostedGit::text(Form form) const {
  if (default_representation == "shortcut") return shortcut(form);
  if (default_representation == "https") return https(form);
  if (default_representation == "git") {
    if (std::optional<std::string> address = git(form)) return std::move(*address);
  }
  return ssh_url(form);
}

std::string HostedGit::tarball() const {
  const std::string commit = encoded_committish(*this, "HEAD");
  const std::string place = "https://" + std::string(domain()) + "/" + repository_path(*this);
  switch (host) {
    case Host::github:
      return "https://codeload.github.com/" + repository_path(*this) + "/tar.gz/" + commit;
    case Host::gist:
      return "https://codeload.github.com/gist/" + project + "/tar.gz/" + commit;
    case Host::gitlab:
      return "https://gitlab.com/api/v4/projects/" + percent_encoded(repository_path(*this)) +
             "/repository/archive.tar.gz?sha=" + commit;
    case Host::bitbucket:
      return place + "/get/" + commit + ".tar.gz";
    case Host::sourcehut:
      return place + "/archive/" + commit + ".tar.gz";
  }
  return {};
}

std::string HostedGit::browse() const {
  const std::string commit = encoded_committish(*this, "");
  std::string address = "https://" + std::string(domain()) + "/" + repository_path(*this);
  if (commit.empty()) return address;
  if (host != Host::gist) address += "/" + std::string(row_of(host).tree);
  return address + "/" + commit;
}

std::string HostedGit::file(std::string_view path) const {
  const std::string commit = encoded_committish(*this, "HEAD");
  const std::string end = "/" + std::string(path);
  const std::string place = "https://" + std::string(domain()) + "/" + repository_path(*this);
  switch (host) {
    case Host::github:
      return "https://" + auth_text(*this) + "raw.githubusercontent.com/" + repository_path(*this) +
             "/" + commit + end;
    case Host::gist: {
      const std::string gist_commit = encoded_committish(*this, "");
      return "https://gist.githubusercontent.com/" + user_text(*this) + "/" + project + "/raw" +
             (gist_commit.empty() ? "" : "/") + gist_commit + end;
    }
    case Host::gitlab:
    case Host::bitbucket:
      return place + "/raw/" + commit + end;
    case Host::sourcehut:
      return place + "/blob/" + commit + end;
  }
  return {};
}

Result<std::optional<Repository>> repository_of(const Json& manifest) {
  if (!manifest.is_object() && !manifest.is_array()) return std::optional<Repository>();
  const Json* field = manifest.find("repository");
  const std::string* address = manifest.find_string("repository");
  if (field && !address) address = field->find_string("url");
  if (!address || address->empty()) {
    return failure(ErrorCode::manifest_invalid, "the manifest names no repository");
  }
  const bool has_plus = address->compare(0, 4, "git+") == 0;
  if (auto hosted = HostedGit::parse(has_plus ? address->substr(4) : *address)) {
    return std::optional<Repository>({std::move(hosted), {}});
  }
  const std::optional<std::string> other = presentable(*address);
  if (!other) return std::optional<Repository>();
  if (auto hosted = HostedGit::parse(*other)) {
    return std::optional<Repository>({std::move(hosted), {}});
  }
  return std::optional<Repository>({std::nullopt, *other});
}

}  // namespace hod
