// Connections that are opened before there is a request for them, to one address each. Where a
// round trip takes long, the first wave of requests down a dependency tree would else wait for as
// many handshakes.
//
// Loop thread only; no call blocks. Knows no HTTP: whoever takes one hands it to libcurl.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include <sys/socket.h>

#include "core/base/file.h"

namespace hod::fetcher {

class SpareSockets {
 public:
  // Begins `count` connections. Best effort: what cannot be opened is left.
  void open(const sockaddr* address, socklen_t length, std::size_t count);
  // The first that is connected to this address by now and on which nothing has come; else none.
  // First opened, first taken: a server that looks at one connection at a time is waiting for the
  // oldest.
  Fd take(const sockaddr* address, socklen_t length);
  std::size_t count() const { return spares_.size(); }

 private:
  struct Spare {
    std::string address;
    Fd socket;
  };
  std::deque<Spare> spares_;
};

}  // namespace hod::fetcher
