// SPDX-License-Identifier: MIT
#include "fetcher/spare_sockets.h"

#include <array>
#include <string_view>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

using namespace hod;
using namespace hod::fetcher;

namespace {

sockaddr_in localhost(in_port_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* plain(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Listens on a free port of 127.0.0.1.
struct Listener {
  Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address = localhost(0);

  Listener() {
    REQUIRE(::bind(socket.get(), plain(address), sizeof address) == 0);
    REQUIRE(::listen(socket.get(), 16) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  }
  Fd accept() const { return Fd(::accept(socket.get(), nullptr, nullptr)); }
};

// Until something can be read there, or it is closed.
void await_input(const Fd& socket) {
  pollfd look{socket.get(), POLLIN, 0};
  REQUIRE(::poll(&look, 1, 20'000) == 1);
}

}  // namespace

TEST_CASE("a spare connection is taken once, the oldest first, and leads to its address") {
  Listener server, other;
  SpareSockets spares;
  spares.open(plain(server.address), sizeof server.address, 2);
  Fd first = server.accept(), second = server.accept();
  CHECK_FALSE(spares.take(plain(other.address), sizeof other.address));
  Fd taken = spares.take(plain(server.address), sizeof server.address);
  REQUIRE(taken);
  CHECK(::write(taken.get(), "hello", 5) == 5);
  std::array<char, 8> text{};
  CHECK(::read(first.get(), text.data(), text.size()) == 5);
  CHECK(std::string_view(text.data(), 5) == "hello");
  CHECK(spares.count() == 1);
  CHECK(spares.take(plain(server.address), sizeof server.address));
  CHECK_FALSE(spares.take(plain(server.address), sizeof server.address));
}

TEST_CASE("a spare connection that the server closed, or spoke on, is not taken") {
  Listener server;
  SpareSockets spares;
  spares.open(plain(server.address), sizeof server.address, 2);
  Fd first = server.accept(), second = server.accept();
  CHECK(::write(second.get(), "unasked", 7) == 7);
  first.reset();
  // The client's ends are not seen here: a connection of our own, opened and closed after them on
  // the same loopback, shows that the news has arrived.
  Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(probe.get(), plain(server.address), sizeof server.address) == 0);
  server.accept().reset();
  await_input(probe);
  CHECK_FALSE(spares.take(plain(server.address), sizeof server.address));
  CHECK(spares.count() == 0);
}

TEST_CASE("where nobody listens there are no spares") {
  sockaddr_in address{};
  {
    Listener gone;
    address = gone.address;
  }
  SpareSockets spares;
  spares.open(plain(address), sizeof address, 3);
  CHECK_FALSE(spares.take(plain(address), sizeof address));
}
