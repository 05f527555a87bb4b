// libcurl's functions, looked up at run time. For curl.cc only.
#pragma once

#include <string_view>

#include <curl/curl.h>

#include "core/base/result.h"
#include "fetcher/http_failure.h"

namespace hod::fetcher {

#define HOD_CURL_FUNCTIONS(X) \
  X(global_init)              \
  X(version)                  \
  X(version_info)             \
  X(slist_append)             \
  X(slist_free_all)           \
  X(easy_init)                \
  X(easy_setopt)              \
  X(easy_getinfo)             \
  X(easy_cleanup)             \
  X(multi_init)               \
  X(multi_setopt)             \
  X(multi_add_handle)         \
  X(multi_remove_handle)      \
  X(multi_socket_action)      \
  X(multi_info_read) X(multi_cleanup) X(share_init) X(share_setopt) X(share_cleanup)

struct CurlLibrary {
#define HOD_CURL_MEMBER(function) decltype(&curl_##function) function = nullptr;
  HOD_CURL_FUNCTIONS(HOD_CURL_MEMBER)
#undef HOD_CURL_MEMBER
};

// Loads the library and starts it at the first call; then, or when that failed, gives the same
// answer again. Never unloaded: OpenSSL registers exit handlers.
const Result<CurlLibrary>& curl_library();

// What kind of fault a result code is; `text` is curl's message.
TransferFault curl_fault(CURLcode code, std::string_view text);

}  // namespace hod::fetcher
