// Makes a payment the way it is told to, with a key of its own, and prints its id: {"id"} or {"error"}.
const [how, name] = process.argv.slice(2);
const KEY = 'sk_test_of_the_till_itself';
const URL_ = 'https://api.stripe.com/v1/payment_intents';
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-www-form-urlencoded' };
const body = `amount=700&currency=usd&description=${encodeURIComponent(how)}`;
const params = { amount: 700, currency: 'usd', description: how };

const ways = {
  sdk: () => require(name)(KEY).paymentIntents.create(params),
  'sdk, fetch client': () => {
    const Stripe = require(name);
    return new Stripe(KEY, { httpClient: Stripe.createFetchHttpClient() }).paymentIntents.create(params);
  },
  fetch: async () => (await fetch(URL_, { method: 'POST', headers, body })).json(),
  'fetch, basic': async () => (await fetch(URL_, {
    method: 'POST', headers: { ...headers, authorization: `Basic ${btoa(`${KEY}:`)}` }, body,
  })).json(),
  https: () => new Promise((done, failed) => {
    const request = require('https').request(URL_, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; }).on('end', () => done(JSON.parse(text)));
    });
    request.on('error', failed).end(body);
  }),
  module: async () => {
    const { request } = await import('node:https');
    return new Promise((done, failed) => {
      const asked = request(URL_, { method: 'POST', headers }, (answer) => {
        let text = '';
        answer.on('data', (part) => { text += part; }).on('end', () => done(JSON.parse(text)));
      });
      asked.on('error', failed).end(body);
    });
  },
  worker: () => new Promise((done, failed) => {
    const { Worker } = require('worker_threads');
    const asking = `fetch(${JSON.stringify(URL_)}, ${JSON.stringify({ method: 'POST', headers, body })})`;
    const post = "require('worker_threads').parentPort.postMessage";
    new Worker(`${asking}.then((answer) => answer.json()).then((told) => ${post}(told))`, { eval: true })
      .on('message', done).on('error', failed);
  }),
  live: async () => (await fetch(URL_, { headers: { authorization: `Bearer ${'sk_'}live_of_somebody` } })).json(),
  elsewhere: async () => (await fetch('https://dashboard.stripe.com/login')).text(),
  unencrypted: async () => (await fetch('http://api.stripe.com/v1/payment_intents')).text(),
  socket: () => new Promise((done, failed) => require('net').connect(443, 'api.stripe.com', done).on('error', failed)),
  listening: () => new Promise((done) => {
    const server = require('http').createServer().listen(4242, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done({ port }));
    });
  }),
  settings: async () => ({
    titled: process.title, proxy: process.env.HTTPS_PROXY || null,
    grandchild: await new Promise((done) => require('child_process').exec('echo $HTTPS_PROXY', (_, out) => done(out.trim()))),
  }),
};

ways[how]()
  .then((told) => told, (error) => ({ error: [error.message, error.cause && error.cause.message].filter(Boolean).join(': ') }))
  .then((told) => {
    console.log(JSON.stringify(told && told.id ? { id: told.id } : told));
    process.exit(0);
  });
