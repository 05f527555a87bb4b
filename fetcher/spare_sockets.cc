// SPDX-License-Identifier: MIT
#include "fetcher/spare_sockets.h"

#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

namespace hod::fetcher {

namespace {

enum class Health : unsigned char { connecting, connected, gone };

// A server that has said something, or has hung up, before it was asked is not one to ask.
Health health_of(const Fd& socket) {
  pollfd look{socket.get(), POLLIN | POLLOUT, 0};
  if (::poll(&look, 1, 0) <= 0) return Health::connecting;
  return look.revents == POLLOUT ? Health::connected : Health::gone;
}

}  // namespace

void SpareSockets::open(const sockaddr* address, socklen_t length, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Fd socket(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return;
    const int on = 1;
    static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    if (::connect(socket.get(), address, length) != 0 && errno != EINPROGRESS) return;
    spares_.push_back(
        {std::string(reinterpret_cast<const char*>(address), length), std::move(socket)});
  }
}

Fd SpareSockets::take(const sockaddr* address, socklen_t length) {
  const std::string_view wanted(reinterpret_cast<const char*>(address), length);
  for (auto spare = spares_.begin(); spare != spares_.end();) {
    const Health health = spare->address == wanted ? health_of(spare->socket) : Health::connecting;
    if (health == Health::connecting) {
      ++spare;
      continue;
    }
    Fd socket = std::move(spare->socket);
    spare = spares_.erase(spare);
    if (health == Health::connected) return socket;
  }
  return {};
}

}  // namespace hod::fetcher
