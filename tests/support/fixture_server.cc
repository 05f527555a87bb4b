// SPDX-License-Identifier: MIT
// Blocking sockets and a thread a connection: slow under load, but each misbehaviour is three
// lines.
#include "tests/support/fixture_server.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hod::tests {

namespace {

constexpr int kNotListening = -1;

int listen_on_loopback(int backlog) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  if (backlog >= 0 && ::listen(fd, backlog) != 0) std::abort();
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// One accepted connection, plain or TLS.
class Connection {
 public:
  Connection(int fd, SSL_CTX* tls) : fd_(fd) {
    int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd);
    usable_ = SSL_accept(ssl_) == 1;
  }
  ~Connection() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (fd_ >= 0) ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool usable() const { return usable_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool receive(std::string& into) {
    char buffer[16384];
    ssize_t got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer)
                                  : ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    into.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  // Waits until the peer is gone or the server shuts the socket down.
  void wait_for_end() {
    std::string ignored;
    while (receive(ignored)) ignored.clear();
  }

  bool gone_within(int milliseconds) {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, milliseconds) != 0;
  }

  void reset() {
    linger immediately{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &immediately, sizeof immediately);
    ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  bool usable_ = true;
};

// Reads one request; false when the connection ended.
bool read_request(Connection& connection, std::string& buffer, FixtureRequest& request) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!connection.receive(buffer)) return false;
  }
  std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  std::size_t line_end = head.find("\r\n");
  std::string first = head.substr(0, line_end);
  request.method = first.substr(0, first.find(' '));
  request.target = first.substr(request.method.size() + 1);
  request.target.resize(request.target.find(' '));
  for (std::size_t at = line_end + 2; at < head.size();) {
    std::size_t stop = head.find("\r\n", at);
    std::string line = head.substr(at, stop - at);
    at = stop + 2;
    std::size_t colon = line.find(':');
    std::size_t value = line.find_first_not_of(' ', colon + 1);
    request.headers[lower(line.substr(0, colon))] =
        value == std::string::npos ? "" : line.substr(value);
  }
  std::size_t length = 0;
  const std::string& text = request.headers["content-length"];
  std::from_chars(text.data(), text.data() + text.size(), length);
  while (buffer.size() < length) {
    if (!connection.receive(buffer)) return false;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return true;
}

std::string head_of(const FixtureReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Fixture\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  bool bodiless = reply.status == 304 || reply.status == 204;
  if (reply.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless) {
    head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  }
  return head + "\r\n";
}

std::string framed(const FixtureReply& reply, std::string_view bytes) {
  if (!reply.chunked || bytes.empty()) return std::string(bytes);
  char size[20];
  auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  return std::string(size, end) + "\r\n" + std::string(bytes) + "\r\n";
}

bool send_slowly(Connection& connection, const FixtureReply& reply, std::string_view bytes) {
  for (char byte : bytes) {
    if (!connection.send(framed(reply, {&byte, 1}))) return false;
    if (connection.gone_within(5)) return false;
  }
  return true;
}

// True when the connection can carry another request.
bool send_reply(Connection& connection, const FixtureReply& reply, bool head_only) {
  if (reply.silent) connection.wait_for_end();
  if (reply.silent || reply.close_before) return false;
  if (reply.reset_before) {
    connection.reset();
    return false;
  }
  if (!reply.raw.empty()) {
    connection.send(reply.raw);
    return false;
  }
  std::string_view body = reply.body;
  if (head_only || reply.status == 304) return connection.send(head_of(reply));
  std::size_t stop = std::min({reply.cut_at, reply.reset_at, reply.stall_at, reply.trickle_from});
  std::string_view before = body.substr(0, std::min(stop, body.size()));
  if (!connection.send(head_of(reply) + framed(reply, before))) return false;
  if (reply.stall_at != FixtureReply::kNowhere) connection.wait_for_end();
  if (reply.reset_at != FixtureReply::kNowhere) connection.reset();
  if (reply.trickle_from != FixtureReply::kNowhere) {
    if (!send_slowly(connection, reply, body.substr(before.size()))) return false;
  } else if (stop != FixtureReply::kNowhere) {
    return false;
  }
  return !reply.chunked || connection.send("0\r\n\r\n");
}

}  // namespace

