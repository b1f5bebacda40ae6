// stripe-node on the end of a pipe: one order a line, one answer a line. See tests/clients/clients.py.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [packages, base, key] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const Stripe = require("stripe");
const { hostname, port, protocol } = new URL(base);
const stripe = new Stripe(key, {
  host: hostname, port, protocol: protocol.slice(0, -1), maxNetworkRetries: 0, telemetry: false,
});

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function answer({ call, ids = [], params = {}, options = {}, verify }) {
  if (verify) {
    return stripe.webhooks.constructEvent(verify.body, verify.header, verify.secret);
  }
  if (!call) {
    return { name: "stripe-node", version: Stripe.PACKAGE_VERSION, api: stripe.getApiField("version") };
  }
  const names = call.split(".").map(camel);
  const method = names.pop().replace("delete", "del");
  const resource = names.reduce((found, name) => found[name], stripe);
  const given = options.idempotency_key ? { idempotencyKey: options.idempotency_key } : {};
  return resource[method](...ids, params, given);
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = { object: await answer(JSON.parse(line)) };
  } catch (error) {
    const { type, code, param, decline_code, statusCode } = error;
    said = { error: { class: (type ?? error.name).replace(/^Stripe/, ""), code, param, decline_code, status: statusCode } };
    if (!type) said.error.message = String(error.stack);
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
