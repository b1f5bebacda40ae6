// Loaded by Node.js before the till, through NODE_OPTIONS: what it means for Stripe goes to this run's Stripe instead.
//
// It stands below every client: stripe-node of any age, fetch, undici, axios and what a bundler made of them all open
// their connection with tls.connect. For a host of Stripe's API that gives a plain connection to the run's Stripe,
// dressed as an encrypted one; every other host under stripe.com is refused. Variables: cardpresent/launch/shims.
'use strict';

const base = process.env.CARDPRESENT_STRIPE_BASE;
if (base && !globalThis[Symbol.for('cardpresent.redirected')]) {
  globalThis[Symbol.for('cardpresent.redirected')] = true;
  redirect(new URL(base), process.env.CARDPRESENT_STRIPE_KEY, process.env.CARDPRESENT_STRIPE_HOSTS.split(','));
}

function redirect(stripe, key, hosts) {
  const fs = require('node:fs');
  const net = require('node:net');
  const path = require('node:path');
  const tls = require('node:tls');
  const { ChildProcess } = require('node:child_process');
  const { isMainThread, threadId } = require('node:worker_threads');

  // Hello: who is here, for the run to read. ----------------------------------------------------------------------
  const hello = {
    language: 'Node.js', version: process.versions.node, pid: process.pid,
    program: path.basename(process.argv[1] || ''), sdk: null, redirected: 0, refused: [],
  };

  function say() {
    const file = path.join(process.env.CARDPRESENT_HELLO, `node-${process.pid}-${threadId}.json`);
    try {
      fs.writeFileSync(`${file}.new`, JSON.stringify(hello));
      fs.renameSync(`${file}.new`, file);
    } catch {
      // The folder goes with the run; a till that outlives it has nobody to greet.
    }
  }

  function refuse(what) {
    const error = new Error(`cardpresent: ${what}`);
    error.code = 'ERR_CARDPRESENT_REFUSED';
    if (!hello.refused.includes(what)) {
      hello.refused.push(what);
      say();
      process.stderr.write(`${error.message}\n`);
    }
    return error;
  }

  if (isMainThread) say();

  // Which connections are Stripe's. --------------------------------------------------------------------------------
  const named = (host) => String(host || '').toLowerCase().replace(/\.$/, '');
  const under = (host) => named(host) === 'stripe.com' || named(host).endsWith('.stripe.com');

  // The arguments of connect: an object, or [port or path, host], with more options and a listener behind them.
  function read(given) {
    const [first, second] = Array.isArray(given[0]) ? given[0] : given;
    if (first !== null && typeof first === 'object') return first;
    const more = given.find((one) => one !== null && typeof one === 'object') || {};
    return { ...more, port: first, host: typeof second === 'string' ? second : more.host };
  }

  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    const options = read(given);
    const host = named(options.host);
    if (!options.path && under(host)) {
      throw refuse(`a connection to ${host} was stopped: no shim can send it to this run's Stripe`);
    }
    return connect.apply(this, given);
  };

  const encrypted = tls.connect;
  tls.connect = function (...given) {
    const options = read(given);
    const host = [options.host, options.servername].map(named).find(under);
    if (!host) return encrypted.apply(this, given);
    if (!hosts.includes(host)) {
      throw refuse(`a connection to ${host} was stopped: this run's Stripe stands for ${hosts.join(', ')} only`);
    }
    if (options.socket) options.socket.destroy();
    const socket = dressed(net.connect({
      host: stripe.hostname, port: Number(stripe.port || 80), autoSelectFamily: false,
      keepAlive: options.keepAlive, noDelay: options.noDelay, highWaterMark: options.highWaterMark,
    }), host);
    const listener = given.at(-1);
    if (typeof listener === 'function') socket.once('secureConnect', listener);
    if (options.timeout) socket.setTimeout(options.timeout);
    return socket;
  };

  // A plain socket that answers what clients ask of an encrypted one. ----------------------------------------------
  function dressed(socket, host) {
    Object.assign(socket, {
      encrypted: true, authorized: true, authorizationError: null, alpnProtocol: false, servername: host,
      getPeerCertificate: () => ({ subject: { CN: host }, subjectaltname: `DNS:${host}` }),
      getCipher: () => ({ name: 'none', standardName: 'none', version: 'none' }),
      getProtocol: () => null, getSession: () => undefined, getTLSTicket: () => undefined, getFinished: () => undefined,
      isSessionReused: () => false, setServername: () => undefined, setSession: () => undefined,
      disableRenegotiation: () => undefined, renegotiate: () => false,
    });
    socket.once('connect', () => {
      socket.emit('secure');
      socket.emit('secureConnect');
    });
    const write = socket.write;
    socket.write = function (chunk, encoding, done) {
      let ours;
      try {
        ours = withOurKey(chunk);
      } catch (refused) {
        this.destroy(refused);
        return false;
      }
      return write.call(this, ours, encoding, done);
    };
    return socket;
  }

  // The run's key in place of the till's own test key. A request's head is written in one piece, from its first word.
  const HEAD = /^[A-Z]+ [^\r\n]* HTTP\/1\.1\r\n/;
  function withOurKey(chunk) {
    if (typeof chunk !== 'string' && !(chunk[0] >= 65 && chunk[0] <= 90)) return chunk;
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    if (!HEAD.test(text)) return chunk;
    const end = text.indexOf('\r\n\r\n');
    const head = end < 0 ? text : text.slice(0, end);
    const changed = head.replace(/\r\n(authorization:[ \t]*)(bearer|basic)[ \t]+([^\r\n]*)/i, (line, name, scheme, told) => {
      const basic = scheme.toLowerCase() === 'basic';
      const theirs = basic ? Buffer.from(told, 'base64').toString('latin1').split(':')[0] : told.trim();
      if (/^[sr]k_live_/.test(theirs)) {
        throw refuse('a live Stripe key (sk_live_… or rk_live_…) was about to be used, and nothing was sent: give the till a test key');
      }
      if (!/^[sr]k_test_/.test(theirs)) return line;
      return `\r\n${name}${scheme} ${basic ? Buffer.from(`${key}:`).toString('base64') : key}`;
    });
    count(head);
    if (changed === head) return chunk;
    const whole = changed + text.slice(head.length);
    return typeof chunk === 'string' ? whole : Buffer.from(whole, 'latin1');
  }

  function count(head) {
    const agent = /\r\nuser-agent:[ \t]*Stripe\/v1 NodeBindings\/(\S+)/i.exec(head);
    const first = hello.redirected++ === 0;
    if (agent && hello.sdk !== `stripe-node ${agent[1]}`) hello.sdk = `stripe-node ${agent[1]}`;
    else if (!first) return;
    say();
  }

  // Proxies are for programs without a shim: they refuse. This one needs none; what it starts gets them again. -------
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|all)_proxy$/i.test(name));
  for (const [name] of proxies) delete process.env[name];
  const spawn = ChildProcess.prototype.spawn;
  ChildProcess.prototype.spawn = function (options) {
    if (options && Array.isArray(options.envPairs)) {
      const there = new Set(options.envPairs.map((pair) => pair.slice(0, pair.indexOf('='))));
      options.envPairs.push(...proxies.filter(([name]) => !there.has(name)).map(([name, value]) => `${name}=${value}`));
    }
    return spawn.call(this, options);
  };

  // A port that stands in the till's source, moved to the one the run gave it. --------------------------------------
  const ports = new Map((process.env.CARDPRESENT_PORTS || '').split(',').filter(Boolean).map((pair) => pair.split('=').map(Number)));
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (first, ...more) {
    if (first !== null && typeof first === 'object' && ports.has(Number(first.port))) {
      return listen.call(this, { ...first, port: ports.get(Number(first.port)) }, ...more);
    }
    const moved = typeof first === 'object' || first === undefined ? undefined : ports.get(Number(first));
    return listen.call(this, moved ?? first, ...more);
  };

  require('node:module').syncBuiltinESMExports();
}
