// SPDX-License-Identifier: MIT
// Registries answer 404 both for "no such package" and for "not yours to see"; nobody can tell them
// apart from here, so the message has to offer both explanations.
#include "fetcher/registry_errors.h"

#include <string>
#include <utility>

#include "core/base/json.h"
#include "core/base/printable.h"

namespace hod::fetcher {

namespace {

constexpr std::size_t kLongestReason = 300;          // bytes shown of a registry's own words
constexpr std::size_t kLargestErrorBody = 64 << 10;  // looked at: T-NET-17

// The sentence in {"error": …} or {"message": …}, made safe to show.
std::string reason_of(const HttpResponse& response) {
  if (response.body.empty() || response.body.size() > kLargestErrorBody) return "";
  auto json = Json::parse(response.body, "answer");
  if (!json) return "";
  const std::string* reason = json->find_string("error");
  const std::string* message = json->find_string("message");
  if (reason == nullptr || reason->empty()) reason = message;
  if (reason == nullptr) return "";
  return printable(redacted(std::string_view(*reason).substr(0, kLongestReason)));
}

std::string origin_key(const Url& url) {
  std::string key = url.origin.text();
  return key.substr(key.find("//"));
}

Error unauthorized(const HttpResponse& response, const Refusal& refusal) {
  std::string what(refusal.what);
  if (refusal.logged_in) {
    return Error(ErrorCode::unauthorized,
                 "the registry does not accept the login it was sent for " + what)
        .hint("the token may have expired or been withdrawn: put a new one into ~/.npmrc");
  }
  return Error(ErrorCode::unauthorized, "the registry wants a login for " + what)
      .hint("put a token into ~/.npmrc: `" + printable(origin_key(response.url)) +
            "/:_authToken=…`");
}

Error missing(const Refusal& refusal) {
  std::string what(refusal.what);
  if (refusal.archive) {
    return Error(ErrorCode::version_not_found, "the registry does not have " + what)
        .hint("it may have been unpublished, or this login may not see it");
  }
  Error error(ErrorCode::package_not_found, "the registry knows no package " + what);
  error = std::move(error).hint("check the spelling");
  return std::move(error).hint(
      refusal.logged_in ? "if it is private, the login that was sent may not be allowed to see it"
                        : "if it is private, a login is needed, or another registry for its scope "
                          "(`@scope:registry=…`)");
}

}  // namespace

Error refusal_error(const HttpResponse& response, const Refusal& refusal) {
  std::string what(refusal.what);
  auto made = [&]() -> Error {
    switch (response.status) {
      case 401:
        return unauthorized(response, refusal);
      case 403:
        return Error(ErrorCode::forbidden, "the registry forbids access to " + what);
      case 404:
      case 410:
        return missing(refusal);
      case 407:
        return Error(ErrorCode::network_failed, "the proxy wants a login (407)")
            .hint("put it in the proxy's address: `proxy=http://user:password@host:port`");
      case 429:
        return Error(ErrorCode::registry_answer,
                     "the registry says that there are too many requests (429)")
            .hint("wait a little and run the command again");
      default:
        return Error(ErrorCode::registry_answer,
                     "the registry answers " + std::to_string(response.status) + " for " + what);
    }
  };
  Error error = made().at(response.url.text());
  if (std::string reason = reason_of(response); !reason.empty()) {
    error = std::move(error).detail("the registry says: " + reason);
  }
  return error;
}

Result<void> check_no_web_page(std::string_view body, const Url& url, std::string_view wanted) {
  std::size_t first = body.find_first_not_of(" \t\r\n");
  bool nothing = first == std::string_view::npos;
  if (!nothing && body[first] != '<') return {};
  std::string what = nothing ? "an empty answer came instead of " : "a web page came instead of ";
  return failure(
      Error(ErrorCode::registry_answer, what + std::string(wanted))
          .at(url.text())
          .hint("check the registry's address (`hod config get registry`), and whether this "
                "network wants you to log in with a browser first"));
}

Result<void> check_no_web_page(const HttpResponse& response, std::string_view wanted) {
  if (response.file != nullptr) return {};
  return check_no_web_page(response.body, response.url, wanted);
}

Error offline_error(std::string_view what) {
  return Error(ErrorCode::offline_missing, std::string(what) + " is not in the cache")
      .hint("run the command once without `--offline`");
}

}  // namespace hod::fetcher
