/* A stand-in of Stripe's Terminal SDK for web pages, served where pages load it: https://js.stripe.com/terminal/v1,
 * /v1/ and /v1/sdk.js. It has the methods, results and error codes of Stripe's reference
 * (https://docs.stripe.com/terminal/references/api/js-sdk), and talks to an emulated Stripe and to simulated readers.
 * A simulated reader of Stripe's taps by itself; here somebody at the reader does, so collecting waits for them.
 * How each behaviour is known stands in behaviours.toml, under "page_…". Nothing here is Stripe's code. */
((stripeBase) => {
  "use strict";

  const SDK = `${stripeBase}/v1/terminal/sdk`;
  const READERS = `${stripeBase}/_reader`;
  const VERSION = "2022-08-01"; // answers carry `charges`, which pages read receipts from
  const LOOK_MS = 30; // between two looks at a reader that asks for a card
  const WATCH_MS = 250; // between two looks at a reader that is only connected
  const ANSWER_MS = 30_000;
  const CARDS = ["card_present", "interac_present"];

  const ConnectionStatus = Object.freeze({
    CONNECTING: "connecting", CONNECTED: "connected", NOT_CONNECTED: "not_connected",
  });
  const PaymentStatus = Object.freeze({
    NOT_READY: "not_ready", READY: "ready", WAITING_FOR_INPUT: "waiting_for_input", PROCESSING: "processing",
  });
  const OutputLogLevel = Object.freeze({ NONE: "none", VERBOSE: "verbose" });

  // ------------------------------------------------------------------------------------------------------- failing

  /* What a method resolves to as {error}. `told` is Stripe's own error object where Stripe said no. */
  class Failure extends Error {
    constructor(code, message, told = {}) {
      super(message);
      const fields = { ...told, code: code ?? told.code, message };
      this.error = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    }
  }

  /* Stripe answered, and not with yes. */
  class Refused extends Failure {
    constructor(status, error, requestId) {
      super(undefined, error.message ?? `Stripe answered ${status}.`, { ...error, request_id: requestId ?? undefined });
      this.status = status;
    }
  }

  /* The reader does not answer, or belongs to another device by now. */
  class LinkLost extends Failure {
    constructor(message) {
      super("reader_error", message);
    }
  }

  const NOT_CONNECTED = "No reader is connected. Connect to a reader before trying again.";
  const BUSY = "Another command is still in progress on the reader.";
  const ENDED = {
    canceled: ["canceled", "The customer canceled on the reader."],
    failed: ["reader_error", "The reader could not read a card."],
    gone: ["reader_error", "The reader gave up asking for a card."],
  };

  /* Runs one method: its value, or {error}. A method never rejects. */
  async function lifted(work) {
    try {
      return await work();
    } catch (failure) {
      if (failure instanceof Failure) return { error: failure.error };
      return { error: { code: "reader_error", message: String(failure?.message ?? failure) } };
    }
  }

  function check(holds, code, message) {
    if (!holds) throw new Failure(code, message);
  }

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isSecretOf = (kind, value) => typeof value === "string" && new RegExp(`^${kind}_\\w+_secret_\\w+$`).test(value);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // ------------------------------------------------------------------------------------------------------ the wires

  /* One request: {status, body, requestId}. Throws network_error and network_timeout. */
  async function request(url, options, limitMs = ANSWER_MS) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), limitMs);
    try {
      const answer = await fetch(url, { ...options, cache: "no-store", credentials: "omit", signal: late.signal });
      return { status: answer.status, body: await answer.json(), requestId: answer.headers.get("Request-Id") };
    } catch (broken) {
      if (late.signal.aborted) throw new Failure("network_timeout", "The request timed out.");
      throw new Failure("network_error", `Could not communicate over the network: ${broken.message}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /* Stripe's bracketed names; what is undefined or null is left out. */
  function form(params) {
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) {
      if (value !== undefined && value !== null) pairs.append(name, String(value));
    }
    return pairs;
  }

  async function askStripe(method, path, secret, params = {}, key = undefined) {
    const headers = { Authorization: `Bearer ${secret}`, "Stripe-Version": VERSION };
    if (key) headers["Idempotency-Key"] = key;
    const given = String(form(params));
    const query = method === "GET" && given !== "" ? `?${given}` : "";
    const body = method === "POST" ? form(params) : undefined;
    const { status, body: told, requestId } = await request(`${SDK}${path}${query}`, { method, headers, body });
    if (status >= 400) throw new Refused(status, told.error ?? {}, requestId);
    return told;
  }

  async function askReader(method, reader, what, order) {
    const query = method === "GET" ? `?${form(order)}` : "";
    const body = method === "POST" ? JSON.stringify(order) : undefined;
    let answer;
    try {
      answer = await request(`${READERS}/${reader}/${what}${query}`, { method, body });
    } catch (broken) {
      throw new LinkLost(`Could not communicate with the reader: ${broken.message}`);
    }
    const { status, body: told } = answer;
    if (status === 404 || status === 410) throw new LinkLost(`Could not communicate with the reader: ${told.message}`);
    if (status >= 400) throw new Failure("reader_error", `The reader refused: ${told.message}`, { reader: told.error });
    return told;
  }

  /* Being let in at Stripe: a token of the page's server for each connection, and the session that it opened. */
  class Session {
    constructor(fetchToken) {
      this.fetchToken = fetchToken;
      this.forget();
    }

    forget() {
      this.secret = null;
      this.scope = null;
      this.early = null;
    }

    /* The token for the first connection is fetched as soon as there is a terminal; nobody waits for it yet. */
    prepare() {
      this.early = this.token();
      this.early.catch(() => {});
    }

    async token() {
      let token;
      try {
        token = await this.fetchToken();
      } catch (broken) {
        const why = broken?.message ?? broken;
        throw new Failure("failed_fetch_connection_token", `Failed to fetch a connection token: ${why}`);
      }
      const message = "Failed to fetch a connection token: the handler must resolve to the token's secret, a string.";
      check(typeof token === "string" && token !== "", "failed_fetch_connection_token", message);
      return token;
    }

    /* A token is redeemed once. One that was fetched early may be too old by now; it is replaced once. */
    async activate(reader = undefined) {
      const early = this.early;
      this.early = null;
      let answer;
      try {
        answer = await this.redeem(await (early ?? this.token()), reader);
      } catch (refused) {
        if (early === null) throw refused;
        answer = await this.redeem(await this.token(), reader);
      }
      this.secret = answer.session;
      this.scope = answer.token_location ?? null;
    }

    redeem(token, reader) {
      return askStripe("POST", "/activate", token, { connection_token: token, reader }, crypto.randomUUID());
    }

    /* A session that is over is replaced by another once. */
    async call(method, path, params = {}, key = undefined) {
      if (this.secret === null) await this.activate();
      try {
        return await askStripe(method, path, this.secret, params, key);
      } catch (refused) {
        if (refused.status !== 401) throw refused;
        await this.activate();
        return askStripe(method, path, this.secret, params, key);
      }
    }

    /* Something that this stand-in does not do: Stripe's side is asked and says so, so that it is seen. */
    async notEmulated(what) {
      await this.call("POST", `/not_emulated/${what}`);
    }
  }

  /* One device's hold on one reader. */
  class Link {
    constructor(id, reader) {
      this.id = id;
      this.reader = reader;
    }

    static async to(reader, device, takeOver) {
      const told = await askReader("POST", reader.id, "connect", { device, take_over: takeOver });
      return new Link(told.link, reader);
    }

    tell(what, order = {}) {
      return askReader("POST", this.reader.id, what, { link: this.id, ...order });
    }

    async prompt() {
      return (await askReader("GET", this.reader.id, "state", { link: this.id })).prompt ?? { state: "gone" };
    }
  }

  // -------------------------------------------------------------------------------------------------- the machinery

  /* Collecting a card for one purpose. `ended` settles when a card was read, nobody wants one, or the reader is gone. */
  class Attempt {
    constructor(purpose) {
      this.purpose = purpose;
      this.canceling = false;
      this.over = false;
      this.ended = new Promise((resolve, reject) => {
        this.settle = { resolve, reject };
      });
      this.ended.catch(() => {});
    }

    read(card) {
      this.over = true;
      this.settle.resolve(card);
    }

    fail(failure) {
      this.over = true;
      this.settle.reject(failure);
    }
  }

  class Machinery {
    constructor(props) {
      this.props = props;
      this.session = new Session(() => props.onFetchConnectionToken());
      this.device = crypto.randomUUID();
      this.connection = ConnectionStatus.NOT_CONNECTED;
      this.payment = PaymentStatus.NOT_READY;
      this.link = null;
      this.attempt = null;
      this.processing = false;
      this.cards = new Map(); // cards collected and not used yet, by what they are for
      this.refund = null;
      this.simulator = {};
    }

    /* A handler of the page that throws is the page's own trouble. */
    tell(handler, event) {
      try {
        this.props[handler]?.(event);
      } catch (broken) {
        console.error(`${handler} failed`, broken);
      }
    }

    connectionIs(status) {
      if (this.connection === status) return;
      this.connection = status;
      this.tell("onConnectionStatusChange", { status });
    }

    paymentIs(status) {
      if (this.payment === status) return;
      this.payment = status;
      this.tell("onPaymentStatusChange", { status });
    }

    // --------------------------------------------------------------------------------------------------- connecting

    async discover(config) {
      if (this.session.secret === null) await this.session.activate();
      const location = config.location ?? this.session.scope;
      const wanted = config.simulated === true ? { simulated: true } : { location };
      const found = await this.session.call("GET", "/readers", wanted);
      const message = "There are too many readers; filter them by location.";
      check(!found.has_more, "discovery_too_many_readers", message);
      return { discoveredReaders: found.data };
    }

    async connect(reader, options) {
      check(this.connection === ConnectionStatus.NOT_CONNECTED, "already_connected", "A reader is already connected.");
      this.connectionIs(ConnectionStatus.CONNECTING);
      let link = null;
      try {
        link = await Link.to(reader, this.device, options.fail_if_in_use !== true);
        await this.session.activate(reader.id);
      } catch (failure) {
        if (link !== null) link.tell("disconnect").catch(() => {});
        this.connectionIs(ConnectionStatus.NOT_CONNECTED);
        throw failure;
      }
      this.link = link;
      this.connectionIs(ConnectionStatus.CONNECTED);
      this.paymentIs(PaymentStatus.READY);
      this.watch(link);
      return { reader };
    }

    async disconnect() {
      const link = this.drop();
      if (link !== null) await link.tell("disconnect").catch(() => {});
      this.attempt?.fail(new Failure("canceled", "The reader was disconnected."));
      return {};
    }

    /* Nothing of the connection is left; the link that was. */
    drop() {
      const link = this.link;
      this.link = null;
      this.cards.clear();
      this.refund = null;
      this.connectionIs(ConnectionStatus.NOT_CONNECTED);
      this.paymentIs(PaymentStatus.NOT_READY);
      return link;
    }

    async watch(link) {
      while (this.link === link) {
        await pause(WATCH_MS);
        if (this.link !== link || this.attempt !== null) continue;
        await link.prompt().catch((failure) => this.lost(link, failure));
      }
    }

    /* The reader went away by itself: whoever waits for a card is told, and so is the page, once. */
    lost(link, failure) {
      if (!(failure instanceof LinkLost) || this.link !== link) return;
      this.drop();
      this.attempt?.fail(failure);
      this.tell("onUnexpectedReaderDisconnect", { error: failure.error });
    }

    connected() {
      check(this.link !== null, "no_established_connection", NOT_CONNECTED);
      return this.link;
    }

    free() {
      const link = this.connected();
      check(this.attempt === null && !this.processing, "command_already_in_progress", BUSY);
      return link;
    }

    // --------------------------------------------------------------------------------------------------- collecting

    /* Has the reader ask for a card, and waits until it is read. `look` says what it is for, once Stripe was asked. */
    async collect(purpose, look, options = {}) {
      const link = this.free();
      const attempt = new Attempt(purpose);
      this.attempt = attempt;
      try {
        const wanted = await Promise.race([look(), attempt.ended]);
        const behavior = this.props.readerBehavior?.allowCustomerCancel === true;
        const stoppable = options.enable_customer_cancellation === true || behavior;
        this.paymentIs(PaymentStatus.WAITING_FOR_INPUT);
        await link.tell("collect", { ...wanted.order, customer_cancellation: stoppable }).catch((failure) => {
          this.lost(link, failure);
          throw failure;
        });
        this.follow(link, attempt);
        return { card: await attempt.ended, wanted };
      } finally {
        this.attempt = null;
        if (this.link === link) this.paymentIs(PaymentStatus.READY);
      }
    }

    async follow(link, attempt) {
      while (!attempt.over) {
        const prompt = await link.prompt().catch((failure) => this.lost(link, failure));
        if (attempt.over) return;
        if (prompt?.state === "read") attempt.read(prompt.read);
        else if (prompt?.state in ENDED) attempt.fail(new Failure(...ENDED[prompt.state]));
        else await pause(LOOK_MS);
      }
    }

    async cancel(purpose, methodName) {
      const attempt = this.attempt;
      const none = `\`${methodName}()\` cancels an attempt that is under way, and there is none.`;
      check(attempt !== null && attempt.purpose === purpose, "no_active_collect_payment_method_attempt", none);
      check(!attempt.canceling, "cancelable_already_canceled", "The operation has already been canceled.");
      attempt.canceling = true;
      try {
        await this.connected().tell("cancel");
      } catch (failure) {
        attempt.canceling = false;
        if (failure instanceof LinkLost) throw failure;
        throw new Failure("cancelable_already_completed", "The operation has already completed.");
      }
      check(!attempt.over, "cancelable_already_completed", "The operation has already completed.");
      attempt.fail(new Failure("canceled", "The command was canceled."));
      return {};
    }

    /* Uses a card that was collected. It is kept while nobody knows whether Stripe has used it. */
    async use(id, invalid, ask) {
      this.free();
      const card = this.cards.get(id);
      check(card !== undefined, invalid, "No card was collected for it: collect a payment method first.");
      this.processing = true;
      this.paymentIs(PaymentStatus.PROCESSING);
      try {
        const answer = await ask(card);
        this.used(id, card);
        return answer;
      } catch (failure) {
        if (failure instanceof Refused && failure.status < 500 && failure.status !== 429 && failure.status !== 409) {
          this.used(id, card);
        }
        throw failure;
      } finally {
        this.processing = false;
        if (this.link !== null) this.paymentIs(PaymentStatus.READY);
      }
    }

    used(id, card) {
      this.cards.delete(id);
      this.simulator = {};
      this.link?.tell("finish", { read: card.id, stored: false }).catch(() => {});
    }

    // ----------------------------------------------------------------------------------------------------- payments

    async collectPayment(secret, options) {
      const override = options.config_override ?? {};
      if (override.update_payment_intent === true) await this.session.notEmulated("update_payment_intent");
      if (override.moto === true) await this.session.notEmulated("moto");
      const id = secret.split("_secret_")[0];
      const tipping = override.skip_tipping !== true && override.tipping?.eligible_amount !== 0;
      const look = async () => {
        const intent = await this.session.call("GET", `/payment_intents/${id}`, { client_secret: secret });
        const types = intent.payment_method_types.filter((type) => CARDS.includes(type));
        return { intent, order: { amount: intent.amount, currency: intent.currency, types, tipping } };
      };
      const { card, wanted } = await this.collect("payment", look, override);
      this.cards.clear(); // a reader holds one card
      this.cards.set(id, card);
      return { paymentIntent: { ...wanted.intent, sdk_payment_details: {} } };
    }

    async process(intent) {
      const answer = await this.use(intent.id, "invalid_payment_intent_input_shape", (card) =>
        this.session.call("POST", `/payment_intents/${intent.id}/confirm`, { read: card.id },
          `confirm-${intent.id}-${card.id}`));
      return { paymentIntent: answer };
    }

    // -------------------------------------------------------------------------------------------------- cards to keep

    async collectSetup(secret, allowRedisplay, config) {
      if (config.moto === true) await this.session.notEmulated("moto");
      const id = secret.split("_secret_")[0];
      const look = async () => {
        const intent = await this.session.call("GET", `/setup_intents/${id}`, { client_secret: secret });
        return { intent, order: { amount: null, currency: null, types: ["card_present"], tipping: false } };
      };
      const { card, wanted } = await this.collect("setup", look, config);
      this.cards.clear();
      this.cards.set(id, { ...card, allowRedisplay });
      return { setupIntent: wanted.intent };
    }

    async confirmSetup(intent) {
      const answer = await this.use(intent.id, "invalid_argument", (card) =>
        this.session.call("POST", `/setup_intents/${intent.id}/confirm`,
          { read: card.id, allow_redisplay: card.allowRedisplay }, `confirm-${intent.id}-${card.id}`));
      return { setupIntent: answer };
    }

    // ------------------------------------------------------------------------------------------------------- refunds

    async collectRefund(charge, amount, currency, options, config) {
      const order = { amount, currency, types: ["interac_present"], tipping: false };
      const { card } = await this.collect("refund", async () => ({ order }), config);
      const { reverse_transfer, refund_application_fee } = options;
      this.cards.clear();
      this.cards.set(charge, card);
      this.refund = { charge, amount, reverse_transfer, refund_application_fee };
      return {};
    }

    async processRefund() {
      const refund = this.refund;
      check(refund !== null, "invalid_argument", "No card was collected for a refund.");
      const answer = await this.use(refund.charge, "invalid_argument", (card) =>
        this.session.call("POST", "/refunds", { ...refund, read: card.id }, `refund-${refund.charge}-${card.id}`));
      this.refund = null;
      return { refund: answer };
    }
  }

  // ------------------------------------------------------------------------------------------------------- the face

  const NO_SECRET = "This should be the client_secret of a PaymentIntent.";
  const NO_INTENT = "This should be the `PaymentIntent` object that `collectPaymentMethod()` resolved to.";

  /* What a page holds. Its methods stand on the prototype, where pages wrap them; none ever rejects. */
  class Terminal {
    constructor(props) {
      // Hidden from whoever lists or prints a terminal, and open to those who wrap it in a Proxy.
      const hidden = { value: new Machinery(props), enumerable: false, configurable: true, writable: true };
      Object.defineProperty(this, "_machinery", hidden);
      this._machinery.session.prepare();
    }

    getConnectionStatus() {
      return this._machinery.connection;
    }

    getPaymentStatus() {
      return this._machinery.payment;
    }

    getConnectedReader() {
      return this._machinery.link?.reader;
    }

    discoverReaders(config = {}) {
      return lifted(() => {
        check(isObject(config), "invalid_argument", "discoverReaders takes an object of options.");
        return this._machinery.discover(config);
      });
    }

    connectReader(reader, connectOptions = {}) {
      return lifted(() => {
        const message = "This should be a `Reader` object that `discoverReaders()` resolved to.";
        check(isObject(reader) && typeof reader.id === "string", "invalid_reader_shape", message);
        return this._machinery.connect(reader, connectOptions ?? {});
      });
    }

    disconnectReader() {
      return lifted(() => this._machinery.disconnect());
    }

    clearCachedCredentials() {
      return lifted(() => {
        this._machinery.session.forget();
        return {};
      });
    }

    setReaderDisplay(displayInfo) {
      return lifted(async () => {
        const cart = displayInfo?.cart;
        const known = isObject(displayInfo) && displayInfo.type === "cart" && isObject(cart);
        check(known, "invalid_argument", "setReaderDisplay takes {type: 'cart', cart: {…}}.");
        const items = Array.isArray(cart.line_items);
        const sums = Number.isInteger(cart.total) && Number.isInteger(cart.tax) && typeof cart.currency === "string";
        check(items && sums, "invalid_argument", "A cart has line_items, tax, total and currency.");
        await this._machinery.free().tell("display", { cart });
        return {};
      });
    }

    clearReaderDisplay() {
      return lifted(async () => {
        await this._machinery.free().tell("display", { cart: null });
        return {};
      });
    }

    collectPaymentMethod(request, options = {}) {
      return lifted(() => {
        check(isSecretOf("pi", request), "invalid_payment_intent_client_secret", NO_SECRET);
        return this._machinery.collectPayment(request, options ?? {});
      });
    }

    cancelCollectPaymentMethod() {
      return lifted(() => this._machinery.cancel("payment", "cancelCollectPaymentMethod"));
    }

    processPayment(paymentIntent) {
      return lifted(() => {
        const known = isObject(paymentIntent) && typeof paymentIntent.id === "string" &&
          isObject(paymentIntent.sdk_payment_details);
        check(known, "invalid_payment_intent_input_shape", NO_INTENT);
        return this._machinery.process(paymentIntent);
      });
    }

    confirmPaymentIntent(paymentIntent) {
      return this.processPayment(paymentIntent);
    }

    cancelProcessPayment() {
      return lifted(() => this._machinery.session.notEmulated("cancel_process_payment"));
    }

    collectSetupIntentPaymentMethod(clientSecret, allowRedisplay, config = {}) {
      return lifted(() => {
        check(isSecretOf("seti", clientSecret), "invalid_argument", "This should be the client_secret of a SetupIntent.");
        const said = ["always", "limited", "unspecified"].includes(allowRedisplay);
        check(said, "invalid_argument", "allowRedisplay is always, limited or unspecified.");
        return this._machinery.collectSetup(clientSecret, allowRedisplay, config ?? {});
      });
    }

    cancelCollectSetupIntentPaymentMethod() {
      return lifted(() => this._machinery.cancel("setup", "cancelCollectSetupIntentPaymentMethod"));
    }

    confirmSetupIntent(setupIntent) {
      return lifted(() => {
        const known = isObject(setupIntent) && typeof setupIntent.id === "string";
        check(known, "invalid_argument", "This should be a `SetupIntent` object.");
        return this._machinery.confirmSetup(setupIntent);
      });
    }

    cancelConfirmSetupIntent() {
      return lifted(() => this._machinery.session.notEmulated("cancel_confirm_setup_intent"));
    }

    collectRefundPaymentMethod(chargeId, amount, currency, options = {}, config = {}) {
      return lifted(() => {
        const message = "This should be the id of a charge.";
        check(typeof chargeId === "string" && chargeId !== "", "invalid_charge_id_input_shape", message);
        const isSum = Number.isInteger(amount) && amount > 0;
        check(isSum, "invalid_argument", "The amount is a whole number of the currency's smallest unit.");
        check(typeof currency === "string", "invalid_argument", "The currency is a three-letter code.");
        return this._machinery.collectRefund(chargeId, amount, currency, options ?? {}, config ?? {});
      });
    }

    processRefund() {
      return lifted(() => this._machinery.processRefund());
    }

    cancelCollectRefundPaymentMethod() {
      return lifted(() => this._machinery.cancel("refund", "cancelCollectRefundPaymentMethod"));
    }

    cancelProcessRefund() {
      return lifted(() => this._machinery.session.notEmulated("cancel_process_refund"));
    }

    readReusableCard() {
      return lifted(() => this._machinery.session.notEmulated("read_reusable_card"));
    }

    cancelReadReusableCard() {
      return lifted(() => {
        const message = "`cancelReadReusableCard()` cancels an attempt that is under way, and there is none.";
        throw new Failure("no_active_read_reusable_card_attempt", message);
      });
    }

    collectInputs() {
      return lifted(() => this._machinery.session.notEmulated("collect_inputs"));
    }

    cancelCollectInputs() {
      return lifted(() => this._machinery.session.notEmulated("cancel_collect_inputs"));
    }

    print() {
      return lifted(() => this._machinery.session.notEmulated("print"));
    }

    /* Kept for the page to read; who stands at the reader presents what they have. */
    setSimulatorConfiguration(configuration) {
      this._machinery.simulator = { ...configuration };
    }

    getSimulatorConfiguration() {
      return this._machinery.simulator;
    }

    /* Where Stripe is, is not the page's to say here. */
    overrideBaseURL() {}
  }

  const HANDLERS = [
    "onFetchConnectionToken", "onUnexpectedReaderDisconnect", "onConnectionStatusChange", "onPaymentStatusChange",
  ];

  window.StripeTerminal = Object.freeze({
    ConnectionStatus,
    PaymentStatus,
    OutputLogLevel,
    create(props) {
      if (!isObject(props) || typeof props.onFetchConnectionToken !== "function") {
        throw new Error("StripeTerminal.create needs onFetchConnectionToken, a function that resolves to a token.");
      }
      for (const name of HANDLERS) {
        if (props[name] !== undefined && props[name] !== null && typeof props[name] !== "function") {
          throw new Error(`StripeTerminal.create: ${name} must be a function.`);
        }
      }
      return new Terminal(props);
    },
  });
})("{stripe_base}");
