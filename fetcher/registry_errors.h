// What a registry's refusal means for the person who asked, in words.
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "fetcher/http_client.h"

namespace hod::fetcher {

struct Refusal {
  std::string_view what;   // "`left-pad`" or "the archive of `left-pad@1.3.0`", in these forms
  bool archive = false;    // of an archive, not of a package's metadata
  bool logged_in = false;  // a credential was sent
};

// For any status that is no success.
Error refusal_error(const HttpResponse& response, const Refusal& refusal);

// Is this 200 answer something else than asked for: the page of a captive portal, of a proxy, of a
// wrong address (T-NET-11)? `wanted` names what should have come: "metadata", "an archive". A
// compressed body passes: look again when it is inflated.
Result<void> check_no_web_page(const HttpResponse& response, std::string_view wanted);
Result<void> check_no_web_page(std::string_view body, const Url& url, std::string_view wanted);

// Needed, not in the cache, and --offline forbids the network.
Error offline_error(std::string_view what);

}  // namespace hod::fetcher
