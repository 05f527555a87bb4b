// SPDX-License-Identifier: MIT
#include "fetcher/curl_library.h"

#include <string>

#include <doctest/doctest.h>

namespace hod::fetcher {

TEST_CASE("the library is loaded whole, and once") {
  const Result<CurlLibrary>& library = curl_library();
  REQUIRE(library);
#define HOD_CURL_IS_THERE(function) \
  CHECK_MESSAGE((library->function != nullptr), "no curl_" #function);
  HOD_CURL_FUNCTIONS(HOD_CURL_IS_THERE)
#undef HOD_CURL_IS_THERE
  CHECK(std::string(library->version()).starts_with("libcurl/"));
  CHECK(&curl_library() == &library);
}

TEST_CASE("each kind of result code is the fault that people can do something about") {
  struct Row {
    CURLcode code;
    TransferFault fault;
  };
  for (const Row& row :
       {Row{CURLE_COULDNT_RESOLVE_HOST, TransferFault::resolve_host},
        Row{CURLE_COULDNT_RESOLVE_PROXY, TransferFault::resolve_proxy},
        Row{CURLE_COULDNT_CONNECT, TransferFault::connect},
        Row{CURLE_PEER_FAILED_VERIFICATION, TransferFault::distrust},
        Row{CURLE_SSL_CIPHER, TransferFault::handshake},
        Row{CURLE_SSL_CACERT_BADFILE, TransferFault::own_certificate},
        Row{CURLE_PROXY, TransferFault::proxy},
        Row{CURLE_FILESIZE_EXCEEDED, TransferFault::body_too_large},
        Row{CURLE_WEIRD_SERVER_REPLY, TransferFault::garbled},
        Row{CURLE_RECV_ERROR, TransferFault::lost}, Row{CURLE_PARTIAL_FILE, TransferFault::lost},
        Row{CURLE_HTTP2, TransferFault::lost}}) {
    CAPTURE(static_cast<int>(row.code));
    CHECK(curl_fault(row.code, "") == row.fault);
  }
}

TEST_CASE("a connection cut in the middle of the handshake is no disagreement about TLS") {
  CHECK(curl_fault(CURLE_SSL_CONNECT_ERROR, "wrong version number") == TransferFault::handshake);
  CHECK(curl_fault(CURLE_SSL_CONNECT_ERROR, "SSL_connect: SSL_ERROR_SYSCALL") ==
        TransferFault::lost);
  CHECK(curl_fault(CURLE_SSL_CONNECT_ERROR, "connection reset by peer") == TransferFault::lost);
}

}  // namespace hod::fetcher
