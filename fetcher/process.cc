// SPDX-License-Identifier: MIT
// uv_spawn with its handles in one object.
//
//   started ──exit──▶ draining ──both pipes at their end, or grace over──▶ done ──▶ closing ──▶
//   freed
//      └──cannot start──▶ done (from the next turn of the loop)
//
// What must stay true:
//  (1) The state lives until the last close callback has run, also when the Process is dropped
//      early: `self` is held as long as a handle is open.
//  (2) A grandchild that keeps a pipe open cannot keep us waiting: after the exit there is a limit.
#include "fetcher/process.h"

#include <algorithm>
#include <array>
#include <utility>

#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include "core/base/printable.h"
#include "core/base/program.h"

namespace hod::fetcher {

namespace {

constexpr std::chrono::milliseconds kDrainGrace{500};

uv_stdio_container_t ignored() {
  uv_stdio_container_t container{};
  container.flags = UV_IGNORE;
  return container;
}

uv_stdio_container_t inherited(int fd) {
  uv_stdio_container_t container{};
  container.flags = UV_INHERIT_FD;
  container.data.fd = fd;
  return container;
}

}  // namespace

struct Process::State {
  // One captured stream.
  struct Stream {
    State* state = nullptr;
    uv_pipe_t pipe;
    bool open = false;
    std::string text;
    std::array<char, 16384> buffer;
  };

  Loop& loop;
  ProcessRequest request;
  Done done;
  uv_process_t process;
  bool spawned = false;
  bool exited = false;
  bool settled = false;
  bool dropped = false;
  int open_handles = 0;         // not yet closed
  std::shared_ptr<State> self;  // as long as there are any
  Stream output, errors;
  ProcessOutcome outcome;
  Loop::TimerId timeout = 0;
  Loop::TimerId grace = 0;

  State(Loop& the_loop, ProcessRequest the_request, Done the_done)
      : loop(the_loop), request(std::move(the_request)), done(std::move(the_done)) {
    output.state = errors.state = this;
  }

  void start();
  uv_stdio_container_t stdio_for(ProcessOutput kind, int fd, Stream& stream);
  void read(Stream& stream);
  void on_piece(Stream& stream, ssize_t count);
  void on_exit(std::int64_t exit_code, int signal);
  void on_timeout();
  void maybe_settle();
  void settle(Result<ProcessOutcome> result);
  void close_handle(uv_handle_t* handle);
  void close_all();
  void signal_child(int number);
  void drop();
};

uv_stdio_container_t Process::State::stdio_for(ProcessOutput kind, int fd, Stream& stream) {
  switch (kind) {
    case ProcessOutput::inherit:
      return inherited(fd);
    case ProcessOutput::discard:
      return ignored();
    case ProcessOutput::capture:
      break;
  }
  uv_pipe_init(loop.raw(), &stream.pipe, 0);
  stream.pipe.data = &stream;
  stream.open = true;
  ++open_handles;
  uv_stdio_container_t container{};
  container.flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
  container.data.stream = reinterpret_cast<uv_stream_t*>(&stream.pipe);
  return container;
}

void Process::State::start() {
  ExecTexts arguments(request.program, request.arguments);
  ExecTexts variables(request.environment);
  uv_stdio_container_t stdio[3] = {request.inherit_input ? inherited(STDIN_FILENO) : ignored(),
                                   request.output_file >= 0
                                       ? inherited(request.output_file)
                                       : stdio_for(request.output, STDOUT_FILENO, output),
                                   stdio_for(request.errors, STDERR_FILENO, errors)};
  uv_process_options_t options{};
  options.file = request.program.c_str();
  options.args = arguments.pointers();
  options.env = variables.pointers();
  options.cwd = request.folder.empty() ? nullptr : request.folder.c_str();
  options.stdio = stdio;
  options.stdio_count = 3;
  options.flags = request.own_session ? unsigned{UV_PROCESS_DETACHED} : 0U;
  options.exit_cb = [](uv_process_t* ended, std::int64_t code, int signal) {
    static_cast<State*>(ended->data)->on_exit(code, signal);
  };
  process.data = this;
  ++open_handles;  // uv_spawn initialises the handle even when it fails
  int failed = uv_spawn(loop.raw(), &process, &options);
  if (failed != 0) {
    Error error(ErrorCode::command_missing,
                "`" + printable(request.program) + "` cannot be started: " + uv_strerror(failed));
    auto kept = std::make_shared<Error>(std::move(error));
    grace = loop.after(std::chrono::milliseconds(0),
                       [this, kept] { settle(tl::unexpected(std::move(*kept))); });
    return;
  }
  spawned = true;
  for (Stream* stream : {&output, &errors}) {
    if (stream->open) read(*stream);
  }
  if (request.timeout.count() > 0) {
    timeout = loop.after(request.timeout, [this] { on_timeout(); });
  }
}

void Process::State::read(Stream& stream) {
  uv_read_start(
      reinterpret_cast<uv_stream_t*>(&stream.pipe),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        auto* into = static_cast<Stream*>(handle->data);
        *buffer = uv_buf_init(into->buffer.data(), static_cast<unsigned>(into->buffer.size()));
      },
      [](uv_stream_t* from, ssize_t count, const uv_buf_t*) {
        auto* stream_read = static_cast<Stream*>(from->data);
        stream_read->state->on_piece(*stream_read, count);
      });
}