struct FixtureServer::State {
  Handler handler;
  int listener = -1;
  std::uint16_t port = 0;
  SSL_CTX* tls = nullptr;
  std::thread acceptor;
  std::atomic<bool> stopping{false};

  mutable std::mutex mutex;  // everything below
  std::vector<std::thread> workers;
  std::map<int, int> open;  // connection number → descriptor
  std::vector<FixtureRequest> requests;
  std::map<std::string, int> counts;
  int connections = 0;

  void accept_all();
  void serve(int fd, int number);
  FixtureReply answer(FixtureRequest& request);
};

// OpenSSL writes without MSG_NOSIGNAL; a client that has gone must not end the test.
static void block_broken_pipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void FixtureServer::State::accept_all() {
  block_broken_pipe();  // inherited by the threads started here
  for (;;) {
    int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 || stopping) {
      if (fd >= 0) ::close(fd);
      if (stopping) return;
      continue;
    }
    std::lock_guard lock(mutex);
    int number = ++connections;
    open[number] = fd;
    workers.emplace_back([this, fd, number] { serve(fd, number); });
  }
}

FixtureReply FixtureServer::State::answer(FixtureRequest& request) {
  std::lock_guard lock(mutex);
  request.nth = ++counts[request.target];
  requests.push_back(request);
  return handler(request);
}

void FixtureServer::State::serve(int fd, int number) {
  // A copy of the descriptor stays in `open` for shutdown(): closed here, under the lock, first.
  Connection connection(::dup(fd), tls);
  std::string buffer;
  bool more = connection.usable();
  while (more && !stopping) {
    FixtureRequest request;
    if (!read_request(connection, buffer, request)) break;
    request.connection = number;
    FixtureReply reply = answer(request);
    if (reply.reset_before || reply.reset_at != FixtureReply::kNowhere) {
      std::lock_guard lock(mutex);  // a reset needs the last descriptor to go
      ::close(open[number]);
      open.erase(number);
    }
    more = send_reply(connection, reply, request.method == "HEAD");
  }
  std::lock_guard lock(mutex);
  auto found = open.find(number);
  if (found == open.end()) return;
  ::close(found->second);
  open.erase(found);
}

FixtureServer::FixtureServer(Handler handler) : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->listener = listen_on_loopback(256);
  state_->port = port_of(state_->listener);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

namespace {

SSL_CTX* make_tls(const FixtureServer::Tls& tls) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  BIO* text = BIO_new_mem_buf(tls.certificate.data(), static_cast<int>(tls.certificate.size()));
  X509* certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  text = BIO_new_mem_buf(tls.key.data(), static_cast<int>(tls.key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  if (certificate == nullptr || key == nullptr) std::abort();
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

}  // namespace

FixtureServer::FixtureServer(Handler handler, Tls tls) : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->tls = make_tls(tls);
  state_->listener = listen_on_loopback(256);
  state_->port = port_of(state_->listener);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

FixtureServer::~FixtureServer() {
  State& state = *state_;
  state.stopping = true;
  ::shutdown(state.listener, SHUT_RDWR);
  state.acceptor.join();
  ::close(state.listener);
  {
    std::lock_guard lock(state.mutex);
    for (auto& [number, fd] : state.open) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& worker : state.workers) worker.join();
  if (state.tls != nullptr) SSL_CTX_free(state.tls);
}

std::uint16_t FixtureServer::port() const { return state_->port; }

std::string FixtureServer::base() const {
  return std::string(state_->tls != nullptr ? "https" : "http") +
         "://127.0.0.1:" + std::to_string(state_->port) + "/";
}

std::vector<FixtureRequest> FixtureServer::requests() const {
  std::lock_guard lock(state_->mutex);
  return state_->requests;
}

int FixtureServer::connections() const {
  std::lock_guard lock(state_->mutex);
  return state_->connections;
}

std::uint16_t unused_port() {
  int fd = listen_on_loopback(kNotListening);
  std::uint16_t port = port_of(fd);
  ::close(fd);
  return port;
}

DeafPort::DeafPort() : listener_(listen_on_loopback(0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The kernel takes one or two into a queue of length 0; what comes after gets no answer.
  for (int i = 0; i < 8; ++i) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    callers_.push_back(fd);
  }
}

DeafPort::~DeafPort() {
  for (int fd : callers_) ::close(fd);
  ::close(listener_);
}

std::uint16_t DeafPort::port() const { return port_of(listener_); }

}  // namespace hod::tests
