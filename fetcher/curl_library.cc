// SPDX-License-Identifier: MIT
// dlopen and the table of functions. RTLD_LOCAL: libcurl brings its own libcrypto, whose symbols
// must not meet the one linked into this program.
#include "fetcher/curl_library.h"

#include <string>

#include <dlfcn.h>

#include "core/base/printable.h"

namespace hod::fetcher {

namespace {

constexpr const char* kLibrary = "libcurl.so.4";
constexpr const char* kPackage = "libcurl4";  // Debian's

Error library_error(const std::string& why) {
  return Error(ErrorCode::network_failed, "the library libcurl cannot be loaded")
      .detail(printable(why))
      .hint(std::string("install it: `apt-get install ") + kPackage + "`");
}

Result<CurlLibrary> load_library() {
  void* handle = ::dlopen(kLibrary, RTLD_LOCAL | RTLD_NOW);
  if (handle == nullptr) return failure(library_error(::dlerror()));
  CurlLibrary library;
  const char* missing = nullptr;
#define HOD_CURL_LOOK_UP(function)                                                      \
  library.function =                                                                    \
      reinterpret_cast<decltype(library.function)>(::dlsym(handle, "curl_" #function)); \
  if (library.function == nullptr) missing = "curl_" #function;
  HOD_CURL_FUNCTIONS(HOD_CURL_LOOK_UP)
#undef HOD_CURL_LOOK_UP
  if (missing != nullptr) return failure(library_error(std::string("it has no ") + missing));
  if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return failure(library_error("its own start failed"));
  }
  return library;
}

bool mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

}  // namespace

const Result<CurlLibrary>& curl_library() {
  static const Result<CurlLibrary> library = load_library();
  return library;
}

TransferFault curl_fault(CURLcode code, std::string_view text) {
  switch (static_cast<int>(code)) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransferFault::resolve_host;
    case CURLE_COULDNT_RESOLVE_PROXY:
      return TransferFault::resolve_proxy;
    case CURLE_COULDNT_CONNECT:
      return TransferFault::connect;
    case CURLE_PEER_FAILED_VERIFICATION:
      return TransferFault::distrust;
    case CURLE_SSL_CONNECT_ERROR:
      // A connection cut in the middle of the handshake is no disagreement about TLS.
      return mentions(text, "SYSCALL") || mentions(text, "reset") ? TransferFault::lost
                                                                  : TransferFault::handshake;
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
      return TransferFault::handshake;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CLIENTCERT:
      return TransferFault::own_certificate;
    case CURLE_PROXY:
      return TransferFault::proxy;
    case CURLE_FILESIZE_EXCEEDED:
      return TransferFault::body_too_large;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
      return TransferFault::garbled;
    default:
      return TransferFault::lost;
  }
}

}  // namespace hod::fetcher