void Process::State::on_piece(Stream& stream, ssize_t count) {
  if (count < 0) {
    stream.open = false;
    close_handle(reinterpret_cast<uv_handle_t*>(&stream.pipe));
    return maybe_settle();
  }
  std::string_view piece(stream.buffer.data(), static_cast<std::size_t>(count));
  std::size_t room = request.capture_limit - std::min(request.capture_limit, stream.text.size());
  if (piece.size() > room) outcome.truncated = true;
  stream.text.append(piece.substr(0, room));
  if (!settled && request.on_output) request.on_output(piece);
}

void Process::State::on_exit(std::int64_t exit_code, int signal) {
  exited = true;
  outcome.exit_code = static_cast<int>(exit_code);
  outcome.signal = signal;
  loop.cancel(std::exchange(timeout, 0));
  close_handle(reinterpret_cast<uv_handle_t*>(&process));
  if (dropped) return close_all();
  if (output.open || errors.open) {
    grace = loop.after(kDrainGrace, [this] {
      grace = 0;
      close_all();
      maybe_settle();
    });
  }
  maybe_settle();
}

void Process::State::on_timeout() {
  timeout = 0;
  outcome.timed_out = true;
  signal_child(SIGKILL);
}

void Process::State::maybe_settle() {
  if (!exited || output.open || errors.open || settled) return;
  outcome.output = std::move(output.text);
  outcome.errors = std::move(errors.text);
  settle(std::move(outcome));
}

void Process::State::settle(Result<ProcessOutcome> result) {
  settled = true;
  loop.cancel(std::exchange(grace, 0));
  close_all();
  Done tell = std::exchange(done, nullptr);
  if (tell) tell(std::move(result));
}

void Process::State::close_handle(uv_handle_t* handle) {
  if (uv_is_closing(handle) != 0) return;
  // Both kinds of handle point to something that knows the state.
  if (handle->type == UV_NAMED_PIPE) handle->data = static_cast<Stream*>(handle->data)->state;
  uv_close(handle, [](uv_handle_t* closed) {
    auto* state = static_cast<State*>(closed->data);
    if (--state->open_handles == 0) state->self.reset();
  });
}

void Process::State::close_all() {
  for (Stream* stream : {&output, &errors}) {
    if (!std::exchange(stream->open, false)) continue;
    close_handle(reinterpret_cast<uv_handle_t*>(&stream->pipe));
  }
  if (exited || !spawned) close_handle(reinterpret_cast<uv_handle_t*>(&process));
}

void Process::State::signal_child(int number) {
  if (!spawned || exited) return;
  ::kill(request.own_session ? -process.pid : process.pid, number);
}

void Process::State::drop() {
  dropped = true;
  done = nullptr;
  request.on_output = nullptr;
  loop.cancel(std::exchange(timeout, 0));
  loop.cancel(std::exchange(grace, 0));
  if (spawned && !exited) {
    signal_child(SIGKILL);
  } else {
    close_all();
  }
}

Process::Process(Loop& loop, ProcessRequest request, Done done)
    : state_(std::make_shared<State>(loop, std::move(request), std::move(done))) {
  state_->self = state_;
  state_->start();
}

Process::~Process() { state_->drop(); }

void Process::kill(int signal) { state_->signal_child(signal); }

}  // namespace hod::fetcher
