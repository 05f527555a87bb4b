// A registry on 127.0.0.1 whose every answer a scenario can spoil.
import http from 'node:http';

/** What a request asks for, and the right answer to it. */
function rightAnswer(synth, base, url) {
  if (/\/-\/[^/]+\.tgz$/.test(url)) {
    const [, name, file] = /^\/((?:@[^/]+\/)?[^/]+)\/-\/(.+)\.tgz$/.exec(url) ?? [];
    const version = file?.slice(name.split('/').pop().length + 1);
    return { kind: 'tarball', type: 'application/octet-stream', body: name && synth.tarball(name, version)?.body };
  }
  if (url.startsWith('/-/')) return { kind: 'api', type: 'application/json' };
  const packument = synth.packument(url.slice(1), base);
  return { kind: 'packument', type: 'application/json', body: packument && Buffer.from(JSON.stringify(packument)) };
}

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, ...headers });
  response.end(body);
}

/** Writes `bytes` of the body each `ms`. */
function trickle(socket, response, body, { bytes, ms }) {
  let done = 0;
  const timer = setInterval(() => {
    if (done >= body.length || socket.destroyed) {
      clearInterval(timer);
      response.end();
      return;
    }
    response.write(body.subarray(done, done + bytes));
    done += bytes;
  }, ms);
}

// What can go wrong, by name. `fault` holds the scenario's wishes, `right` the answer that would have been given.
const spoilers = {
  status: ({ fault, response }) => {
    response.writeHead(fault.code, { 'content-type': 'application/json', ...fault.headers });
    response.end(fault.body ?? '{"error":"fault"}');
  },
  reset: ({ socket }) => socket.resetAndDestroy(),
  close: ({ socket }) => socket.end(), // no answer at all
  silent: () => {}, // the connection stays open, nothing is ever said
  truncate: ({ fault, response, right, socket }) => {
    response.writeHead(200, { 'content-type': right.type, 'content-length': right.body.length });
    response.write(right.body.subarray(0, Math.floor(right.body.length * (fault.at ?? 0.5))));
    setTimeout(() => socket.destroy(), 30);
  },
  // A consistent, but too short, answer.
  short: ({ fault, response, right }) =>
    send(response, 200, right.type, right.body.subarray(0, Math.floor(right.body.length * (fault.at ?? 0.5)))),
  // Chunked, without the last chunk.
  chunkcut: ({ response, right, socket }) => {
    response.writeHead(200, { 'content-type': right.type });
    response.write(right.body.subarray(0, right.body.length >> 1));
    setTimeout(() => socket.destroy(), 30);
  },
  // Part of the body, then silence for `ms`.
  stall: ({ fault, response, right }) => {
    response.writeHead(200, { 'content-type': right.type, 'content-length': right.body.length });
    const cut = Math.floor(right.body.length * (fault.at ?? 0.3));
    response.write(right.body.subarray(0, cut));
    setTimeout(() => response.end(right.body.subarray(cut)), fault.ms).unref();
  },
  delay: ({ fault, response, right }) => setTimeout(() => send(response, 200, right.type, right.body), fault.ms).unref(),
  trickle: ({ fault, response, right, socket }) => {
    response.writeHead(200, { 'content-type': right.type, 'content-length': right.body.length });
    trickle(socket, response, right.body, fault);
  },
  endless: ({ fault, response, socket }) => {
    response.writeHead(200, { 'content-type': 'application/json', ...fault.headers });
    const more = () => {
      while (!socket.destroyed && response.write(fault.body));
    };
    response.on('drain', more);
    more();
  },
  corrupt: ({ response, right }) => {
    const body = Buffer.from(right.body);
    body[body.length >> 1] ^= 0x55;
    send(response, 200, right.type, body);
  },
  swap: ({ fault, response, right }) => send(response, 200, right.type, Buffer.from(fault.body), fault.headers),
  redirectloop: ({ request, response }) => {
    response.writeHead(302, { location: request.url });
    response.end();
  },
  redirect: ({ fault, response }) => {
    response.writeHead(302, { location: fault.to });
    response.end();
  },
  html: ({ response }) => send(response, 200, 'text/html', Buffer.from('<html>captive portal</html>')),
  raw: ({ fault, socket }) => socket.end(fault.bytes), // no HTTP at all
};

export class Registry {
  constructor(synth, { host = '127.0.0.1' } = {}) {
    this.synth = synth;
    this.host = host;
    this.sockets = new Set();
    this.reset();
    this.server = http.createServer({ keepAliveTimeout: 5000 }, (request, response) => this.#handle(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  async listen() {
    await new Promise((done) => this.server.listen(0, this.host, done));
    this.port = this.server.address().port;
    this.base = `http://${this.host}:${this.port}`;
    return this;
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((done) => this.server.close(done));
  }

  /**
   * Forgets what was asked. `fault`, if given, is called with each request ({url, kind, nth: how often this url was
   * asked for, n: of all requests, auth, headers}) and returns what is to go wrong ({type, …}), or nothing.
   */
  reset(fault = null) {
    this.fault = fault;
    this.log = [];
    this.asked = new Map();
  }

  #handle(request, response) {
    const url = decodeURIComponent(request.url.split('?')[0]);
    const right = rightAnswer(this.synth, this.base, url);
    const nth = (this.asked.get(url) ?? 0) + 1;
    this.asked.set(url, nth);
    const { method, headers } = request;
    const entry = { t: Date.now(), method, url, kind: right.kind, nth, n: this.log.length + 1, headers };
    entry.auth = headers.authorization;
    this.log.push(entry);
    const fault = this.fault?.(entry);
    if (fault) {
      entry.fault = fault.type;
      if (!(fault.type in spoilers)) throw new Error('unknown fault ' + fault.type);
      return spoilers[fault.type]({ fault, request, response, right, socket: request.socket });
    }
    if (!right.body) return send(response, 404, 'application/json', Buffer.from('{"error":"not found"}'));
    return send(response, 200, right.type, right.body);
  }
}
