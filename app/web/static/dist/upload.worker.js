"use strict";
(() => {
  var __defProp = Object.defineProperty;
  var __typeError = (msg) => {
    throw TypeError(msg);
  };
  var __defNormalProp = (obj, key, value) => key in obj ? __defProp(obj, key, { enumerable: true, configurable: true, writable: true, value }) : obj[key] = value;
  var __publicField = (obj, key, value) => __defNormalProp(obj, typeof key !== "symbol" ? key + "" : key, value);
  var __accessCheck = (obj, member, msg) => member.has(obj) || __typeError("Cannot " + msg);
  var __privateGet = (obj, member, getter) => (__accessCheck(obj, member, "read from private field"), getter ? getter.call(obj) : member.get(obj));
  var __privateAdd = (obj, member, value) => member.has(obj) ? __typeError("Cannot add the same private member more than once") : member instanceof WeakSet ? member.add(obj) : member.set(obj, value);
  var __privateSet = (obj, member, value, setter) => (__accessCheck(obj, member, "write to private field"), setter ? setter.call(obj, value) : member.set(obj, value), value);
  var __privateMethod = (obj, member, method) => (__accessCheck(obj, member, "access private method"), method);

  // sealing/bytes.ts
  var AT_ONCE = 8192;
  function concat(...parts) {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  function utf8(text2) {
    return new TextEncoder().encode(text2);
  }
  function fromHex(text2) {
    if (!/^(?:[0-9a-f]{2})*$/i.test(text2)) throw new RangeError("not hex");
    return Uint8Array.from({ length: text2.length / 2 }, (_, at) => parseInt(text2.slice(2 * at, 2 * at + 2), 16));
  }
  function toHex(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function uuid(id2) {
    return toHex(id2).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  function fromBase64(text2) {
    return Uint8Array.from(atob(text2), (character) => character.charCodeAt(0));
  }
  function toBase64(bytes) {
    let text2 = "";
    for (let at = 0; at < bytes.length; at += AT_ONCE) text2 += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
    return btoa(text2);
  }
  function random(length) {
    return crypto.getRandomValues(new Uint8Array(length));
  }
  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  // sending/control.ts
  var Removed = class extends Error {
  };
  var Turns = class {
    constructor(free) {
      this.free = free;
      this.waiting = [];
    }
    async take() {
      if (this.free > 0) this.free -= 1;
      else await new Promise((settle) => this.waiting.push(settle));
    }
    give() {
      const next = this.waiting.shift();
      if (next === void 0) this.free += 1;
      else next();
    }
  };
  var Session = class {
    constructor(tell2) {
      this.tell = tell2;
      this.token = "";
      this.over = null;
      this.live = () => {
      };
    }
    async regained() {
      this.over ?? (this.over = new Promise((settle) => this.live = settle));
      this.tell();
      return this.over;
    }
    isBack(token) {
      this.token = token;
      this.live();
      this.over = null;
    }
  };
  var Control = class {
    constructor() {
      this.wish = "going";
      this.request = new AbortController();
      this.wake = [];
      this.resting = [];
      this.isAtRest = false;
    }
    get isHeld() {
      return this.wish === "paused" || this.wish === "halted";
    }
    get isPaused() {
      return this.wish === "paused";
    }
    get isRemoved() {
      return this.wish === "removed";
    }
    /** Ends the request in hand when the person pauses or takes the file away. */
    get signal() {
      return this.request.signal;
    }
    pause() {
      this.wish = "paused";
      this.interrupt();
      this.stir();
    }
    remove() {
      this.wish = "removed";
      this.interrupt();
      this.stir();
    }
    /** What is in hand is finished first. */
    halt() {
      if (this.wish === "going") this.wish = "halted";
    }
    proceed() {
      if (this.wish === "halted") this.goOn();
    }
    goOn() {
      if (this.wish !== "removed") this.wish = "going";
      this.stir();
    }
    /** Ends every wait: it is worth another try. */
    stir() {
      for (const settle of this.wake.splice(0)) settle();
    }
    /** Settles when the file may go on. */
    async held() {
      while (this.isHeld) await this.restUntil(new Promise((settle) => this.wake.push(settle)));
    }
    /** Waits for `event`, for so many milliseconds at most, or until the person or the page says otherwise. */
    async pauseUntil(event, milliseconds) {
      let timer = 0;
      const time = new Promise((settle) => timer = self.setTimeout(settle, milliseconds));
      const woken = new Promise((settle) => this.wake.push(settle));
      await this.restUntil(Promise.race(event === null ? [time, woken] : [event, time, woken]));
      self.clearTimeout(timer);
    }
    /** Nothing is in hand while `event` is waited for. */
    async restUntil(event) {
      this.isAtRest = true;
      for (const settle of this.resting.splice(0)) settle();
      await event;
      this.isAtRest = false;
    }
    /** Settles once nothing of the file is in hand. */
    async rested() {
      if (!this.isAtRest) await new Promise((settle) => this.resting.push(settle));
    }
    /** The file needs nothing more. */
    ended() {
      void this.restUntil(new Promise(() => {
      }));
    }
    interrupt() {
      this.request.abort();
      this.request = new AbortController();
    }
  };

  // sealing/canonical.ts
  var COUNT_MAX = 2 ** 32 - 1;
  var ID_LENGTH = 16;
  var TEXT_MAX = 1024;
  function uint(value) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("no whole number");
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, Math.floor(value / 2 ** 32));
    view.setUint32(4, value % 2 ** 32);
    return bytes;
  }
  function octets(value) {
    if (value.length > COUNT_MAX) throw new RangeError("too long");
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, value.length);
    return concat(length, value);
  }
  function text(value) {
    const bytes = utf8(value);
    if (bytes.length > TEXT_MAX) throw new RangeError("too long");
    return octets(bytes);
  }
  function id(value) {
    if (value.length !== ID_LENGTH) throw new RangeError("no id");
    return octets(value);
  }

  // sealing/context.ts
  async function contextDigest(context, installation) {
    const { table, field, case: caseId, record, version } = context;
    const canonical = concat(text(table), text(field), id(caseId), id(record), uint(version));
    return sha256(concat(domain("context"), Uint8Array.of(0), installation, canonical));
  }
  function domain(label) {
    return utf8(`vouchsafe/1/${label}`);
  }
  function segmentContext(caseId, asset, segment) {
    return { table: "assets", field: "original", case: caseId, record: asset, version: segment };
  }
  function keyContext(keyId, caseId, asset) {
    return { table: "record_keys", field: toHex(keyId), case: caseId, record: asset, version: 1 };
  }

  // sealing/mark.ts
  var BEGINNING = 262144;
  async function markOf(file) {
    const beginning2 = new Uint8Array(await file.slice(0, BEGINNING).arrayBuffer());
    const canonical = [octets(utf8(file.name)), uint(file.size), uint(Math.max(0, file.lastModified)), octets(beginning2)];
    return sha256(concat(domain("mark"), Uint8Array.of(0), ...canonical));
  }

  // node_modules/hpke/index.js
  function ComputeNonce(base_nonce, seq, Nn) {
    const nonce2 = new Uint8Array(Nn);
    nonce2.set(base_nonce);
    let s = seq;
    for (let i = Nn - 1; i >= 0 && s > 0; i--) {
      nonce2[i] = nonce2[i] ^ s & 255;
      s = Math.floor(s / 256);
    }
    return nonce2;
  }
  function MaxSeq(Nn) {
    return Math.min(2 ** (8 * Nn) - 1, Number.MAX_SAFE_INTEGER);
  }
  function IncrementSeq(seq, maxSeq) {
    if (seq >= maxSeq) {
      throw new MessageLimitReachedError("Sequence number overflow");
    }
    return ++seq;
  }
  async function ContextExport(suite, exporterSecret, exporterContext, L) {
    checkUint8Array(exporterContext, "exporterContext");
    const stages = KDFStages(suite.KDF);
    if (!Number.isInteger(L) || L <= 0 || L > 65535) {
      throw new TypeError('"L" must be a positive integer not exceeding 65535');
    }
    if (stages === 2 && L > 255 * suite.KDF.Nh) {
      throw new TypeError('"L" must not exceed 255*Nh of the cipher suite KDF');
    }
    const Export = stages === 1 ? Export_OneStage : Export_TwoStage;
    return await Export(suite.KDF, suite.id, exporterSecret, exporterContext, L);
  }
  var _locked;
  var Mutex = class {
    constructor() {
      __privateAdd(this, _locked, Promise.resolve());
    }
    async lock() {
      let releaseLock;
      const nextLock = new Promise((resolve) => {
        releaseLock = resolve;
      });
      const previousLock = __privateGet(this, _locked);
      __privateSet(this, _locked, nextLock);
      await previousLock;
      return releaseLock;
    }
  };
  _locked = new WeakMap();
  function createContextState(suite, mode, key, base_nonce, exporter_secret) {
    return {
      suite,
      mode,
      key,
      base_nonce,
      exporter_secret,
      max_seq: MaxSeq(suite.AEAD.Nn),
      seq: 0,
      mutex: void 0
    };
  }
  var _state;
  var SenderContext = class {
    constructor(suite, mode, key, base_nonce, exporter_secret) {
      __privateAdd(this, _state);
      __privateSet(this, _state, createContextState(suite, mode, key, base_nonce, exporter_secret));
    }
    get mode() {
      return __privateGet(this, _state).mode;
    }
    get seq() {
      return __privateGet(this, _state).seq;
    }
    async Seal(plaintext, aad) {
      checkUint8Array(plaintext, "plaintext");
      aad ?? (aad = new Uint8Array());
      checkUint8Array(aad, "aad");
      const state = __privateGet(this, _state);
      if (state.suite.AEAD.id === EXPORT_ONLY) {
        throw new TypeError("Export-only AEAD cannot be used with Seal");
      }
      state.mutex ?? (state.mutex = new Mutex());
      const release = await state.mutex.lock();
      let ct;
      try {
        ct = await state.suite.AEAD.Seal(
          state.key,
          ComputeNonce(state.base_nonce, state.seq, state.suite.AEAD.Nn),
          aad,
          plaintext
        );
        state.seq = IncrementSeq(state.seq, state.max_seq);
        return ct;
      } finally {
        release();
      }
    }
    async Export(exporterContext, length) {
      return await ContextExport(
        __privateGet(this, _state).suite,
        __privateGet(this, _state).exporter_secret,
        exporterContext,
        length
      );
    }
    get Nt() {
      return __privateGet(this, _state).suite.AEAD.Nt;
    }
  };
  _state = new WeakMap();
  var _state2;
  var RecipientContext = class {
    constructor(suite, mode, key, base_nonce, exporter_secret) {
      __privateAdd(this, _state2);
      __privateSet(this, _state2, createContextState(suite, mode, key, base_nonce, exporter_secret));
    }
    get mode() {
      return __privateGet(this, _state2).mode;
    }
    get seq() {
      return __privateGet(this, _state2).seq;
    }
    async Open(ciphertext, aad) {
      checkUint8Array(ciphertext, "ciphertext");
      aad ?? (aad = new Uint8Array());
      checkUint8Array(aad, "aad");
      const state = __privateGet(this, _state2);
      if (state.suite.AEAD.id === EXPORT_ONLY) {
        throw new TypeError("Export-only AEAD cannot be used with Open");
      }
      state.mutex ?? (state.mutex = new Mutex());
      const release = await state.mutex.lock();
      try {
        let pt;
        try {
          pt = await state.suite.AEAD.Open(
            state.key,
            ComputeNonce(state.base_nonce, state.seq, state.suite.AEAD.Nn),
            aad,
            ciphertext
          );
        } catch (cause) {
          if (cause instanceof MessageLimitReachedError || cause instanceof NotSupportedError) {
            throw cause;
          }
          throw new OpenError("AEAD decryption failed", { cause });
        }
        state.seq = IncrementSeq(state.seq, state.max_seq);
        return pt;
      } finally {
        release();
      }
    }
    async Export(exporterContext, length) {
      return await ContextExport(
        __privateGet(this, _state2).suite,
        __privateGet(this, _state2).exporter_secret,
        exporterContext,
        length
      );
    }
  };
  _state2 = new WeakMap();
  var validate = (factory, type) => {
    try {
      const result = factory();
      if (result.type !== type) {
        throw new Error(`Invalid "${type}" return discriminator`);
      }
      return result;
    } catch (cause) {
      throw new TypeError(`Invalid "${type}"`, { cause });
    }
  };
  var _suite, _CipherSuite_instances, extractRecipientKeys_fn;
  var CipherSuite = class {
    constructor(KEM, KDF, AEAD) {
      __privateAdd(this, _CipherSuite_instances);
      __privateAdd(this, _suite);
      const kem = validate(KEM, "KEM");
      const kdf = validate(KDF, "KDF");
      const aead = validate(AEAD, "AEAD");
      __privateSet(this, _suite, {
        KEM: kem,
        KDF: kdf,
        AEAD: aead,
        id: concat2(L_HPKE, I2OSP(kem.id, 2), I2OSP(kdf.id, 2), I2OSP(aead.id, 2))
      });
    }
    get KEM() {
      return {
        id: __privateGet(this, _suite).KEM.id,
        name: __privateGet(this, _suite).KEM.name,
        Nsecret: __privateGet(this, _suite).KEM.Nsecret,
        Nenc: __privateGet(this, _suite).KEM.Nenc,
        Npk: __privateGet(this, _suite).KEM.Npk,
        Nsk: __privateGet(this, _suite).KEM.Nsk
      };
    }
    get KDF() {
      return {
        id: __privateGet(this, _suite).KDF.id,
        name: __privateGet(this, _suite).KDF.name,
        stages: __privateGet(this, _suite).KDF.stages,
        Nh: __privateGet(this, _suite).KDF.Nh
      };
    }
    get AEAD() {
      return {
        id: __privateGet(this, _suite).AEAD.id,
        name: __privateGet(this, _suite).AEAD.name,
        Nk: __privateGet(this, _suite).AEAD.Nk,
        Nn: __privateGet(this, _suite).AEAD.Nn,
        Nt: __privateGet(this, _suite).AEAD.Nt
      };
    }
    async GenerateKeyPair(extractable) {
      extractable ?? (extractable = false);
      checkExtractable(extractable);
      return await __privateGet(this, _suite).KEM.GenerateKeyPair(extractable);
    }
    async DeriveKeyPair(ikm, extractable) {
      extractable ?? (extractable = false);
      checkExtractable(extractable);
      checkUint8Array(ikm, "ikm");
      if (ikm.byteLength < __privateGet(this, _suite).KEM.Nsk) {
        throw new DeriveKeyPairError('Insufficient "ikm" length');
      }
      try {
        return await __privateGet(this, _suite).KEM.DeriveKeyPair(ikm, extractable);
      } catch (cause) {
        if (cause instanceof NotSupportedError) {
          throw cause;
        }
        throw new DeriveKeyPairError("Key derivation failed", { cause });
      }
    }
    async SerializePrivateKey(privateKey) {
      isKey(privateKey, "private", true);
      return await __privateGet(this, _suite).KEM.SerializePrivateKey(privateKey);
    }
    async SerializePublicKey(publicKey) {
      isKey(publicKey, "public", true);
      return await __privateGet(this, _suite).KEM.SerializePublicKey(publicKey);
    }
    async DeserializePrivateKey(privateKey, extractable) {
      extractable ?? (extractable = false);
      checkExtractable(extractable);
      checkUint8Array(privateKey, "privateKey");
      try {
        if (privateKey.byteLength !== __privateGet(this, _suite).KEM.Nsk) {
          throw new Error('Invalid "privateKey" length');
        }
        return await __privateGet(this, _suite).KEM.DeserializePrivateKey(privateKey, extractable);
      } catch (cause) {
        if (cause instanceof NotSupportedError) {
          throw cause;
        }
        throw new DeserializeError("Private key deserialization failed", { cause });
      }
    }
    async DeserializePublicKey(publicKey) {
      checkUint8Array(publicKey, "publicKey");
      try {
        if (publicKey.byteLength !== __privateGet(this, _suite).KEM.Npk) {
          throw new Error('Invalid "publicKey" length');
        }
        return await __privateGet(this, _suite).KEM.DeserializePublicKey(publicKey);
      } catch (cause) {
        if (cause instanceof NotSupportedError) {
          throw cause;
        }
        throw new DeserializeError("Public key deserialization failed", { cause });
      }
    }
    async Seal(publicKey, plaintext, options) {
      if (__privateGet(this, _suite).AEAD.id === EXPORT_ONLY) {
        throw new TypeError("Export-only AEAD cannot be used with Seal");
      }
      const { encapsulatedSecret, ctx } = await this.SetupSender(publicKey, options);
      const ciphertext = await ctx.Seal(plaintext, options?.aad);
      return { encapsulatedSecret, ciphertext };
    }
    async Open(privateKey, encapsulatedSecret, ciphertext, options) {
      if (__privateGet(this, _suite).AEAD.id === EXPORT_ONLY) {
        throw new TypeError("Export-only AEAD cannot be used with Open");
      }
      const ctx = await this.SetupRecipient(privateKey, encapsulatedSecret, options);
      return await ctx.Open(ciphertext, options?.aad);
    }
    async SendExport(publicKey, exporterContext, length, options) {
      const { encapsulatedSecret, ctx } = await this.SetupSender(publicKey, options);
      const exportedSecret = await ctx.Export(exporterContext, length);
      return { encapsulatedSecret, exportedSecret };
    }
    async ReceiveExport(privateKey, encapsulatedSecret, exporterContext, length, options) {
      const ctx = await this.SetupRecipient(privateKey, encapsulatedSecret, options);
      return await ctx.Export(exporterContext, length);
    }
    async SetupSender(publicKey, options) {
      isKey(publicKey, "public");
      let shared_secret;
      let enc;
      try {
        const result = await __privateGet(this, _suite).KEM.Encap(publicKey);
        shared_secret = result.shared_secret;
        enc = result.enc;
      } catch (cause) {
        if (cause instanceof ValidationError || cause instanceof NotSupportedError) {
          throw cause;
        }
        throw new EncapError("Encapsulation failed", { cause });
      }
      const mode = options?.psk?.byteLength ? MODE_PSK : MODE_BASE;
      const { key, base_nonce, exporter_secret } = await KeySchedule(
        __privateGet(this, _suite),
        mode,
        shared_secret,
        options?.info,
        options?.psk,
        options?.pskId
      );
      const ctx = new SenderContext(__privateGet(this, _suite), mode, key, base_nonce, exporter_secret);
      return { encapsulatedSecret: enc, ctx };
    }
    async SetupRecipient(privateKey, encapsulatedSecret, options) {
      const { skR, pkR } = __privateMethod(this, _CipherSuite_instances, extractRecipientKeys_fn).call(this, privateKey);
      checkUint8Array(encapsulatedSecret, "encapsulatedSecret");
      if (encapsulatedSecret.byteLength !== __privateGet(this, _suite).KEM.Nenc) {
        throw new DecapError("Invalid encapsulated secret length");
      }
      let shared_secret;
      try {
        shared_secret = await __privateGet(this, _suite).KEM.Decap(encapsulatedSecret, skR, pkR);
      } catch (cause) {
        if (cause instanceof ValidationError || cause instanceof NotSupportedError) {
          throw cause;
        }
        throw new DecapError("Decapsulation failed", { cause });
      }
      const mode = options?.psk?.byteLength ? MODE_PSK : MODE_BASE;
      const { key, base_nonce, exporter_secret } = await KeySchedule(
        __privateGet(this, _suite),
        mode,
        shared_secret,
        options?.info,
        options?.psk,
        options?.pskId
      );
      return new RecipientContext(__privateGet(this, _suite), mode, key, base_nonce, exporter_secret);
    }
  };
  _suite = new WeakMap();
  _CipherSuite_instances = new WeakSet();
  extractRecipientKeys_fn = function(skR) {
    if (isKeyPair(skR)) {
      return { skR: skR.privateKey, pkR: skR.publicKey };
    }
    isKey(skR, "private");
    return { skR, pkR: void 0 };
  };
  var ValidationError = class _ValidationError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "ValidationError";
      Error.captureStackTrace?.(this, _ValidationError);
    }
  };
  var DeserializeError = class _DeserializeError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "DeserializeError";
      Error.captureStackTrace?.(this, _DeserializeError);
    }
  };
  var EncapError = class _EncapError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "EncapError";
      Error.captureStackTrace?.(this, _EncapError);
    }
  };
  var DecapError = class _DecapError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "DecapError";
      Error.captureStackTrace?.(this, _DecapError);
    }
  };
  var OpenError = class _OpenError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "OpenError";
      Error.captureStackTrace?.(this, _OpenError);
    }
  };
  var MessageLimitReachedError = class _MessageLimitReachedError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "MessageLimitReachedError";
      Error.captureStackTrace?.(this, _MessageLimitReachedError);
    }
  };
  var DeriveKeyPairError = class _DeriveKeyPairError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "DeriveKeyPairError";
      Error.captureStackTrace?.(this, _DeriveKeyPairError);
    }
  };
  var NotSupportedError = class _NotSupportedError extends Error {
    constructor(message, options) {
      super(message, options);
      this.name = "NotSupportedError";
      Error.captureStackTrace?.(this, _NotSupportedError);
    }
  };
  var MODE_BASE = 0;
  var MODE_PSK = 1;
  function concat2(...buffers) {
    const size = buffers.reduce((acc, { length }) => acc + length, 0);
    const buf = new Uint8Array(size);
    let i = 0;
    for (const buffer of buffers) {
      buf.set(buffer, i);
      i += buffer.length;
    }
    return buf;
  }
  function slice(buffer, start, end) {
    return Uint8Array.prototype.slice.call(buffer, start, end);
  }
  function encode(string) {
    const bytes = new Uint8Array(string.length);
    for (let i = 0; i < string.length; i++) {
      const code = string.charCodeAt(i);
      if (code > 127) {
        throw new TypeError("Input string must contain only ASCII characters");
      }
      bytes[i] = code;
    }
    return bytes;
  }
  var L_HPKE_v1 = /* @__PURE__ */ encode("HPKE-v1");
  var L_HPKE = /* @__PURE__ */ encode("HPKE");
  var L_KEM = /* @__PURE__ */ encode("KEM");
  var L_sec = /* @__PURE__ */ encode("sec");
  var L_secret = /* @__PURE__ */ encode("secret");
  var L_key = /* @__PURE__ */ encode("key");
  var L_base_nonce = /* @__PURE__ */ encode("base_nonce");
  var L_exp = /* @__PURE__ */ encode("exp");
  var L_psk_id_hash = /* @__PURE__ */ encode("psk_id_hash");
  var L_info_hash = /* @__PURE__ */ encode("info_hash");
  var L_DeriveKeyPair = /* @__PURE__ */ encode("DeriveKeyPair");
  function lengthPrefixed(x) {
    return concat2(I2OSP(x.byteLength, 2), x);
  }
  async function LabeledDerive(KDF, suite_id, ikm, label, context, L) {
    const labeled_ikm = concat2(ikm, L_HPKE_v1, suite_id, lengthPrefixed(label), I2OSP(L, 2), context);
    return await KDF.Derive(labeled_ikm, L);
  }
  async function Export_OneStage(KDF, suite_id, exporter_secret, exporter_context, L) {
    checkLength(exporter_context, "Exporter context", MAX_LENGTH_ONE_STAGE);
    return await LabeledDerive(KDF, suite_id, exporter_secret, L_sec, exporter_context, L);
  }
  async function CombineSecrets_OneStage(suite, mode, shared_secret, info, psk, psk_id) {
    checkLength(psk, "PSK", MAX_LENGTH_ONE_STAGE);
    checkLength(psk_id, "PSK ID", MAX_LENGTH_ONE_STAGE);
    checkLength(info, "Info", MAX_LENGTH_ONE_STAGE);
    const secrets = concat2(lengthPrefixed(psk), lengthPrefixed(shared_secret));
    const context = concat2(I2OSP(mode, 1), lengthPrefixed(psk_id), lengthPrefixed(info));
    const secret = await LabeledDerive(
      suite.KDF,
      suite.id,
      secrets,
      L_secret,
      context,
      suite.AEAD.Nk + suite.AEAD.Nn + suite.KDF.Nh
    );
    const key = slice(secret, 0, suite.AEAD.Nk);
    const base_nonce = slice(secret, suite.AEAD.Nk, suite.AEAD.Nk + suite.AEAD.Nn);
    const exporter_secret = slice(secret, suite.AEAD.Nk + suite.AEAD.Nn);
    return { key, base_nonce, exporter_secret };
  }
  var MAX_LENGTH_TWO_STAGE = 65535;
  var MAX_LENGTH_ONE_STAGE = 65535;
  function checkLength(data, name, maxLength) {
    if (data.byteLength > maxLength) {
      throw new TypeError(`${name} length must not exceed ${maxLength} bytes`);
    }
  }
  function checkUint8Array(input, name) {
    if (!(input instanceof Uint8Array)) {
      throw new TypeError(`"${name}" must be Uint8Array`);
    }
    if (typeof SharedArrayBuffer !== "undefined" && input.buffer instanceof SharedArrayBuffer) {
      throw new TypeError(`"${name}" must not be backed by a SharedArrayBuffer`);
    }
  }
  function checkExtractable(extractable) {
    if (typeof extractable !== "boolean") {
      throw new TypeError('"extractable" must be boolean');
    }
  }
  async function CombineSecrets_TwoStage(suite, mode, shared_secret, info, psk, psk_id) {
    checkLength(psk, "PSK", MAX_LENGTH_TWO_STAGE);
    checkLength(psk_id, "PSK ID", MAX_LENGTH_TWO_STAGE);
    checkLength(info, "Info", MAX_LENGTH_TWO_STAGE);
    const [psk_id_hash, info_hash] = await Promise.all([
      LabeledExtract(suite.KDF, suite.id, new Uint8Array(), L_psk_id_hash, psk_id),
      LabeledExtract(suite.KDF, suite.id, new Uint8Array(), L_info_hash, info)
    ]);
    const key_schedule_context = concat2(I2OSP(mode, 1), psk_id_hash, info_hash);
    const secret = await LabeledExtract(suite.KDF, suite.id, shared_secret, L_secret, psk);
    if (suite.AEAD.id === EXPORT_ONLY) {
      const exporter_secret2 = await LabeledExpand(
        suite.KDF,
        suite.id,
        secret,
        L_exp,
        key_schedule_context,
        suite.KDF.Nh
      );
      return { key: new Uint8Array(), base_nonce: new Uint8Array(), exporter_secret: exporter_secret2 };
    }
    const [key, base_nonce, exporter_secret] = await Promise.all([
      LabeledExpand(suite.KDF, suite.id, secret, L_key, key_schedule_context, suite.AEAD.Nk),
      LabeledExpand(suite.KDF, suite.id, secret, L_base_nonce, key_schedule_context, suite.AEAD.Nn),
      LabeledExpand(suite.KDF, suite.id, secret, L_exp, key_schedule_context, suite.KDF.Nh)
    ]);
    return { key, base_nonce, exporter_secret };
  }
  async function Export_TwoStage(KDF, suite_id, exporter_secret, exporter_context, L) {
    checkLength(exporter_context, "Exporter context", MAX_LENGTH_TWO_STAGE);
    return await LabeledExpand(KDF, suite_id, exporter_secret, L_sec, exporter_context, L);
  }
  async function LabeledExtract(KDF, suite_id, salt, label, ikm) {
    const labeled_ikm = concat2(L_HPKE_v1, suite_id, label, ikm);
    return await KDF.Extract(salt, labeled_ikm);
  }
  async function LabeledExpand(KDF, suite_id, prk, label, info, L) {
    const labeled_info = concat2(I2OSP(L, 2), L_HPKE_v1, suite_id, label, info);
    return await KDF.Expand(prk, labeled_info, L);
  }
  function isKeyPair(skR) {
    if (!skR || typeof skR !== "object") return false;
    if ("publicKey" in skR && "privateKey" in skR) {
      const pkR = skR.publicKey;
      skR = skR.privateKey;
      try {
        isKey(pkR, "public");
        isKey(skR, "private");
        if (pkR.algorithm.name !== skR.algorithm.name) {
          throw new TypeError("key pair algorithms do not match");
        }
      } catch (cause) {
        throw new TypeError('Invalid "privateKey"', { cause });
      }
      return true;
    }
    return false;
  }
  function isKey(key, type, extractable) {
    const k = key;
    if (typeof k.algorithm !== "object" || typeof k.algorithm.name !== "string" || typeof k.extractable !== "boolean" || typeof k.type !== "string" || k.type !== type) {
      throw new TypeError(`Invalid "${type}Key"`);
    }
    if (extractable && k.extractable !== true) {
      throw new TypeError(`"${type}Key" must be extractable`);
    }
  }
  function I2OSP(n, w) {
    if (!Number.isSafeInteger(w) || w <= 0) {
      throw new Error("w must be a positive safe integer");
    }
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new Error("n must be a non-negative safe integer");
    }
    const max = Math.pow(256, w);
    if (n >= max) {
      throw new Error("n too large to fit in w-length byte string");
    }
    const ret = new Uint8Array(w);
    let num = n;
    for (let i = 0; i < w && num; i++) {
      ret[w - (i + 1)] = num % 256;
      num = Math.floor(num / 256);
    }
    return ret;
  }
  function KDFStages(KDF) {
    if (KDF.stages === 1 || KDF.stages === 2) {
      return KDF.stages;
    }
    throw new Error("unreachable");
  }
  async function KeySchedule(suite, mode, shared_secret, info, psk, pskId) {
    info ?? (info = new Uint8Array());
    checkUint8Array(info, "info");
    psk ?? (psk = new Uint8Array());
    checkUint8Array(psk, "psk");
    pskId ?? (pskId = new Uint8Array());
    checkUint8Array(pskId, "pskId");
    const stages = KDFStages(suite.KDF);
    const CombineSecrets = stages === 1 ? CombineSecrets_OneStage : CombineSecrets_TwoStage;
    VerifyPSKInputs(psk, pskId);
    return await CombineSecrets(suite, mode, shared_secret, info, psk, pskId);
  }
  function VerifyPSKInputs(psk, psk_id) {
    if (psk.byteLength && psk_id.byteLength) {
      if (psk.byteLength < 32) {
        throw new TypeError("Insufficient PSK length");
      }
      return;
    }
    if (!psk.byteLength && !psk_id.byteLength) {
      return;
    }
    throw new TypeError("Inconsistent PSK inputs");
  }
  var NotApplicable = () => {
    throw new Error("unreachable");
  };
  var EXPORT_ONLY = 65535;
  var AES_GCM_P_MAX = 2 ** 36 - 31;
  var CHACHA20_POLY1305_P_MAX = 2 ** 38 - 64;
  async function subtle(promise, name) {
    try {
      return await promise(crypto.subtle);
    } catch (cause) {
      if (cause instanceof TypeError || cause instanceof DOMException && cause.name === "NotSupportedError") {
        throw new NotSupportedError(`${name} is unsupported in this runtime`, { cause });
      }
      throw cause;
    }
  }
  async function getCachedCryptoKey(cache, keyBytes, init) {
    const cached = cache.get(keyBytes);
    if (cached && cached.bytes.byteLength === keyBytes.byteLength && cached.bytes.every((byte, index) => byte === keyBytes[index])) {
      return cached.key;
    }
    const bytes = slice(keyBytes);
    const entry = { bytes, key: init(bytes) };
    cache.set(keyBytes, entry);
    try {
      return await entry.key;
    } catch (cause) {
      if (cache.get(keyBytes) === entry) cache.delete(keyBytes);
      throw cause;
    }
  }
  function HKDF_SHARED() {
    let emptySalt;
    async function importKey(salt) {
      return await subtle(
        (c) => c.importKey("raw", salt, { name: "HMAC", hash: this.hash }, false, ["sign"]),
        this.name
      );
    }
    const cache = /* @__PURE__ */ new WeakMap();
    return {
      stages: 2,
      Derive: NotApplicable,
      async Extract(salt, ikm) {
        const key = salt.byteLength === 0 ? emptySalt ?? (emptySalt = await importKey.call(this, new ArrayBuffer(this.Nh))) : await importKey.call(this, salt);
        return new Uint8Array(
          await subtle((c) => c.sign("HMAC", key, ikm), this.name)
        );
      },
      async Expand(prk, info, L) {
        if (prk.byteLength < this.Nh) {
          throw new Error("prk.byteLength < this.Nh");
        }
        if (L > 255 * this.Nh) {
          throw new Error("L must be <= 255*Nh");
        }
        const N2 = Math.ceil(L / this.Nh);
        const key = await getCachedCryptoKey(
          cache,
          prk,
          (bytes) => importKey.call(this, bytes)
        );
        const T = new Uint8Array(N2 * this.Nh);
        let T_prev = new Uint8Array();
        for (let i = 0; i < N2; i++) {
          const input = new Uint8Array(T_prev.byteLength + info.byteLength + 1);
          input.set(T_prev);
          input.set(info, T_prev.byteLength);
          input[T_prev.byteLength + info.byteLength] = i + 1;
          const T_i = new Uint8Array(await subtle((c) => c.sign("HMAC", key, input), this.name));
          T.set(T_i, i * this.Nh);
          T_prev = T_i;
        }
        return slice(T, 0, L);
      }
    };
  }
  var KDF_HKDF_SHA256 = function() {
    return { id: 1, type: "KDF", name: "HKDF-SHA256", Nh: 32, hash: "SHA-256", ...HKDF_SHARED() };
  };
  async function ShakeDerive(name, variant, ikm, L) {
    const bits = L << 3;
    const alg = { name: variant, length: bits, outputLength: bits };
    return new Uint8Array(await subtle((c) => c.digest(alg, ikm), name));
  }
  function SHAKE_SHARED() {
    return {
      stages: 1,
      async Derive(labeled_ikm, L) {
        return await ShakeDerive(this.name, this.algorithm, labeled_ikm, L);
      },
      Extract: NotApplicable,
      Expand: NotApplicable
    };
  }
  var KDF_SHAKE256 = function() {
    return {
      id: 17,
      type: "KDF",
      name: "SHAKE256",
      Nh: 64,
      algorithm: "cSHAKE256",
      ...SHAKE_SHARED()
    };
  };
  async function getPublicKeyByExport(name, key, usages) {
    if (!key.extractable) {
      throw new TypeError(
        '"privateKey" must be extractable or a Key Pair must be used in this runtime'
      );
    }
    return await subtle(async (c) => {
      const jwk = await c.exportKey("jwk", key);
      return c.importKey(
        "jwk",
        { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y },
        key.algorithm,
        true,
        usages
      );
    }, name);
  }
  async function getPublicKey(name, key, usages) {
    return await subtle((c) => c.getPublicKey?.(key, usages), name) || await getPublicKeyByExport(name, key, usages);
  }
  function assertKeyAlgorithm(key, expectedAlgorithm) {
    if (key.algorithm.name !== expectedAlgorithm.name) {
      throw new TypeError(`key algorithm must be ${expectedAlgorithm.name}`);
    }
    if (key.algorithm.namedCurve !== expectedAlgorithm.namedCurve) {
      throw new TypeError(
        `key namedCurve must be ${expectedAlgorithm.namedCurve}`
      );
    }
  }
  function assertCryptoKey(key) {
    if (key[Symbol.toStringTag] !== "CryptoKey") {
      if (key instanceof CryptoKey) return;
      throw new TypeError("unexpected key constructor");
    }
  }
  async function CurveKeyFromD(name, Nsk, template, algorithm, key, extractable) {
    const tmpl = slice(template);
    const pkcs8 = new Uint8Array(Nsk + tmpl.byteLength);
    pkcs8.set(tmpl);
    pkcs8.set(key, tmpl.byteLength);
    return await subtle(
      (c) => c.importKey("pkcs8", pkcs8, algorithm, extractable, ["deriveBits"]),
      name
    );
  }
  function DIRECT_KEM_SHARED() {
    return {
      async DeriveKeyPair(ikm, extractable) {
        const dk = await LabeledDerive(
          this.kdf,
          this.suite_id,
          ikm,
          L_DeriveKeyPair,
          new Uint8Array(),
          this.Nsk
        );
        const privateKey = await this.DeserializePrivateKey(dk, extractable);
        const usages = ["encapsulateBits"];
        const publicKey = await getPublicKey(this.name, privateKey, usages);
        return { privateKey, publicKey };
      },
      async GenerateKeyPair(extractable) {
        const usages = ["encapsulateBits", "decapsulateBits"];
        return await subtle(
          (c) => c.generateKey(this.algorithm, extractable, usages),
          this.name
        );
      },
      async SerializePublicKey(key) {
        assertKeyAlgorithm(key, this.algorithm);
        assertCryptoKey(key);
        const format = "raw-public";
        return new Uint8Array(await subtle((c) => c.exportKey(format, key), this.name));
      },
      async DeserializePublicKey(key) {
        const format = "raw-public";
        const usages = ["encapsulateBits"];
        return await subtle(
          (c) => c.importKey(format, key, this.algorithm, true, usages),
          this.name
        );
      },
      async SerializePrivateKey(key) {
        assertKeyAlgorithm(key, this.algorithm);
        assertCryptoKey(key);
        const format = "raw-seed";
        return new Uint8Array(await subtle((c) => c.exportKey(format, key), this.name));
      },
      async DeserializePrivateKey(key, extractable) {
        const format = "raw-seed";
        const usages = ["decapsulateBits"];
        return await subtle(
          (c) => c.importKey(format, key, this.algorithm, extractable, usages),
          this.name
        );
      },
      async Encap(pkR) {
        assertKeyAlgorithm(pkR, this.algorithm);
        const { sharedKey, ciphertext } = await subtle(
          (c) => c.encapsulateBits(this.algorithm, pkR),
          this.name
        );
        return { shared_secret: new Uint8Array(sharedKey), enc: new Uint8Array(ciphertext) };
      },
      async Decap(enc, skR, _pkR) {
        assertKeyAlgorithm(skR, this.algorithm);
        return new Uint8Array(
          await subtle(
            (c) => c.decapsulateBits(this.algorithm, skR, enc),
            this.name
          )
        );
      }
    };
  }
  function createDirectKEM({ id: id2, name, Nsecret, Nenc, Npk, Nsk }) {
    const kdf = KDF_SHAKE256();
    kdf.name = name;
    return {
      id: id2,
      suite_id: concat2(L_KEM, I2OSP(id2, 2)),
      type: "KEM",
      name,
      Nsecret,
      Nenc,
      Npk,
      Nsk,
      algorithm: { name },
      kdf,
      ...DIRECT_KEM_SHARED()
    };
  }
  function AEAD_SHARED(P_MAX) {
    const cache = /* @__PURE__ */ new WeakMap();
    async function importKey(key) {
      return await subtle(
        (c) => c.importKey(this.keyFormat, key, this.algorithm, false, [
          "encrypt",
          "decrypt"
        ]),
        this.name
      );
    }
    return {
      async Seal(key, nonce2, aad, pt) {
        if (pt.byteLength > P_MAX) {
          throw new RangeError('"pt" exceeds P_MAX');
        }
        const cryptoKey = await getCachedCryptoKey(cache, key, (bytes) => importKey.call(this, bytes));
        return new Uint8Array(
          await subtle(
            (c) => c.encrypt(
              {
                name: this.algorithm,
                iv: nonce2,
                additionalData: aad
              },
              cryptoKey,
              pt
            ),
            this.name
          )
        );
      },
      async Open(key, nonce2, aad, ct) {
        const cryptoKey = await getCachedCryptoKey(cache, key, (bytes) => importKey.call(this, bytes));
        return new Uint8Array(
          await subtle(
            (c) => c.decrypt(
              {
                name: this.algorithm,
                iv: nonce2,
                additionalData: aad
              },
              cryptoKey,
              ct
            ),
            this.name
          )
        );
      }
    };
  }
  var AEAD_AES_256_GCM = function() {
    return {
      id: 2,
      type: "AEAD",
      name: "AES-256-GCM",
      Nk: 32,
      Nn: 12,
      Nt: 16,
      algorithm: "AES-GCM",
      keyFormat: "raw",
      ...AEAD_SHARED(AES_GCM_P_MAX)
    };
  };
  var InvalidInvocation = (_) => {
    if (_ !== priv) {
      throw new Error("invalid invocation");
    }
  };
  var priv = /* @__PURE__ */ Symbol();
  var _algorithm, _type, _extractable, _t, _pq, _seed, _publicKey, _HybridKey_static, isValid_fn;
  var _HybridKey = class _HybridKey {
    constructor(_, algorithm, type, extractable, pq, t, seed, publicKey) {
      __privateAdd(this, _algorithm);
      __privateAdd(this, _type);
      __privateAdd(this, _extractable);
      __privateAdd(this, _t);
      __privateAdd(this, _pq);
      __privateAdd(this, _seed);
      __privateAdd(this, _publicKey);
      InvalidInvocation(_);
      __privateSet(this, _algorithm, algorithm);
      __privateSet(this, _type, type);
      __privateSet(this, _extractable, extractable);
      __privateSet(this, _pq, pq);
      __privateSet(this, _t, t);
      __privateSet(this, _seed, seed);
      __privateSet(this, _publicKey, publicKey);
    }
    static validate(key, extractable) {
      var _a;
      try {
        if (!__privateMethod(_a = _HybridKey, _HybridKey_static, isValid_fn).call(_a, key)) {
          throw new TypeError("unexpected key constructor");
        }
      } catch {
        throw new TypeError("unexpected key constructor");
      }
      if (extractable && !key.extractable) {
        throw new TypeError("key must be extractable");
      }
    }
    get algorithm() {
      return { name: __privateGet(this, _algorithm).name };
    }
    get extractable() {
      return __privateGet(this, _extractable);
    }
    get type() {
      return __privateGet(this, _type);
    }
    getPublicKey(_) {
      InvalidInvocation(_);
      return __privateGet(this, _publicKey);
    }
    getSeed(_) {
      InvalidInvocation(_);
      return slice(__privateGet(this, _seed));
    }
    getT(_) {
      InvalidInvocation(_);
      return __privateGet(this, _t);
    }
    getPq(_) {
      InvalidInvocation(_);
      return __privateGet(this, _pq);
    }
  };
  _algorithm = new WeakMap();
  _type = new WeakMap();
  _extractable = new WeakMap();
  _t = new WeakMap();
  _pq = new WeakMap();
  _seed = new WeakMap();
  _publicKey = new WeakMap();
  _HybridKey_static = new WeakSet();
  isValid_fn = function(key) {
    return __privateGet(key, _algorithm) !== void 0;
  };
  __privateAdd(_HybridKey, _HybridKey_static);
  var HybridKey = _HybridKey;
  function split(N1, N2, x) {
    if (x.byteLength !== N1 + N2) {
      throw new Error("x.byteLength !== N1 + N2");
    }
    const x1 = slice(x, 0, N1);
    const x2 = slice(x, -N2);
    return [x1, x2];
  }
  async function expandDecapsKeyG(kem, seed) {
    const Nout = kem.pq.Nseed + kem.t.Nseed;
    const bits = Nout << 3;
    const algorithm = { name: "cSHAKE256", length: bits, outputLength: bits };
    const seed_full = await subtle((c) => c.digest(algorithm, seed), kem.name);
    const [seed_PQ, seed_T] = split(kem.pq.Nseed, kem.t.Nseed, new Uint8Array(seed_full));
    const format = "raw-seed";
    const usages = ["decapsulateBits", "encapsulateBits"];
    const dk_PQ = await subtle(
      (c) => c.importKey(format, seed_PQ, kem.pq.algorithm, true, [usages[0]]),
      kem.name
    );
    const ek_PQ = await getPublicKey(kem.name, dk_PQ, [usages[1]]);
    const sk = kem.t.RandomScalar?.(seed_T) ?? seed_T;
    const { privateKey: dk_T, publicKey: ek_T } = await kem.t.GetKeyPair(sk);
    return { ek_PQ, ek_T, dk_PQ, dk_T };
  }
  async function C2PRICombiner(kem, ss_PQ, ss_T, ct_T, _ek_T, label) {
    const ek_T = new Uint8Array(await subtle((c) => c.exportKey("raw", _ek_T), kem.name));
    const data = concat2(ss_PQ, ss_T, ct_T, ek_T, label);
    return new Uint8Array(await subtle((c) => c.digest("SHA3-256", data), kem.name));
  }
  async function prepareEncapsG(kem, ek_PQ, ek_T) {
    const res = await subtle(
      (c) => c.encapsulateBits(kem.pq.algorithm, ek_PQ),
      kem.name
    );
    const ss_PQ = new Uint8Array(res.sharedKey);
    const ct_PQ = new Uint8Array(res.ciphertext);
    const { privateKey: sk_E, publicKey } = await subtle(
      (c) => c.generateKey(kem.t.algorithm, true, ["deriveBits"]),
      kem.name
    );
    const ct_T = new Uint8Array(await subtle((c) => c.exportKey("raw", publicKey), kem.name));
    const ss_T = new Uint8Array(
      await subtle(
        (c) => c.deriveBits({ name: kem.t.algorithm.name, public: ek_T }, sk_E, kem.t.Nss << 3),
        kem.name
      )
    );
    return [ss_PQ, ss_T, ct_PQ, ct_T];
  }
  async function prepareDecapsG(kem, dk_PQ, dk_T, ct_PQ, ct_T) {
    const ss_PQ = new Uint8Array(
      await subtle(
        (c) => c.decapsulateBits(kem.pq.algorithm, dk_PQ, ct_PQ),
        kem.name
      )
    );
    const pub = await subtle(
      (c) => c.importKey("raw", ct_T, kem.t.algorithm, true, []),
      kem.name
    );
    const ss_T = new Uint8Array(
      await subtle(
        (c) => c.deriveBits({ name: kem.t.algorithm.name, public: pub }, dk_T, kem.t.Nss << 3),
        kem.name
      )
    );
    return [ss_PQ, ss_T];
  }
  function COMPOSITE_HYBRID_KEM_SHARED() {
    Object.freeze(HybridKey.prototype);
    return {
      async DeriveKeyPair(ikm, extractable) {
        const seed = await LabeledDerive(
          this.kdf,
          this.suite_id,
          ikm,
          L_DeriveKeyPair,
          new Uint8Array(),
          32
        );
        const { ek_PQ, ek_T, dk_PQ, dk_T } = await expandDecapsKeyG(this, seed);
        const publicKey = new HybridKey(priv, this.algorithm, "public", true, ek_PQ, ek_T);
        const privateKey = new HybridKey(
          priv,
          this.algorithm,
          "private",
          extractable,
          dk_PQ,
          dk_T,
          seed,
          publicKey
        );
        return { privateKey, publicKey };
      },
      async GenerateKeyPair(extractable) {
        return await this.DeriveKeyPair(crypto.getRandomValues(new Uint8Array(32)), extractable);
      },
      async SerializePublicKey(key) {
        assertKeyAlgorithm(key, this.algorithm);
        HybridKey.validate(key, true);
        const format = "raw-public";
        const ek_PQ = new Uint8Array(
          await subtle((c) => c.exportKey(format, key.getPq(priv)), this.name)
        );
        const ek_T = new Uint8Array(
          await subtle((c) => c.exportKey("raw", key.getT(priv)), this.name)
        );
        return concat2(ek_PQ, ek_T);
      },
      async DeserializePublicKey(key) {
        const format = "raw-public";
        const usages = ["encapsulateBits"];
        const pubPq = key.subarray(0, this.pq.Npk);
        const pubT = key.subarray(this.pq.Npk);
        const [ek_PQ, ek_T] = await Promise.all([
          subtle((c) => c.importKey(format, pubPq, this.pq.algorithm, true, usages), this.name),
          subtle((c) => c.importKey("raw", pubT, this.t.algorithm, true, []), this.name)
        ]);
        return new HybridKey(priv, this.algorithm, "public", true, ek_PQ, ek_T);
      },
      async SerializePrivateKey(key) {
        assertKeyAlgorithm(key, this.algorithm);
        HybridKey.validate(key, true);
        return key.getSeed(priv);
      },
      async DeserializePrivateKey(key, extractable) {
        const seed = slice(key);
        const { ek_PQ, ek_T, dk_PQ, dk_T } = await expandDecapsKeyG(this, seed);
        const publicKey = new HybridKey(priv, this.algorithm, "public", true, ek_PQ, ek_T);
        const privateKey = new HybridKey(
          priv,
          this.algorithm,
          "private",
          extractable,
          dk_PQ,
          dk_T,
          seed,
          publicKey
        );
        return privateKey;
      },
      async Encap(pkR) {
        assertKeyAlgorithm(pkR, this.algorithm);
        HybridKey.validate(pkR);
        const ek_PQ = pkR.getPq(priv);
        const ek_T = pkR.getT(priv);
        const [ss_PQ, ss_T, ct_PQ, ct_T] = await prepareEncapsG(this, ek_PQ, ek_T);
        const ss_H = await C2PRICombiner(this, ss_PQ, ss_T, ct_T, ek_T, this.label);
        const ct_H = concat2(ct_PQ, ct_T);
        return { shared_secret: ss_H, enc: ct_H };
      },
      async Decap(enc, skR, pkR) {
        assertKeyAlgorithm(skR, this.algorithm);
        HybridKey.validate(skR);
        if (pkR) {
          assertKeyAlgorithm(pkR, this.algorithm);
          HybridKey.validate(pkR);
        }
        const [ct_PQ, ct_T] = split(this.pq.Nct, this.t.Nct, enc);
        const ek = pkR ?? skR.getPublicKey(priv);
        const ek_T = ek.getT(priv);
        const dk_PQ = skR.getPq(priv);
        const dk_T = skR.getT(priv);
        const [ss_PQ, ss_T] = await prepareDecapsG(this, dk_PQ, dk_T, ct_PQ, ct_T);
        const ss_H = await C2PRICombiner(this, ss_PQ, ss_T, ct_T, ek_T, this.label);
        return ss_H;
      }
    };
  }
  function createCompositeHybridKEM(parameters) {
    const kdf = KDF_SHAKE256();
    kdf.name = parameters.name;
    return {
      ...parameters,
      suite_id: concat2(L_KEM, I2OSP(parameters.id, 2)),
      type: "KEM",
      algorithm: { name: parameters.name },
      kdf,
      ...COMPOSITE_HYBRID_KEM_SHARED()
    };
  }
  var KEM_MLKEM768_X25519 = function() {
    const id2 = 25722;
    const name = "MLKEM768-X25519";
    const Nsecret = 32;
    const Nenc = 1120;
    const Npk = 1216;
    const Nsk = 32;
    const kem = { id: id2, name, Nsecret, Nenc, Npk, Nsk };
    if (SubtleCrypto.supports?.("generateKey", name) ?? false) {
      return createDirectKEM(kem);
    }
    const pkcs8 = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32);
    return createCompositeHybridKEM({
      ...kem,
      pq: { algorithm: { name: "ML-KEM-768" }, Nseed: 64, Npk: 1184, Nct: 1088 },
      t: {
        algorithm: { name: "X25519" },
        Nseed: 32,
        Npk: 32,
        Nss: 32,
        Nsk: 32,
        Nct: 32,
        async GetKeyPair(sk) {
          const privateKey = await CurveKeyFromD(name, this.Nsk, pkcs8, this.algorithm, sk, true);
          const publicKey = await getPublicKey(name, privateKey, []);
          return { privateKey, publicKey };
        }
      },
      label: Uint8Array.of(92, 46, 47, 47, 94, 92)
    });
  };

  // node_modules/@noble/hashes/_u64.js
  var U32_MASK64 = /* @__PURE__ */ (() => BigInt(2 ** 32 - 1))();
  var _32n = /* @__PURE__ */ BigInt(32);
  function fromBig(n, le = false) {
    if (le)
      return { h: Number(n & U32_MASK64), l: Number(n >> _32n & U32_MASK64) };
    return { h: Number(n >> _32n & U32_MASK64) | 0, l: Number(n & U32_MASK64) | 0 };
  }
  function split2(lst, le = false) {
    const len = lst.length;
    let Ah = new Uint32Array(len);
    let Al = new Uint32Array(len);
    for (let i = 0; i < len; i++) {
      const { h, l } = fromBig(lst[i], le);
      [Ah[i], Al[i]] = [h, l];
    }
    return [Ah, Al];
  }

  // node_modules/@noble/hashes/utils.js
  function isBytes(a) {
    return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
  }
  var atitle = (title) => title ? `"${title}" ` : "";
  function anumber(n, title = "") {
    if (typeof n !== "number")
      throw new TypeError(atitle(title) + "expected number, got " + typeof n);
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
    return n;
  }
  function abool(value, title = "") {
    if (typeof value !== "boolean")
      throw new TypeError(atitle(title) + "expected boolean, got type=" + typeof value);
    return value;
  }
  function abytes(value, length, title = "") {
    if (isBytes(value) && (length === void 0 || value.length === length))
      return value;
    if (length !== void 0)
      anumber(length, "length");
    const bytes = isBytes(value);
    const ofLen = length !== void 0 ? ` of length ${length}` : "";
    const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
    const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
    if (!bytes)
      throw new TypeError(message);
    throw new RangeError(message);
  }
  var aobject = (value, label) => {
    if (value === null || typeof value !== "object" || Array.isArray(value))
      throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
  };
  var aopts = (value, label) => {
    aobject(value, label);
    const proto = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null)
      throw new TypeError(`"${label}" expected plain object`);
    if (Object.hasOwn(value, "__proto__"))
      throw new TypeError(`"${label}.__proto__" is not allowed`);
  };
  function aexists(instance, checkFinished = true) {
    if (instance.destroyed)
      throw new Error("hash was destroyed");
    if (checkFinished && instance.finished)
      throw new Error("digest() was already called");
  }
  function aoutput(out, instance) {
    abytes(out, void 0, "output");
    const min = instance.outputLen;
    if (!(out.length >= min)) {
      throw new RangeError('"output" expected length >= ' + min);
    }
  }
  function u32(arr) {
    return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
  }
  function clean(...arrays) {
    for (let i = 0; i < arrays.length; i++) {
      arrays[i].fill(0);
    }
  }
  var isLE = /* @__PURE__ */ (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
  function byteSwap(word) {
    return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
  }
  function byteSwap32(arr) {
    for (let i = 0; i < arr.length; i++) {
      arr[i] = byteSwap(arr[i]);
    }
    return arr;
  }
  var swap32IfBE = isLE ? (u) => u : byteSwap32;
  function checkOpts(defaults, opts2, title = "opts") {
    aopts(defaults, "defaults");
    if (opts2 !== void 0)
      aopts(opts2, title);
    const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts2);
    return merged;
  }
  function createHasher(hashCons, info = {}) {
    if (typeof hashCons !== "function")
      throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
    info = checkOpts({}, info, "info");
    const hashC = (msg, opts2) => hashCons(opts2).update(msg).digest();
    const tmp = hashCons(void 0);
    hashC.outputLen = tmp.outputLen;
    hashC.blockLen = tmp.blockLen;
    hashC.canXOF = tmp.canXOF;
    hashC.create = (opts2) => hashCons(opts2);
    Object.assign(hashC, info);
    return Object.freeze(hashC);
  }
  var oidNist = (suffix) => ({
    // Current NIST hashAlgs suffixes used here fit in one DER subidentifier octet.
    // Larger suffix values would need base-128 OID encoding and a different length byte.
    oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
  });

  // node_modules/@noble/hashes/sha3.js
  var _0n = BigInt(0);
  var _1n = BigInt(1);
  var _2n = BigInt(2);
  var _7n = BigInt(7);
  var _256n = BigInt(256);
  var _0x71n = BigInt(113);
  var SHA3_PI = [];
  var SHA3_ROTL = [];
  var _SHA3_IOTA = [];
  for (let round = 0, R = _1n, x = 1, y = 0; round < 24; round++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    SHA3_PI.push(2 * (5 * y + x));
    SHA3_ROTL.push((round + 1) * (round + 2) / 2 % 64);
    let t = _0n;
    for (let j = 0; j < 7; j++) {
      R = (R << _1n ^ (R >> _7n) * _0x71n) % _256n;
      if (R & _2n)
        t ^= _1n << (_1n << BigInt(j)) - _1n;
    }
    _SHA3_IOTA.push(t);
  }
  var IOTAS = split2(_SHA3_IOTA, true);
  var SHA3_IOTA_H = IOTAS[0];
  var SHA3_IOTA_L = IOTAS[1];
  var rotlSH = (h, l, s) => h << s | l >>> 32 - s;
  var rotlSL = (h, l, s) => l << s | h >>> 32 - s;
  var rotlBH = (h, l, s) => l << s - 32 | h >>> 64 - s;
  var rotlBL = (h, l, s) => h << s - 32 | l >>> 64 - s;
  var rotlH = (h, l, s) => s > 32 ? rotlBH(h, l, s) : rotlSH(h, l, s);
  var rotlL = (h, l, s) => s > 32 ? rotlBL(h, l, s) : rotlSL(h, l, s);
  var B = new Uint32Array(5 * 2);
  function keccakP(s, rounds = 24) {
    if (!(s instanceof Uint32Array))
      throw new TypeError('"s" expected Uint32Array(50), got type=' + typeof s);
    if (s.length !== 50)
      throw new RangeError('"s" expected Uint32Array(50), got length=' + s.length);
    anumber(rounds, "rounds");
    if (rounds < 1 || rounds > 24)
      throw new Error('"rounds" expected integer 1..24');
    for (let round = 24 - rounds; round < 24; round++) {
      for (let x = 0; x < 10; x++)
        B[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
      for (let x = 0; x < 10; x += 2) {
        const idx1 = (x + 8) % 10;
        const idx0 = (x + 2) % 10;
        const B0 = B[idx0];
        const B1 = B[idx0 + 1];
        const Th = rotlH(B0, B1, 1) ^ B[idx1];
        const Tl = rotlL(B0, B1, 1) ^ B[idx1 + 1];
        for (let y = 0; y < 50; y += 10) {
          s[x + y] ^= Th;
          s[x + y + 1] ^= Tl;
        }
      }
      let curH = s[2];
      let curL = s[3];
      for (let t = 0; t < 24; t++) {
        const shift = SHA3_ROTL[t];
        const Th = rotlH(curH, curL, shift);
        const Tl = rotlL(curH, curL, shift);
        const PI = SHA3_PI[t];
        curH = s[PI];
        curL = s[PI + 1];
        s[PI] = Th;
        s[PI + 1] = Tl;
      }
      for (let y = 0; y < 50; y += 10) {
        const b0 = s[y], b1 = s[y + 1], b2 = s[y + 2], b3 = s[y + 3];
        s[y] ^= ~s[y + 2] & s[y + 4];
        s[y + 1] ^= ~s[y + 3] & s[y + 5];
        s[y + 2] ^= ~s[y + 4] & s[y + 6];
        s[y + 3] ^= ~s[y + 5] & s[y + 7];
        s[y + 4] ^= ~s[y + 6] & s[y + 8];
        s[y + 5] ^= ~s[y + 7] & s[y + 9];
        s[y + 6] ^= ~s[y + 8] & b0;
        s[y + 7] ^= ~s[y + 9] & b1;
        s[y + 8] ^= ~b0 & b2;
        s[y + 9] ^= ~b1 & b3;
      }
      s[0] ^= SHA3_IOTA_H[round];
      s[1] ^= SHA3_IOTA_L[round];
    }
    clean(B);
  }
  var Keccak = class _Keccak {
    // NOTE: we accept arguments in bytes instead of bits here.
    constructor(blockLen, suffix, outputLen, enableXOF = false, rounds = 24) {
      __publicField(this, "state");
      __publicField(this, "pos", 0);
      __publicField(this, "posOut", 0);
      __publicField(this, "finished", false);
      __publicField(this, "state32");
      __publicField(this, "destroyed", false);
      __publicField(this, "blockLen");
      __publicField(this, "suffix");
      __publicField(this, "outputLen");
      __publicField(this, "canXOF");
      __publicField(this, "enableXOF", false);
      __publicField(this, "rounds");
      anumber(blockLen, "blockLen");
      anumber(suffix, "suffix");
      anumber(rounds, "rounds");
      abool(enableXOF, "enableXOF");
      this.blockLen = blockLen;
      this.suffix = suffix;
      this.outputLen = outputLen;
      this.enableXOF = enableXOF;
      this.canXOF = enableXOF;
      this.rounds = rounds;
      anumber(outputLen, "outputLen");
      if (!(0 < blockLen && blockLen < 200))
        throw new Error('"blockLen" must be 1..199');
      this.state = new Uint8Array(200);
      this.state32 = u32(this.state);
    }
    clone() {
      return this._cloneInto();
    }
    keccak() {
      swap32IfBE(this.state32);
      keccakP(this.state32, this.rounds);
      swap32IfBE(this.state32);
      this.posOut = 0;
      this.pos = 0;
    }
    update(data) {
      aexists(this);
      abytes(data);
      const { blockLen, state, state32 } = this;
      const len = data.length;
      const canUseU32 = blockLen % 4 === 0 && data.byteOffset % 4 === 0;
      const blockLen32 = blockLen / 4;
      const data32 = canUseU32 && len >= blockLen ? u32(data) : void 0;
      for (let pos = 0; pos < len; ) {
        if (data32 !== void 0 && this.pos === 0 && pos % 4 === 0 && len - pos >= blockLen) {
          for (let i = 0, o = pos / 4; i < blockLen32; i++)
            state32[i] ^= data32[o + i];
          pos += blockLen;
          this.pos = blockLen;
          this.keccak();
          continue;
        }
        const take = Math.min(blockLen - this.pos, len - pos);
        for (let i = 0; i < take; i++)
          state[this.pos++] ^= data[pos++];
        if (this.pos === blockLen)
          this.keccak();
      }
      return this;
    }
    finish() {
      if (this.finished)
        return;
      this.finished = true;
      const { state, suffix, pos, blockLen } = this;
      state[pos] ^= suffix;
      if ((suffix & 128) !== 0 && pos === blockLen - 1)
        this.keccak();
      state[blockLen - 1] ^= 128;
      this.keccak();
    }
    writeInto(out) {
      aexists(this, false);
      abytes(out);
      this.finish();
      const bufferOut = this.state;
      const { blockLen } = this;
      for (let pos = 0, len = out.length; pos < len; ) {
        if (this.posOut >= blockLen)
          this.keccak();
        const take = Math.min(blockLen - this.posOut, len - pos);
        out.set(bufferOut.subarray(this.posOut, this.posOut + take), pos);
        this.posOut += take;
        pos += take;
      }
      return out;
    }
    xofInto(out) {
      if (!this.enableXOF)
        throw new Error("XOF is not enabled");
      return this.writeInto(out);
    }
    xof(bytes) {
      anumber(bytes);
      return this.xofInto(new Uint8Array(bytes));
    }
    digestInto(out) {
      aoutput(out, this);
      if (this.finished)
        throw new Error("digest() was already called");
      this.writeInto(out.length === this.outputLen ? out : out.subarray(0, this.outputLen));
      this.destroy();
    }
    digest() {
      const out = new Uint8Array(this.outputLen);
      this.digestInto(out);
      return out;
    }
    destroy() {
      this.destroyed = true;
      clean(this.state);
    }
    _cloneInto(to) {
      const { blockLen, suffix, outputLen, rounds, enableXOF } = this;
      to || (to = new _Keccak(blockLen, suffix, outputLen, enableXOF, rounds));
      to.blockLen = blockLen;
      to.state32.set(this.state32);
      to.pos = this.pos;
      to.posOut = this.posOut;
      to.finished = this.finished;
      to.rounds = rounds;
      to.suffix = suffix;
      to.outputLen = outputLen;
      to.enableXOF = enableXOF;
      to.canXOF = this.canXOF;
      to.destroyed = this.destroyed;
      return to;
    }
  };
  var genShake = (suffix, blockLen, outputLen, info = {}) => createHasher((opts2 = {}) => {
    opts2 = checkOpts({}, opts2);
    return new Keccak(blockLen, suffix, opts2.dkLen === void 0 ? outputLen : opts2.dkLen, true);
  }, info);
  var shake256 = /* @__PURE__ */ genShake(31, 136, 32, /* @__PURE__ */ oidNist(12));

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/_u64.js
  var U32_MASK642 = /* @__PURE__ */ BigInt(2 ** 32 - 1);
  var _32n2 = /* @__PURE__ */ BigInt(32);
  function fromBig2(n, le = false) {
    if (le)
      return { h: Number(n & U32_MASK642), l: Number(n >> _32n2 & U32_MASK642) };
    return { h: Number(n >> _32n2 & U32_MASK642) | 0, l: Number(n & U32_MASK642) | 0 };
  }
  function split3(lst, le = false) {
    const len = lst.length;
    let Ah = new Uint32Array(len);
    let Al = new Uint32Array(len);
    for (let i = 0; i < len; i++) {
      const { h, l } = fromBig2(lst[i], le);
      [Ah[i], Al[i]] = [h, l];
    }
    return [Ah, Al];
  }
  var shrSH = (h, _l, s) => h >>> s;
  var shrSL = (h, l, s) => h << 32 - s | l >>> s;
  var rotrSH = (h, l, s) => h >>> s | l << 32 - s;
  var rotrSL = (h, l, s) => h << 32 - s | l >>> s;
  var rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32;
  var rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
  var rotlSH2 = (h, l, s) => h << s | l >>> 32 - s;
  var rotlSL2 = (h, l, s) => l << s | h >>> 32 - s;
  var rotlBH2 = (h, l, s) => l << s - 32 | h >>> 64 - s;
  var rotlBL2 = (h, l, s) => h << s - 32 | l >>> 64 - s;
  function add(Ah, Al, Bh, Bl) {
    const l = (Al >>> 0) + (Bl >>> 0);
    return { h: Ah + Bh + (l / 2 ** 32 | 0) | 0, l: l | 0 };
  }
  var add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0);
  var add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0;
  var add4L = (Al, Bl, Cl, Dl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0);
  var add4H = (low, Ah, Bh, Ch, Dh) => Ah + Bh + Ch + Dh + (low / 2 ** 32 | 0) | 0;
  var add5L = (Al, Bl, Cl, Dl, El) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0) + (El >>> 0);
  var add5H = (low, Ah, Bh, Ch, Dh, Eh) => Ah + Bh + Ch + Dh + Eh + (low / 2 ** 32 | 0) | 0;

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/utils.js
  function isBytes2(a) {
    return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array";
  }
  function anumber2(n, title = "") {
    if (!Number.isSafeInteger(n) || n < 0) {
      const prefix2 = title && `"${title}" `;
      throw new Error(`${prefix2}expected integer >= 0, got ${n}`);
    }
  }
  function abytes2(value, length, title = "") {
    const bytes = isBytes2(value);
    const len = value?.length;
    const needsLen = length !== void 0;
    if (!bytes || needsLen && len !== length) {
      const prefix2 = title && `"${title}" `;
      const ofLen = needsLen ? ` of length ${length}` : "";
      const got = bytes ? `length=${len}` : `type=${typeof value}`;
      throw new Error(prefix2 + "expected Uint8Array" + ofLen + ", got " + got);
    }
    return value;
  }
  function ahash(h) {
    if (typeof h !== "function" || typeof h.create !== "function")
      throw new Error("Hash must wrapped by utils.createHasher");
    anumber2(h.outputLen);
    anumber2(h.blockLen);
  }
  function aexists2(instance, checkFinished = true) {
    if (instance.destroyed)
      throw new Error("Hash instance has been destroyed");
    if (checkFinished && instance.finished)
      throw new Error("Hash#digest() has already been called");
  }
  function aoutput2(out, instance) {
    abytes2(out, void 0, "digestInto() output");
    const min = instance.outputLen;
    if (out.length < min) {
      throw new Error('"digestInto() output" expected to be of length >=' + min);
    }
  }
  function u322(arr) {
    return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
  }
  function clean2(...arrays) {
    for (let i = 0; i < arrays.length; i++) {
      arrays[i].fill(0);
    }
  }
  function createView(arr) {
    return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
  }
  function rotr(word, shift) {
    return word << 32 - shift | word >>> shift;
  }
  var isLE2 = /* @__PURE__ */ (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
  function byteSwap2(word) {
    return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
  }
  function byteSwap322(arr) {
    for (let i = 0; i < arr.length; i++) {
      arr[i] = byteSwap2(arr[i]);
    }
    return arr;
  }
  var swap32IfBE2 = isLE2 ? (u) => u : byteSwap322;
  var hasHexBuiltin = /* @__PURE__ */ (() => (
    // @ts-ignore
    typeof Uint8Array.from([]).toHex === "function" && typeof Uint8Array.fromHex === "function"
  ))();
  var hexes = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
  function bytesToHex(bytes) {
    abytes2(bytes);
    if (hasHexBuiltin)
      return bytes.toHex();
    let hex = "";
    for (let i = 0; i < bytes.length; i++) {
      hex += hexes[bytes[i]];
    }
    return hex;
  }
  var asciis = { _0: 48, _9: 57, A: 65, F: 70, a: 97, f: 102 };
  function asciiToBase16(ch) {
    if (ch >= asciis._0 && ch <= asciis._9)
      return ch - asciis._0;
    if (ch >= asciis.A && ch <= asciis.F)
      return ch - (asciis.A - 10);
    if (ch >= asciis.a && ch <= asciis.f)
      return ch - (asciis.a - 10);
    return;
  }
  function hexToBytes(hex) {
    if (typeof hex !== "string")
      throw new Error("hex string expected, got " + typeof hex);
    if (hasHexBuiltin)
      return Uint8Array.fromHex(hex);
    const hl = hex.length;
    const al = hl / 2;
    if (hl % 2)
      throw new Error("hex string expected, got unpadded hex of length " + hl);
    const array = new Uint8Array(al);
    for (let ai = 0, hi = 0; ai < al; ai++, hi += 2) {
      const n1 = asciiToBase16(hex.charCodeAt(hi));
      const n2 = asciiToBase16(hex.charCodeAt(hi + 1));
      if (n1 === void 0 || n2 === void 0) {
        const char = hex[hi] + hex[hi + 1];
        throw new Error('hex string expected, got non-hex character "' + char + '" at index ' + hi);
      }
      array[ai] = n1 * 16 + n2;
    }
    return array;
  }
  function concatBytes(...arrays) {
    let sum = 0;
    for (let i = 0; i < arrays.length; i++) {
      const a = arrays[i];
      abytes2(a);
      sum += a.length;
    }
    const res = new Uint8Array(sum);
    for (let i = 0, pad = 0; i < arrays.length; i++) {
      const a = arrays[i];
      res.set(a, pad);
      pad += a.length;
    }
    return res;
  }
  function createHasher2(hashCons, info = {}) {
    const hashC = (msg, opts2) => hashCons(opts2).update(msg).digest();
    const tmp = hashCons(void 0);
    hashC.outputLen = tmp.outputLen;
    hashC.blockLen = tmp.blockLen;
    hashC.create = (opts2) => hashCons(opts2);
    Object.assign(hashC, info);
    return Object.freeze(hashC);
  }
  function randomBytes(bytesLength = 32) {
    const cr = typeof globalThis === "object" ? globalThis.crypto : null;
    if (typeof cr?.getRandomValues !== "function")
      throw new Error("crypto.getRandomValues must be defined");
    return cr.getRandomValues(new Uint8Array(bytesLength));
  }
  var oidNist2 = (suffix) => ({
    oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
  });

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/sha3.js
  var _0n2 = BigInt(0);
  var _1n2 = BigInt(1);
  var _2n2 = BigInt(2);
  var _7n2 = BigInt(7);
  var _256n2 = BigInt(256);
  var _0x71n2 = BigInt(113);
  var SHA3_PI2 = [];
  var SHA3_ROTL2 = [];
  var _SHA3_IOTA2 = [];
  for (let round = 0, R = _1n2, x = 1, y = 0; round < 24; round++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    SHA3_PI2.push(2 * (5 * y + x));
    SHA3_ROTL2.push((round + 1) * (round + 2) / 2 % 64);
    let t = _0n2;
    for (let j = 0; j < 7; j++) {
      R = (R << _1n2 ^ (R >> _7n2) * _0x71n2) % _256n2;
      if (R & _2n2)
        t ^= _1n2 << (_1n2 << BigInt(j)) - _1n2;
    }
    _SHA3_IOTA2.push(t);
  }
  var IOTAS2 = split3(_SHA3_IOTA2, true);
  var SHA3_IOTA_H2 = IOTAS2[0];
  var SHA3_IOTA_L2 = IOTAS2[1];
  var rotlH2 = (h, l, s) => s > 32 ? rotlBH2(h, l, s) : rotlSH2(h, l, s);
  var rotlL2 = (h, l, s) => s > 32 ? rotlBL2(h, l, s) : rotlSL2(h, l, s);
  function keccakP2(s, rounds = 24) {
    const B2 = new Uint32Array(5 * 2);
    for (let round = 24 - rounds; round < 24; round++) {
      for (let x = 0; x < 10; x++)
        B2[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
      for (let x = 0; x < 10; x += 2) {
        const idx1 = (x + 8) % 10;
        const idx0 = (x + 2) % 10;
        const B0 = B2[idx0];
        const B1 = B2[idx0 + 1];
        const Th = rotlH2(B0, B1, 1) ^ B2[idx1];
        const Tl = rotlL2(B0, B1, 1) ^ B2[idx1 + 1];
        for (let y = 0; y < 50; y += 10) {
          s[x + y] ^= Th;
          s[x + y + 1] ^= Tl;
        }
      }
      let curH = s[2];
      let curL = s[3];
      for (let t = 0; t < 24; t++) {
        const shift = SHA3_ROTL2[t];
        const Th = rotlH2(curH, curL, shift);
        const Tl = rotlL2(curH, curL, shift);
        const PI = SHA3_PI2[t];
        curH = s[PI];
        curL = s[PI + 1];
        s[PI] = Th;
        s[PI + 1] = Tl;
      }
      for (let y = 0; y < 50; y += 10) {
        for (let x = 0; x < 10; x++)
          B2[x] = s[y + x];
        for (let x = 0; x < 10; x++)
          s[y + x] ^= ~B2[(x + 2) % 10] & B2[(x + 4) % 10];
      }
      s[0] ^= SHA3_IOTA_H2[round];
      s[1] ^= SHA3_IOTA_L2[round];
    }
    clean2(B2);
  }
  var Keccak2 = class _Keccak {
    // NOTE: we accept arguments in bytes instead of bits here.
    constructor(blockLen, suffix, outputLen, enableXOF = false, rounds = 24) {
      __publicField(this, "state");
      __publicField(this, "pos", 0);
      __publicField(this, "posOut", 0);
      __publicField(this, "finished", false);
      __publicField(this, "state32");
      __publicField(this, "destroyed", false);
      __publicField(this, "blockLen");
      __publicField(this, "suffix");
      __publicField(this, "outputLen");
      __publicField(this, "enableXOF", false);
      __publicField(this, "rounds");
      this.blockLen = blockLen;
      this.suffix = suffix;
      this.outputLen = outputLen;
      this.enableXOF = enableXOF;
      this.rounds = rounds;
      anumber2(outputLen, "outputLen");
      if (!(0 < blockLen && blockLen < 200))
        throw new Error("only keccak-f1600 function is supported");
      this.state = new Uint8Array(200);
      this.state32 = u322(this.state);
    }
    clone() {
      return this._cloneInto();
    }
    keccak() {
      swap32IfBE2(this.state32);
      keccakP2(this.state32, this.rounds);
      swap32IfBE2(this.state32);
      this.posOut = 0;
      this.pos = 0;
    }
    update(data) {
      aexists2(this);
      abytes2(data);
      const { blockLen, state } = this;
      const len = data.length;
      for (let pos = 0; pos < len; ) {
        const take = Math.min(blockLen - this.pos, len - pos);
        for (let i = 0; i < take; i++)
          state[this.pos++] ^= data[pos++];
        if (this.pos === blockLen)
          this.keccak();
      }
      return this;
    }
    finish() {
      if (this.finished)
        return;
      this.finished = true;
      const { state, suffix, pos, blockLen } = this;
      state[pos] ^= suffix;
      if ((suffix & 128) !== 0 && pos === blockLen - 1)
        this.keccak();
      state[blockLen - 1] ^= 128;
      this.keccak();
    }
    writeInto(out) {
      aexists2(this, false);
      abytes2(out);
      this.finish();
      const bufferOut = this.state;
      const { blockLen } = this;
      for (let pos = 0, len = out.length; pos < len; ) {
        if (this.posOut >= blockLen)
          this.keccak();
        const take = Math.min(blockLen - this.posOut, len - pos);
        out.set(bufferOut.subarray(this.posOut, this.posOut + take), pos);
        this.posOut += take;
        pos += take;
      }
      return out;
    }
    xofInto(out) {
      if (!this.enableXOF)
        throw new Error("XOF is not possible for this instance");
      return this.writeInto(out);
    }
    xof(bytes) {
      anumber2(bytes);
      return this.xofInto(new Uint8Array(bytes));
    }
    digestInto(out) {
      aoutput2(out, this);
      if (this.finished)
        throw new Error("digest() was already called");
      this.writeInto(out);
      this.destroy();
      return out;
    }
    digest() {
      return this.digestInto(new Uint8Array(this.outputLen));
    }
    destroy() {
      this.destroyed = true;
      clean2(this.state);
    }
    _cloneInto(to) {
      const { blockLen, suffix, outputLen, rounds, enableXOF } = this;
      to || (to = new _Keccak(blockLen, suffix, outputLen, enableXOF, rounds));
      to.state32.set(this.state32);
      to.pos = this.pos;
      to.posOut = this.posOut;
      to.finished = this.finished;
      to.rounds = rounds;
      to.suffix = suffix;
      to.outputLen = outputLen;
      to.enableXOF = enableXOF;
      to.destroyed = this.destroyed;
      return to;
    }
  };
  var genKeccak = (suffix, blockLen, outputLen, info = {}) => createHasher2(() => new Keccak2(blockLen, suffix, outputLen), info);
  var sha3_256 = /* @__PURE__ */ genKeccak(
    6,
    136,
    32,
    /* @__PURE__ */ oidNist2(8)
  );
  var sha3_512 = /* @__PURE__ */ genKeccak(
    6,
    72,
    64,
    /* @__PURE__ */ oidNist2(10)
  );
  var genShake2 = (suffix, blockLen, outputLen, info = {}) => createHasher2((opts2 = {}) => new Keccak2(blockLen, suffix, opts2.dkLen === void 0 ? outputLen : opts2.dkLen, true), info);
  var shake128 = /* @__PURE__ */ genShake2(31, 168, 16, /* @__PURE__ */ oidNist2(11));
  var shake2562 = /* @__PURE__ */ genShake2(31, 136, 32, /* @__PURE__ */ oidNist2(12));

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/abstract/fft.js
  function checkU32(n) {
    if (!Number.isSafeInteger(n) || n < 0 || n > 4294967295)
      throw new Error("wrong u32 integer:" + n);
    return n;
  }
  function isPowerOfTwo(x) {
    checkU32(x);
    return (x & x - 1) === 0 && x !== 0;
  }
  function reverseBits(n, bits) {
    checkU32(n);
    let reversed = 0;
    for (let i = 0; i < bits; i++, n >>>= 1)
      reversed = reversed << 1 | n & 1;
    return reversed;
  }
  function log2(n) {
    checkU32(n);
    return 31 - Math.clz32(n);
  }
  function bitReversalInplace(values) {
    const n = values.length;
    if (n < 2 || !isPowerOfTwo(n))
      throw new Error("n must be a power of 2 and greater than 1. Got " + n);
    const bits = log2(n);
    for (let i = 0; i < n; i++) {
      const j = reverseBits(i, bits);
      if (i < j) {
        const tmp = values[i];
        values[i] = values[j];
        values[j] = tmp;
      }
    }
    return values;
  }
  var FFTCore = (F2, coreOpts) => {
    const { N: N2, roots, dit, invertButterflies = false, skipStages = 0, brp = true } = coreOpts;
    const bits = log2(N2);
    if (!isPowerOfTwo(N2))
      throw new Error("FFT: Polynomial size should be power of two");
    const isDit = dit !== invertButterflies;
    isDit;
    return (values) => {
      if (values.length !== N2)
        throw new Error("FFT: wrong Polynomial length");
      if (dit && brp)
        bitReversalInplace(values);
      for (let i = 0, g = 1; i < bits - skipStages; i++) {
        const s = dit ? i + 1 + skipStages : bits - i;
        const m = 1 << s;
        const m2 = m >> 1;
        const stride = N2 >> s;
        for (let k = 0; k < N2; k += m) {
          for (let j = 0, grp = g++; j < m2; j++) {
            const rootPos = invertButterflies ? dit ? N2 - grp : grp : j * stride;
            const i0 = k + j;
            const i1 = k + j + m2;
            const omega = roots[rootPos];
            const b = values[i1];
            const a = values[i0];
            if (isDit) {
              const t = F2.mul(b, omega);
              values[i0] = F2.add(a, t);
              values[i1] = F2.sub(a, t);
            } else if (invertButterflies) {
              values[i0] = F2.add(b, a);
              values[i1] = F2.mul(F2.sub(b, a), omega);
            } else {
              values[i0] = F2.add(a, b);
              values[i1] = F2.mul(F2.sub(a, b), omega);
            }
          }
        }
      }
      if (!dit && brp)
        bitReversalInplace(values);
      return values;
    };
  };

  // node_modules/@noble/post-quantum/utils.js
  var randomBytes2 = randomBytes;
  function equalBytes(a, b) {
    if (a.length !== b.length)
      return false;
    let diff = 0;
    for (let i = 0; i < a.length; i++)
      diff |= a[i] ^ b[i];
    return diff === 0;
  }
  function copyBytes(bytes) {
    return Uint8Array.from(bytes);
  }
  function splitCoder(label, ...lengths) {
    const getLength = (c) => typeof c === "number" ? c : c.bytesLen;
    const bytesLen = lengths.reduce((sum, a) => sum + getLength(a), 0);
    return {
      bytesLen,
      encode: (bufs) => {
        const res = new Uint8Array(bytesLen);
        for (let i = 0, pos = 0; i < lengths.length; i++) {
          const c = lengths[i];
          const l = getLength(c);
          const b = typeof c === "number" ? bufs[i] : c.encode(bufs[i]);
          abytes2(b, l, label);
          res.set(b, pos);
          if (typeof c !== "number")
            b.fill(0);
          pos += l;
        }
        return res;
      },
      decode: (buf) => {
        abytes2(buf, bytesLen, label);
        const res = [];
        for (const c of lengths) {
          const l = getLength(c);
          const b = buf.subarray(0, l);
          res.push(typeof c === "number" ? b : c.decode(b));
          buf = buf.subarray(l);
        }
        return res;
      }
    };
  }
  function vecCoder(c, vecLen) {
    const bytesLen = vecLen * c.bytesLen;
    return {
      bytesLen,
      encode: (u) => {
        if (u.length !== vecLen)
          throw new Error(`vecCoder.encode: wrong length=${u.length}. Expected: ${vecLen}`);
        const res = new Uint8Array(bytesLen);
        for (let i = 0, pos = 0; i < u.length; i++) {
          const b = c.encode(u[i]);
          res.set(b, pos);
          b.fill(0);
          pos += b.length;
        }
        return res;
      },
      decode: (a) => {
        abytes2(a, bytesLen);
        const r = [];
        for (let i = 0; i < a.length; i += c.bytesLen)
          r.push(c.decode(a.subarray(i, i + c.bytesLen)));
        return r;
      }
    };
  }
  function cleanBytes(...list) {
    for (const t of list) {
      if (Array.isArray(t))
        for (const b of t)
          b.fill(0);
      else
        t.fill(0);
    }
  }
  function getMask(bits) {
    return (1 << bits) - 1;
  }
  var EMPTY = Uint8Array.of();

  // node_modules/@noble/post-quantum/_crystals.js
  var genCrystals = (opts2) => {
    const { newPoly, N: N2, Q: Q2, F: F2, ROOT_OF_UNITY: ROOT_OF_UNITY2, brvBits, isKyber } = opts2;
    const mod3 = (a, modulo = Q2) => {
      const result = a % modulo | 0;
      return (result >= 0 ? result | 0 : modulo + result | 0) | 0;
    };
    const smod = (a, modulo = Q2) => {
      const r = mod3(a, modulo) | 0;
      return (r > modulo >> 1 ? r - modulo | 0 : r) | 0;
    };
    function getZettas() {
      const out = newPoly(N2);
      for (let i = 0; i < N2; i++) {
        const b = reverseBits(i, brvBits);
        const p = BigInt(ROOT_OF_UNITY2) ** BigInt(b) % BigInt(Q2);
        out[i] = Number(p) | 0;
      }
      return out;
    }
    const nttZetas2 = getZettas();
    const field = {
      add: (a, b) => mod3((a | 0) + (b | 0)) | 0,
      sub: (a, b) => mod3((a | 0) - (b | 0)) | 0,
      mul: (a, b) => mod3((a | 0) * (b | 0)) | 0,
      inv: (_a) => {
        throw new Error("not implemented");
      }
    };
    const nttOpts = {
      N: N2,
      roots: nttZetas2,
      invertButterflies: true,
      skipStages: isKyber ? 1 : 0,
      brp: false
    };
    const dif = FFTCore(field, { dit: false, ...nttOpts });
    const dit = FFTCore(field, { dit: true, ...nttOpts });
    const NTT2 = {
      encode: (r) => {
        return dif(r);
      },
      decode: (r) => {
        dit(r);
        for (let i = 0; i < r.length; i++)
          r[i] = mod3(F2 * r[i]);
        return r;
      }
    };
    const bitsCoder2 = (d, c) => {
      const mask = getMask(d);
      const bytesLen = d * (N2 / 8);
      return {
        bytesLen,
        encode: (poly) => {
          const r = new Uint8Array(bytesLen);
          for (let i = 0, buf = 0, bufLen = 0, pos = 0; i < poly.length; i++) {
            buf |= (c.encode(poly[i]) & mask) << bufLen;
            bufLen += d;
            for (; bufLen >= 8; bufLen -= 8, buf >>= 8)
              r[pos++] = buf & getMask(bufLen);
          }
          return r;
        },
        decode: (bytes) => {
          const r = newPoly(N2);
          for (let i = 0, buf = 0, bufLen = 0, pos = 0; i < bytes.length; i++) {
            buf |= bytes[i] << bufLen;
            bufLen += 8;
            for (; bufLen >= d; bufLen -= d, buf >>= d)
              r[pos++] = c.decode(buf & mask);
          }
          return r;
        }
      };
    };
    return { mod: mod3, smod, nttZetas: nttZetas2, NTT: NTT2, bitsCoder: bitsCoder2 };
  };
  var createXofShake = (shake) => (seed, blockLen) => {
    if (!blockLen)
      blockLen = shake.blockLen;
    const _seed3 = new Uint8Array(seed.length + 2);
    _seed3.set(seed);
    const seedLen = seed.length;
    const buf = new Uint8Array(blockLen);
    let h = shake.create({});
    let calls = 0;
    let xofs = 0;
    return {
      stats: () => ({ calls, xofs }),
      get: (x, y) => {
        _seed3[seedLen + 0] = x;
        _seed3[seedLen + 1] = y;
        h.destroy();
        h = shake.create({}).update(_seed3);
        calls++;
        return () => {
          xofs++;
          return h.xofInto(buf);
        };
      },
      clean: () => {
        h.destroy();
        cleanBytes(buf, _seed3);
      }
    };
  };
  var XOF128 = /* @__PURE__ */ createXofShake(shake128);

  // node_modules/@noble/post-quantum/ml-kem.js
  var N = 256;
  var Q = 3329;
  var F = 3303;
  var ROOT_OF_UNITY = 17;
  var { mod, nttZetas, NTT, bitsCoder } = genCrystals({
    N,
    Q,
    F,
    ROOT_OF_UNITY,
    newPoly: (n) => new Uint16Array(n),
    brvBits: 7,
    isKyber: true
  });
  var PARAMS = {
    512: { N, Q, K: 2, ETA1: 3, ETA2: 2, du: 10, dv: 4, RBGstrength: 128 },
    768: { N, Q, K: 3, ETA1: 2, ETA2: 2, du: 10, dv: 4, RBGstrength: 192 },
    1024: { N, Q, K: 4, ETA1: 2, ETA2: 2, du: 11, dv: 5, RBGstrength: 256 }
  };
  var compress = (d) => {
    if (d >= 12)
      return { encode: (i) => i, decode: (i) => i };
    const a = 2 ** (d - 1);
    return {
      // const compress = (i: number) => round((2 ** d / Q) * i) % 2 ** d;
      encode: (i) => ((i << d) + Q / 2) / Q,
      // const decompress = (i: number) => round((Q / 2 ** d) * i);
      decode: (i) => i * Q + a >>> d
    };
  };
  var polyCoder = (d) => bitsCoder(d, compress(d));
  function polyAdd(a, b) {
    for (let i = 0; i < N; i++)
      a[i] = mod(a[i] + b[i]);
  }
  function polySub(a, b) {
    for (let i = 0; i < N; i++)
      a[i] = mod(a[i] - b[i]);
  }
  function BaseCaseMultiply(a0, a1, b0, b1, zeta) {
    const c0 = mod(a1 * b1 * zeta + a0 * b0);
    const c1 = mod(a0 * b1 + a1 * b0);
    return { c0, c1 };
  }
  function MultiplyNTTs(f, g) {
    for (let i = 0; i < N / 2; i++) {
      let z = nttZetas[64 + (i >> 1)];
      if (i & 1)
        z = -z;
      const { c0, c1 } = BaseCaseMultiply(f[2 * i + 0], f[2 * i + 1], g[2 * i + 0], g[2 * i + 1], z);
      f[2 * i + 0] = c0;
      f[2 * i + 1] = c1;
    }
    return f;
  }
  function SampleNTT(xof) {
    const r = new Uint16Array(N);
    for (let j = 0; j < N; ) {
      const b = xof();
      if (b.length % 3)
        throw new Error("SampleNTT: unaligned block");
      for (let i = 0; j < N && i + 3 <= b.length; i += 3) {
        const d1 = (b[i + 0] >> 0 | b[i + 1] << 8) & 4095;
        const d2 = (b[i + 1] >> 4 | b[i + 2] << 4) & 4095;
        if (d1 < Q)
          r[j++] = d1;
        if (j < N && d2 < Q)
          r[j++] = d2;
      }
    }
    return r;
  }
  function sampleCBD(PRF, seed, nonce2, eta) {
    const buf = PRF(eta * N / 4, seed, nonce2);
    const r = new Uint16Array(N);
    const b32 = u322(buf);
    let len = 0;
    for (let i = 0, p = 0, bb = 0, t0 = 0; i < b32.length; i++) {
      let b = b32[i];
      for (let j = 0; j < 32; j++) {
        bb += b & 1;
        b >>= 1;
        len += 1;
        if (len === eta) {
          t0 = bb;
          bb = 0;
        } else if (len === 2 * eta) {
          r[p++] = mod(t0 - bb);
          bb = 0;
          len = 0;
        }
      }
    }
    if (len)
      throw new Error(`sampleCBD: leftover bits: ${len}`);
    return r;
  }
  var genKPKE = (opts2) => {
    const { K, PRF, XOF, HASH512, ETA1, ETA2, du, dv } = opts2;
    const poly1 = polyCoder(1);
    const polyV = polyCoder(dv);
    const polyU = polyCoder(du);
    const publicCoder = splitCoder("publicKey", vecCoder(polyCoder(12), K), 32);
    const secretCoder = vecCoder(polyCoder(12), K);
    const cipherCoder = splitCoder("ciphertext", vecCoder(polyU, K), polyV);
    const seedCoder = splitCoder("seed", 32, 32);
    return {
      secretCoder,
      lengths: {
        secretKey: secretCoder.bytesLen,
        publicKey: publicCoder.bytesLen,
        cipherText: cipherCoder.bytesLen
      },
      keygen: (seed) => {
        abytes2(seed, 32, "seed");
        const seedDst = new Uint8Array(33);
        seedDst.set(seed);
        seedDst[32] = K;
        const seedHash = HASH512(seedDst);
        const [rho, sigma] = seedCoder.decode(seedHash);
        const sHat = [];
        const tHat = [];
        for (let i = 0; i < K; i++)
          sHat.push(NTT.encode(sampleCBD(PRF, sigma, i, ETA1)));
        const x = XOF(rho);
        for (let i = 0; i < K; i++) {
          const e = NTT.encode(sampleCBD(PRF, sigma, K + i, ETA1));
          for (let j = 0; j < K; j++) {
            const aji = SampleNTT(x.get(j, i));
            polyAdd(e, MultiplyNTTs(aji, sHat[j]));
          }
          tHat.push(e);
        }
        x.clean();
        const res = {
          publicKey: publicCoder.encode([tHat, rho]),
          secretKey: secretCoder.encode(sHat)
        };
        cleanBytes(rho, sigma, sHat, tHat, seedDst, seedHash);
        return res;
      },
      encrypt: (publicKey, msg, seed) => {
        const [tHat, rho] = publicCoder.decode(publicKey);
        const rHat = [];
        for (let i = 0; i < K; i++)
          rHat.push(NTT.encode(sampleCBD(PRF, seed, i, ETA1)));
        const x = XOF(rho);
        const tmp2 = new Uint16Array(N);
        const u = [];
        for (let i = 0; i < K; i++) {
          const e1 = sampleCBD(PRF, seed, K + i, ETA2);
          const tmp = new Uint16Array(N);
          for (let j = 0; j < K; j++) {
            const aij = SampleNTT(x.get(i, j));
            polyAdd(tmp, MultiplyNTTs(aij, rHat[j]));
          }
          polyAdd(e1, NTT.decode(tmp));
          u.push(e1);
          polyAdd(tmp2, MultiplyNTTs(tHat[i], rHat[i]));
          cleanBytes(tmp);
        }
        x.clean();
        const e2 = sampleCBD(PRF, seed, 2 * K, ETA2);
        polyAdd(e2, NTT.decode(tmp2));
        const v = poly1.decode(msg);
        polyAdd(v, e2);
        cleanBytes(tHat, rHat, tmp2, e2);
        return cipherCoder.encode([u, v]);
      },
      decrypt: (cipherText, privateKey) => {
        const [u, v] = cipherCoder.decode(cipherText);
        const sk = secretCoder.decode(privateKey);
        const tmp = new Uint16Array(N);
        for (let i = 0; i < K; i++)
          polyAdd(tmp, MultiplyNTTs(sk[i], NTT.encode(u[i])));
        polySub(v, NTT.decode(tmp));
        cleanBytes(tmp, sk, u);
        return poly1.encode(v);
      }
    };
  };
  function createKyber(opts2) {
    const KPKE = genKPKE(opts2);
    const { HASH256, HASH512, KDF } = opts2;
    const { secretCoder: KPKESecretCoder, lengths } = KPKE;
    const secretCoder = splitCoder("secretKey", lengths.secretKey, lengths.publicKey, 32, 32);
    const msgLen = 32;
    const seedLen = 64;
    return {
      info: { type: "ml-kem" },
      lengths: {
        ...lengths,
        seed: 64,
        msg: msgLen,
        msgRand: msgLen,
        secretKey: secretCoder.bytesLen
      },
      keygen: (seed = randomBytes2(seedLen)) => {
        abytes2(seed, seedLen, "seed");
        const { publicKey, secretKey: sk } = KPKE.keygen(seed.subarray(0, 32));
        const publicKeyHash = HASH256(publicKey);
        const secretKey = secretCoder.encode([sk, publicKey, publicKeyHash, seed.subarray(32)]);
        cleanBytes(sk, publicKeyHash);
        return { publicKey, secretKey };
      },
      getPublicKey: (secretKey) => {
        const [_sk, publicKey, _publicKeyHash, _z] = secretCoder.decode(secretKey);
        return Uint8Array.from(publicKey);
      },
      encapsulate: (publicKey, msg = randomBytes2(msgLen)) => {
        abytes2(publicKey, lengths.publicKey, "publicKey");
        abytes2(msg, msgLen, "message");
        const eke = publicKey.subarray(0, 384 * opts2.K);
        const ek = KPKESecretCoder.encode(KPKESecretCoder.decode(copyBytes(eke)));
        if (!equalBytes(ek, eke)) {
          cleanBytes(ek);
          throw new Error("ML-KEM.encapsulate: wrong publicKey modulus");
        }
        cleanBytes(ek);
        const kr = HASH512.create().update(msg).update(HASH256(publicKey)).digest();
        const cipherText = KPKE.encrypt(publicKey, msg, kr.subarray(32, 64));
        cleanBytes(kr.subarray(32));
        return { cipherText, sharedSecret: kr.subarray(0, 32) };
      },
      decapsulate: (cipherText, secretKey) => {
        abytes2(secretKey, secretCoder.bytesLen, "secretKey");
        abytes2(cipherText, lengths.cipherText, "cipherText");
        const k768 = secretCoder.bytesLen - 96;
        const start = k768 + 32;
        const test = HASH256(secretKey.subarray(k768 / 2, start));
        if (!equalBytes(test, secretKey.subarray(start, start + 32)))
          throw new Error("invalid secretKey: hash check failed");
        const [sk, publicKey, publicKeyHash, z] = secretCoder.decode(secretKey);
        const msg = KPKE.decrypt(cipherText, sk);
        const kr = HASH512.create().update(msg).update(publicKeyHash).digest();
        const Khat = kr.subarray(0, 32);
        const cipherText2 = KPKE.encrypt(publicKey, msg, kr.subarray(32, 64));
        const isValid = equalBytes(cipherText, cipherText2);
        const Kbar = KDF.create({ dkLen: 32 }).update(z).update(cipherText).digest();
        cleanBytes(msg, cipherText2, !isValid ? Khat : Kbar);
        return isValid ? Khat : Kbar;
      }
    };
  }
  function shakePRF(dkLen, key, nonce2) {
    return shake2562.create({ dkLen }).update(key).update(new Uint8Array([nonce2])).digest();
  }
  var opts = {
    HASH256: sha3_256,
    HASH512: sha3_512,
    KDF: shake2562,
    XOF: XOF128,
    PRF: shakePRF
  };
  var ml_kem512 = /* @__PURE__ */ createKyber({
    ...opts,
    ...PARAMS[512]
  });
  var ml_kem768 = /* @__PURE__ */ createKyber({
    ...opts,
    ...PARAMS[768]
  });
  var ml_kem1024 = /* @__PURE__ */ createKyber({
    ...opts,
    ...PARAMS[1024]
  });

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/utils.js
  var _0n3 = /* @__PURE__ */ BigInt(0);
  var _1n3 = /* @__PURE__ */ BigInt(1);
  function abool2(value, title = "") {
    if (typeof value !== "boolean") {
      const prefix2 = title && `"${title}" `;
      throw new Error(prefix2 + "expected boolean, got type=" + typeof value);
    }
    return value;
  }
  function abignumber(n) {
    if (typeof n === "bigint") {
      if (!isPosBig(n))
        throw new Error("positive bigint expected, got " + n);
    } else
      anumber2(n);
    return n;
  }
  function numberToHexUnpadded(num) {
    const hex = abignumber(num).toString(16);
    return hex.length & 1 ? "0" + hex : hex;
  }
  function hexToNumber(hex) {
    if (typeof hex !== "string")
      throw new Error("hex string expected, got " + typeof hex);
    return hex === "" ? _0n3 : BigInt("0x" + hex);
  }
  function bytesToNumberBE(bytes) {
    return hexToNumber(bytesToHex(bytes));
  }
  function bytesToNumberLE(bytes) {
    return hexToNumber(bytesToHex(copyBytes2(abytes2(bytes)).reverse()));
  }
  function numberToBytesBE(n, len) {
    anumber2(len);
    n = abignumber(n);
    const res = hexToBytes(n.toString(16).padStart(len * 2, "0"));
    if (res.length !== len)
      throw new Error("number too large");
    return res;
  }
  function numberToBytesLE(n, len) {
    return numberToBytesBE(n, len).reverse();
  }
  function copyBytes2(bytes) {
    return Uint8Array.from(bytes);
  }
  function asciiToBytes(ascii2) {
    return Uint8Array.from(ascii2, (c, i) => {
      const charCode = c.charCodeAt(0);
      if (c.length !== 1 || charCode > 127) {
        throw new Error(`string contains non-ASCII character "${ascii2[i]}" with code ${charCode} at position ${i}`);
      }
      return charCode;
    });
  }
  var isPosBig = (n) => typeof n === "bigint" && _0n3 <= n;
  function inRange(n, min, max) {
    return isPosBig(n) && isPosBig(min) && isPosBig(max) && min <= n && n < max;
  }
  function aInRange(title, n, min, max) {
    if (!inRange(n, min, max))
      throw new Error("expected valid " + title + ": " + min + " <= n < " + max + ", got " + n);
  }
  function bitLen(n) {
    let len;
    for (len = 0; n > _0n3; n >>= _1n3, len += 1)
      ;
    return len;
  }
  var bitMask = (n) => (_1n3 << BigInt(n)) - _1n3;
  function createHmacDrbg(hashLen, qByteLen, hmacFn) {
    anumber2(hashLen, "hashLen");
    anumber2(qByteLen, "qByteLen");
    if (typeof hmacFn !== "function")
      throw new Error("hmacFn must be a function");
    const u8n = (len) => new Uint8Array(len);
    const NULL = Uint8Array.of();
    const byte0 = Uint8Array.of(0);
    const byte1 = Uint8Array.of(1);
    const _maxDrbgIters = 1e3;
    let v = u8n(hashLen);
    let k = u8n(hashLen);
    let i = 0;
    const reset = () => {
      v.fill(1);
      k.fill(0);
      i = 0;
    };
    const h = (...msgs) => hmacFn(k, concatBytes(v, ...msgs));
    const reseed = (seed = NULL) => {
      k = h(byte0, seed);
      v = h();
      if (seed.length === 0)
        return;
      k = h(byte1, seed);
      v = h();
    };
    const gen = () => {
      if (i++ >= _maxDrbgIters)
        throw new Error("drbg: tried max amount of iterations");
      let len = 0;
      const out = [];
      while (len < qByteLen) {
        v = h();
        const sl = v.slice();
        out.push(sl);
        len += v.length;
      }
      return concatBytes(...out);
    };
    const genUntil = (seed, pred) => {
      reset();
      reseed(seed);
      let res = void 0;
      while (!(res = pred(gen())))
        reseed();
      reset();
      return res;
    };
    return genUntil;
  }
  function validateObject(object, fields = {}, optFields = {}) {
    if (!object || typeof object !== "object")
      throw new Error("expected valid options object");
    function checkField(fieldName, expectedType, isOpt) {
      const val = object[fieldName];
      if (isOpt && val === void 0)
        return;
      const current = typeof val;
      if (current !== expectedType || val === null)
        throw new Error(`param "${fieldName}" is invalid: expected ${expectedType}, got ${current}`);
    }
    const iter = (f, isOpt) => Object.entries(f).forEach(([k, v]) => checkField(k, v, isOpt));
    iter(fields, false);
    iter(optFields, true);
  }
  function memoized(fn) {
    const map = /* @__PURE__ */ new WeakMap();
    return (arg, ...args) => {
      const val = map.get(arg);
      if (val !== void 0)
        return val;
      const computed = fn(arg, ...args);
      map.set(arg, computed);
      return computed;
    };
  }

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/abstract/modular.js
  var _0n4 = /* @__PURE__ */ BigInt(0);
  var _1n4 = /* @__PURE__ */ BigInt(1);
  var _2n3 = /* @__PURE__ */ BigInt(2);
  var _3n = /* @__PURE__ */ BigInt(3);
  var _4n = /* @__PURE__ */ BigInt(4);
  var _5n = /* @__PURE__ */ BigInt(5);
  var _7n3 = /* @__PURE__ */ BigInt(7);
  var _8n = /* @__PURE__ */ BigInt(8);
  var _9n = /* @__PURE__ */ BigInt(9);
  var _16n = /* @__PURE__ */ BigInt(16);
  function mod2(a, b) {
    const result = a % b;
    return result >= _0n4 ? result : b + result;
  }
  function pow2(x, power, modulo) {
    let res = x;
    while (power-- > _0n4) {
      res *= res;
      res %= modulo;
    }
    return res;
  }
  function invert(number, modulo) {
    if (number === _0n4)
      throw new Error("invert: expected non-zero number");
    if (modulo <= _0n4)
      throw new Error("invert: expected positive modulus, got " + modulo);
    let a = mod2(number, modulo);
    let b = modulo;
    let x = _0n4, y = _1n4, u = _1n4, v = _0n4;
    while (a !== _0n4) {
      const q = b / a;
      const r = b % a;
      const m = x - u * q;
      const n = y - v * q;
      b = a, a = r, x = u, y = v, u = m, v = n;
    }
    const gcd = b;
    if (gcd !== _1n4)
      throw new Error("invert: does not exist");
    return mod2(x, modulo);
  }
  function assertIsSquare(Fp, root, n) {
    if (!Fp.eql(Fp.sqr(root), n))
      throw new Error("Cannot find square root");
  }
  function sqrt3mod4(Fp, n) {
    const p1div4 = (Fp.ORDER + _1n4) / _4n;
    const root = Fp.pow(n, p1div4);
    assertIsSquare(Fp, root, n);
    return root;
  }
  function sqrt5mod8(Fp, n) {
    const p5div8 = (Fp.ORDER - _5n) / _8n;
    const n2 = Fp.mul(n, _2n3);
    const v = Fp.pow(n2, p5div8);
    const nv = Fp.mul(n, v);
    const i = Fp.mul(Fp.mul(nv, _2n3), v);
    const root = Fp.mul(nv, Fp.sub(i, Fp.ONE));
    assertIsSquare(Fp, root, n);
    return root;
  }
  function sqrt9mod16(P) {
    const Fp_ = Field(P);
    const tn = tonelliShanks(P);
    const c1 = tn(Fp_, Fp_.neg(Fp_.ONE));
    const c2 = tn(Fp_, c1);
    const c3 = tn(Fp_, Fp_.neg(c1));
    const c4 = (P + _7n3) / _16n;
    return (Fp, n) => {
      let tv1 = Fp.pow(n, c4);
      let tv2 = Fp.mul(tv1, c1);
      const tv3 = Fp.mul(tv1, c2);
      const tv4 = Fp.mul(tv1, c3);
      const e1 = Fp.eql(Fp.sqr(tv2), n);
      const e2 = Fp.eql(Fp.sqr(tv3), n);
      tv1 = Fp.cmov(tv1, tv2, e1);
      tv2 = Fp.cmov(tv4, tv3, e2);
      const e3 = Fp.eql(Fp.sqr(tv2), n);
      const root = Fp.cmov(tv1, tv2, e3);
      assertIsSquare(Fp, root, n);
      return root;
    };
  }
  function tonelliShanks(P) {
    if (P < _3n)
      throw new Error("sqrt is not defined for small field");
    let Q2 = P - _1n4;
    let S = 0;
    while (Q2 % _2n3 === _0n4) {
      Q2 /= _2n3;
      S++;
    }
    let Z = _2n3;
    const _Fp = Field(P);
    while (FpLegendre(_Fp, Z) === 1) {
      if (Z++ > 1e3)
        throw new Error("Cannot find square root: probably non-prime P");
    }
    if (S === 1)
      return sqrt3mod4;
    let cc = _Fp.pow(Z, Q2);
    const Q1div2 = (Q2 + _1n4) / _2n3;
    return function tonelliSlow(Fp, n) {
      if (Fp.is0(n))
        return n;
      if (FpLegendre(Fp, n) !== 1)
        throw new Error("Cannot find square root");
      let M = S;
      let c = Fp.mul(Fp.ONE, cc);
      let t = Fp.pow(n, Q2);
      let R = Fp.pow(n, Q1div2);
      while (!Fp.eql(t, Fp.ONE)) {
        if (Fp.is0(t))
          return Fp.ZERO;
        let i = 1;
        let t_tmp = Fp.sqr(t);
        while (!Fp.eql(t_tmp, Fp.ONE)) {
          i++;
          t_tmp = Fp.sqr(t_tmp);
          if (i === M)
            throw new Error("Cannot find square root");
        }
        const exponent = _1n4 << BigInt(M - i - 1);
        const b = Fp.pow(c, exponent);
        M = i;
        c = Fp.sqr(b);
        t = Fp.mul(t, c);
        R = Fp.mul(R, b);
      }
      return R;
    };
  }
  function FpSqrt(P) {
    if (P % _4n === _3n)
      return sqrt3mod4;
    if (P % _8n === _5n)
      return sqrt5mod8;
    if (P % _16n === _9n)
      return sqrt9mod16(P);
    return tonelliShanks(P);
  }
  var FIELD_FIELDS = [
    "create",
    "isValid",
    "is0",
    "neg",
    "inv",
    "sqrt",
    "sqr",
    "eql",
    "add",
    "sub",
    "mul",
    "pow",
    "div",
    "addN",
    "subN",
    "mulN",
    "sqrN"
  ];
  function validateField(field) {
    const initial = {
      ORDER: "bigint",
      BYTES: "number",
      BITS: "number"
    };
    const opts2 = FIELD_FIELDS.reduce((map, val) => {
      map[val] = "function";
      return map;
    }, initial);
    validateObject(field, opts2);
    return field;
  }
  function FpPow(Fp, num, power) {
    if (power < _0n4)
      throw new Error("invalid exponent, negatives unsupported");
    if (power === _0n4)
      return Fp.ONE;
    if (power === _1n4)
      return num;
    let p = Fp.ONE;
    let d = num;
    while (power > _0n4) {
      if (power & _1n4)
        p = Fp.mul(p, d);
      d = Fp.sqr(d);
      power >>= _1n4;
    }
    return p;
  }
  function FpInvertBatch(Fp, nums, passZero = false) {
    const inverted = new Array(nums.length).fill(passZero ? Fp.ZERO : void 0);
    const multipliedAcc = nums.reduce((acc, num, i) => {
      if (Fp.is0(num))
        return acc;
      inverted[i] = acc;
      return Fp.mul(acc, num);
    }, Fp.ONE);
    const invertedAcc = Fp.inv(multipliedAcc);
    nums.reduceRight((acc, num, i) => {
      if (Fp.is0(num))
        return acc;
      inverted[i] = Fp.mul(acc, inverted[i]);
      return Fp.mul(acc, num);
    }, invertedAcc);
    return inverted;
  }
  function FpLegendre(Fp, n) {
    const p1mod2 = (Fp.ORDER - _1n4) / _2n3;
    const powered = Fp.pow(n, p1mod2);
    const yes = Fp.eql(powered, Fp.ONE);
    const zero = Fp.eql(powered, Fp.ZERO);
    const no = Fp.eql(powered, Fp.neg(Fp.ONE));
    if (!yes && !zero && !no)
      throw new Error("invalid Legendre symbol result");
    return yes ? 1 : zero ? 0 : -1;
  }
  function nLength(n, nBitLength) {
    if (nBitLength !== void 0)
      anumber2(nBitLength);
    const _nBitLength = nBitLength !== void 0 ? nBitLength : n.toString(2).length;
    const nByteLength = Math.ceil(_nBitLength / 8);
    return { nBitLength: _nBitLength, nByteLength };
  }
  var _Field = class {
    constructor(ORDER, opts2 = {}) {
      __publicField(this, "ORDER");
      __publicField(this, "BITS");
      __publicField(this, "BYTES");
      __publicField(this, "isLE");
      __publicField(this, "ZERO", _0n4);
      __publicField(this, "ONE", _1n4);
      __publicField(this, "_lengths");
      __publicField(this, "_sqrt");
      // cached sqrt
      __publicField(this, "_mod");
      if (ORDER <= _0n4)
        throw new Error("invalid field: expected ORDER > 0, got " + ORDER);
      let _nbitLength = void 0;
      this.isLE = false;
      if (opts2 != null && typeof opts2 === "object") {
        if (typeof opts2.BITS === "number")
          _nbitLength = opts2.BITS;
        if (typeof opts2.sqrt === "function")
          this.sqrt = opts2.sqrt;
        if (typeof opts2.isLE === "boolean")
          this.isLE = opts2.isLE;
        if (opts2.allowedLengths)
          this._lengths = opts2.allowedLengths?.slice();
        if (typeof opts2.modFromBytes === "boolean")
          this._mod = opts2.modFromBytes;
      }
      const { nBitLength, nByteLength } = nLength(ORDER, _nbitLength);
      if (nByteLength > 2048)
        throw new Error("invalid field: expected ORDER of <= 2048 bytes");
      this.ORDER = ORDER;
      this.BITS = nBitLength;
      this.BYTES = nByteLength;
      this._sqrt = void 0;
      Object.preventExtensions(this);
    }
    create(num) {
      return mod2(num, this.ORDER);
    }
    isValid(num) {
      if (typeof num !== "bigint")
        throw new Error("invalid field element: expected bigint, got " + typeof num);
      return _0n4 <= num && num < this.ORDER;
    }
    is0(num) {
      return num === _0n4;
    }
    // is valid and invertible
    isValidNot0(num) {
      return !this.is0(num) && this.isValid(num);
    }
    isOdd(num) {
      return (num & _1n4) === _1n4;
    }
    neg(num) {
      return mod2(-num, this.ORDER);
    }
    eql(lhs, rhs) {
      return lhs === rhs;
    }
    sqr(num) {
      return mod2(num * num, this.ORDER);
    }
    add(lhs, rhs) {
      return mod2(lhs + rhs, this.ORDER);
    }
    sub(lhs, rhs) {
      return mod2(lhs - rhs, this.ORDER);
    }
    mul(lhs, rhs) {
      return mod2(lhs * rhs, this.ORDER);
    }
    pow(num, power) {
      return FpPow(this, num, power);
    }
    div(lhs, rhs) {
      return mod2(lhs * invert(rhs, this.ORDER), this.ORDER);
    }
    // Same as above, but doesn't normalize
    sqrN(num) {
      return num * num;
    }
    addN(lhs, rhs) {
      return lhs + rhs;
    }
    subN(lhs, rhs) {
      return lhs - rhs;
    }
    mulN(lhs, rhs) {
      return lhs * rhs;
    }
    inv(num) {
      return invert(num, this.ORDER);
    }
    sqrt(num) {
      if (!this._sqrt)
        this._sqrt = FpSqrt(this.ORDER);
      return this._sqrt(this, num);
    }
    toBytes(num) {
      return this.isLE ? numberToBytesLE(num, this.BYTES) : numberToBytesBE(num, this.BYTES);
    }
    fromBytes(bytes, skipValidation = false) {
      abytes2(bytes);
      const { _lengths: allowedLengths, BYTES: BYTES2, isLE: isLE3, ORDER, _mod: modFromBytes } = this;
      if (allowedLengths) {
        if (!allowedLengths.includes(bytes.length) || bytes.length > BYTES2) {
          throw new Error("Field.fromBytes: expected " + allowedLengths + " bytes, got " + bytes.length);
        }
        const padded = new Uint8Array(BYTES2);
        padded.set(bytes, isLE3 ? 0 : padded.length - bytes.length);
        bytes = padded;
      }
      if (bytes.length !== BYTES2)
        throw new Error("Field.fromBytes: expected " + BYTES2 + " bytes, got " + bytes.length);
      let scalar = isLE3 ? bytesToNumberLE(bytes) : bytesToNumberBE(bytes);
      if (modFromBytes)
        scalar = mod2(scalar, ORDER);
      if (!skipValidation) {
        if (!this.isValid(scalar))
          throw new Error("invalid field element: outside of range 0..ORDER");
      }
      return scalar;
    }
    // TODO: we don't need it here, move out to separate fn
    invertBatch(lst) {
      return FpInvertBatch(this, lst);
    }
    // We can't move this out because Fp6, Fp12 implement it
    // and it's unclear what to return in there.
    cmov(a, b, condition) {
      return condition ? b : a;
    }
  };
  function Field(ORDER, opts2 = {}) {
    return new _Field(ORDER, opts2);
  }
  function getFieldBytesLength(fieldOrder) {
    if (typeof fieldOrder !== "bigint")
      throw new Error("field order must be bigint");
    const bitLength = fieldOrder.toString(2).length;
    return Math.ceil(bitLength / 8);
  }
  function getMinHashLength(fieldOrder) {
    const length = getFieldBytesLength(fieldOrder);
    return length + Math.ceil(length / 2);
  }
  function mapHashToField(key, fieldOrder, isLE3 = false) {
    abytes2(key);
    const len = key.length;
    const fieldLen = getFieldBytesLength(fieldOrder);
    const minLen = getMinHashLength(fieldOrder);
    if (len < 16 || len < minLen || len > 1024)
      throw new Error("expected " + minLen + "-1024 bytes of input, got " + len);
    const num = isLE3 ? bytesToNumberLE(key) : bytesToNumberBE(key);
    const reduced = mod2(num, fieldOrder - _1n4) + _1n4;
    return isLE3 ? numberToBytesLE(reduced, fieldLen) : numberToBytesBE(reduced, fieldLen);
  }

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/abstract/curve.js
  var _0n5 = /* @__PURE__ */ BigInt(0);
  var _1n5 = /* @__PURE__ */ BigInt(1);
  function negateCt(condition, item) {
    const neg = item.negate();
    return condition ? neg : item;
  }
  function normalizeZ(c, points) {
    const invertedZs = FpInvertBatch(c.Fp, points.map((p) => p.Z));
    return points.map((p, i) => c.fromAffine(p.toAffine(invertedZs[i])));
  }
  function validateW(W, bits) {
    if (!Number.isSafeInteger(W) || W <= 0 || W > bits)
      throw new Error("invalid window size, expected [1.." + bits + "], got W=" + W);
  }
  function calcWOpts(W, scalarBits) {
    validateW(W, scalarBits);
    const windows = Math.ceil(scalarBits / W) + 1;
    const windowSize = 2 ** (W - 1);
    const maxNumber = 2 ** W;
    const mask = bitMask(W);
    const shiftBy = BigInt(W);
    return { windows, windowSize, mask, maxNumber, shiftBy };
  }
  function calcOffsets(n, window, wOpts) {
    const { windowSize, mask, maxNumber, shiftBy } = wOpts;
    let wbits = Number(n & mask);
    let nextN = n >> shiftBy;
    if (wbits > windowSize) {
      wbits -= maxNumber;
      nextN += _1n5;
    }
    const offsetStart = window * windowSize;
    const offset = offsetStart + Math.abs(wbits) - 1;
    const isZero = wbits === 0;
    const isNeg = wbits < 0;
    const isNegF = window % 2 !== 0;
    const offsetF = offsetStart;
    return { nextN, offset, isZero, isNeg, isNegF, offsetF };
  }
  var pointPrecomputes = /* @__PURE__ */ new WeakMap();
  var pointWindowSizes = /* @__PURE__ */ new WeakMap();
  function getW(P) {
    return pointWindowSizes.get(P) || 1;
  }
  function assert0(n) {
    if (n !== _0n5)
      throw new Error("invalid wNAF");
  }
  var wNAF = class {
    // Parametrized with a given Point class (not individual point)
    constructor(Point, bits) {
      __publicField(this, "BASE");
      __publicField(this, "ZERO");
      __publicField(this, "Fn");
      __publicField(this, "bits");
      this.BASE = Point.BASE;
      this.ZERO = Point.ZERO;
      this.Fn = Point.Fn;
      this.bits = bits;
    }
    // non-const time multiplication ladder
    _unsafeLadder(elm, n, p = this.ZERO) {
      let d = elm;
      while (n > _0n5) {
        if (n & _1n5)
          p = p.add(d);
        d = d.double();
        n >>= _1n5;
      }
      return p;
    }
    /**
     * Creates a wNAF precomputation window. Used for caching.
     * Default window size is set by `utils.precompute()` and is equal to 8.
     * Number of precomputed points depends on the curve size:
     * 2^(𝑊−1) * (Math.ceil(𝑛 / 𝑊) + 1), where:
     * - 𝑊 is the window size
     * - 𝑛 is the bitlength of the curve order.
     * For a 256-bit curve and window size 8, the number of precomputed points is 128 * 33 = 4224.
     * @param point Point instance
     * @param W window size
     * @returns precomputed point tables flattened to a single array
     */
    precomputeWindow(point, W) {
      const { windows, windowSize } = calcWOpts(W, this.bits);
      const points = [];
      let p = point;
      let base = p;
      for (let window = 0; window < windows; window++) {
        base = p;
        points.push(base);
        for (let i = 1; i < windowSize; i++) {
          base = base.add(p);
          points.push(base);
        }
        p = base.double();
      }
      return points;
    }
    /**
     * Implements ec multiplication using precomputed tables and w-ary non-adjacent form.
     * More compact implementation:
     * https://github.com/paulmillr/noble-secp256k1/blob/47cb1669b6e506ad66b35fe7d76132ae97465da2/index.ts#L502-L541
     * @returns real and fake (for const-time) points
     */
    wNAF(W, precomputes, n) {
      if (!this.Fn.isValid(n))
        throw new Error("invalid scalar");
      let p = this.ZERO;
      let f = this.BASE;
      const wo = calcWOpts(W, this.bits);
      for (let window = 0; window < wo.windows; window++) {
        const { nextN, offset, isZero, isNeg, isNegF, offsetF } = calcOffsets(n, window, wo);
        n = nextN;
        if (isZero) {
          f = f.add(negateCt(isNegF, precomputes[offsetF]));
        } else {
          p = p.add(negateCt(isNeg, precomputes[offset]));
        }
      }
      assert0(n);
      return { p, f };
    }
    /**
     * Implements ec unsafe (non const-time) multiplication using precomputed tables and w-ary non-adjacent form.
     * @param acc accumulator point to add result of multiplication
     * @returns point
     */
    wNAFUnsafe(W, precomputes, n, acc = this.ZERO) {
      const wo = calcWOpts(W, this.bits);
      for (let window = 0; window < wo.windows; window++) {
        if (n === _0n5)
          break;
        const { nextN, offset, isZero, isNeg } = calcOffsets(n, window, wo);
        n = nextN;
        if (isZero) {
          continue;
        } else {
          const item = precomputes[offset];
          acc = acc.add(isNeg ? item.negate() : item);
        }
      }
      assert0(n);
      return acc;
    }
    getPrecomputes(W, point, transform) {
      let comp = pointPrecomputes.get(point);
      if (!comp) {
        comp = this.precomputeWindow(point, W);
        if (W !== 1) {
          if (typeof transform === "function")
            comp = transform(comp);
          pointPrecomputes.set(point, comp);
        }
      }
      return comp;
    }
    cached(point, scalar, transform) {
      const W = getW(point);
      return this.wNAF(W, this.getPrecomputes(W, point, transform), scalar);
    }
    unsafe(point, scalar, transform, prev) {
      const W = getW(point);
      if (W === 1)
        return this._unsafeLadder(point, scalar, prev);
      return this.wNAFUnsafe(W, this.getPrecomputes(W, point, transform), scalar, prev);
    }
    // We calculate precomputes for elliptic curve point multiplication
    // using windowed method. This specifies window size and
    // stores precomputed values. Usually only base point would be precomputed.
    createCache(P, W) {
      validateW(W, this.bits);
      pointWindowSizes.set(P, W);
      pointPrecomputes.delete(P);
    }
    hasCache(elm) {
      return getW(elm) !== 1;
    }
  };
  function mulEndoUnsafe(Point, point, k1, k2) {
    let acc = point;
    let p1 = Point.ZERO;
    let p2 = Point.ZERO;
    while (k1 > _0n5 || k2 > _0n5) {
      if (k1 & _1n5)
        p1 = p1.add(acc);
      if (k2 & _1n5)
        p2 = p2.add(acc);
      acc = acc.double();
      k1 >>= _1n5;
      k2 >>= _1n5;
    }
    return { p1, p2 };
  }
  function createField(order, field, isLE3) {
    if (field) {
      if (field.ORDER !== order)
        throw new Error("Field.ORDER must match order: Fp == p, Fn == n");
      validateField(field);
      return field;
    } else {
      return Field(order, { isLE: isLE3 });
    }
  }
  function createCurveFields(type, CURVE, curveOpts = {}, FpFnLE) {
    if (FpFnLE === void 0)
      FpFnLE = type === "edwards";
    if (!CURVE || typeof CURVE !== "object")
      throw new Error(`expected valid ${type} CURVE object`);
    for (const p of ["p", "n", "h"]) {
      const val = CURVE[p];
      if (!(typeof val === "bigint" && val > _0n5))
        throw new Error(`CURVE.${p} must be positive bigint`);
    }
    const Fp = createField(CURVE.p, curveOpts.Fp, FpFnLE);
    const Fn = createField(CURVE.n, curveOpts.Fn, FpFnLE);
    const _b = type === "weierstrass" ? "b" : "d";
    const params = ["Gx", "Gy", "a", _b];
    for (const p of params) {
      if (!Fp.isValid(CURVE[p]))
        throw new Error(`CURVE.${p} must be valid field element of CURVE.Fp`);
    }
    CURVE = Object.freeze(Object.assign({}, CURVE));
    return { CURVE, Fp, Fn };
  }
  function createKeygen(randomSecretKey, getPublicKey2) {
    return function keygen(seed) {
      const secretKey = randomSecretKey(seed);
      return { secretKey, publicKey: getPublicKey2(secretKey) };
    };
  }

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/abstract/montgomery.js
  var _0n6 = BigInt(0);
  var _1n6 = BigInt(1);
  var _2n4 = BigInt(2);
  function validateOpts(curve) {
    validateObject(curve, {
      adjustScalarBytes: "function",
      powPminus2: "function"
    });
    return Object.freeze({ ...curve });
  }
  function montgomery(curveDef) {
    const CURVE = validateOpts(curveDef);
    const { P, type, adjustScalarBytes: adjustScalarBytes2, powPminus2, randomBytes: rand } = CURVE;
    const is25519 = type === "x25519";
    if (!is25519 && type !== "x448")
      throw new Error("invalid type");
    const randomBytes_ = rand || randomBytes;
    const montgomeryBits = is25519 ? 255 : 448;
    const fieldLen = is25519 ? 32 : 56;
    const Gu = is25519 ? BigInt(9) : BigInt(5);
    const a24 = is25519 ? BigInt(121665) : BigInt(39081);
    const minScalar = is25519 ? _2n4 ** BigInt(254) : _2n4 ** BigInt(447);
    const maxAdded = is25519 ? BigInt(8) * _2n4 ** BigInt(251) - _1n6 : BigInt(4) * _2n4 ** BigInt(445) - _1n6;
    const maxScalar = minScalar + maxAdded + _1n6;
    const modP = (n) => mod2(n, P);
    const GuBytes = encodeU(Gu);
    function encodeU(u) {
      return numberToBytesLE(modP(u), fieldLen);
    }
    function decodeU(u) {
      const _u = copyBytes2(abytes2(u, fieldLen, "uCoordinate"));
      if (is25519)
        _u[31] &= 127;
      return modP(bytesToNumberLE(_u));
    }
    function decodeScalar(scalar) {
      return bytesToNumberLE(adjustScalarBytes2(copyBytes2(abytes2(scalar, fieldLen, "scalar"))));
    }
    function scalarMult(scalar, u) {
      const pu = montgomeryLadder(decodeU(u), decodeScalar(scalar));
      if (pu === _0n6)
        throw new Error("invalid private or public key received");
      return encodeU(pu);
    }
    function scalarMultBase(scalar) {
      return scalarMult(scalar, GuBytes);
    }
    const getPublicKey2 = scalarMultBase;
    const getSharedSecret = scalarMult;
    function cswap(swap, x_2, x_3) {
      const dummy = modP(swap * (x_2 - x_3));
      x_2 = modP(x_2 - dummy);
      x_3 = modP(x_3 + dummy);
      return { x_2, x_3 };
    }
    function montgomeryLadder(u, scalar) {
      aInRange("u", u, _0n6, P);
      aInRange("scalar", scalar, minScalar, maxScalar);
      const k = scalar;
      const x_1 = u;
      let x_2 = _1n6;
      let z_2 = _0n6;
      let x_3 = u;
      let z_3 = _1n6;
      let swap = _0n6;
      for (let t = BigInt(montgomeryBits - 1); t >= _0n6; t--) {
        const k_t = k >> t & _1n6;
        swap ^= k_t;
        ({ x_2, x_3 } = cswap(swap, x_2, x_3));
        ({ x_2: z_2, x_3: z_3 } = cswap(swap, z_2, z_3));
        swap = k_t;
        const A = x_2 + z_2;
        const AA = modP(A * A);
        const B2 = x_2 - z_2;
        const BB = modP(B2 * B2);
        const E = AA - BB;
        const C = x_3 + z_3;
        const D = x_3 - z_3;
        const DA = modP(D * A);
        const CB = modP(C * B2);
        const dacb = DA + CB;
        const da_cb = DA - CB;
        x_3 = modP(dacb * dacb);
        z_3 = modP(x_1 * modP(da_cb * da_cb));
        x_2 = modP(AA * BB);
        z_2 = modP(E * (AA + modP(a24 * E)));
      }
      ({ x_2, x_3 } = cswap(swap, x_2, x_3));
      ({ x_2: z_2, x_3: z_3 } = cswap(swap, z_2, z_3));
      const z2 = powPminus2(z_2);
      return modP(x_2 * z2);
    }
    const lengths = {
      secretKey: fieldLen,
      publicKey: fieldLen,
      seed: fieldLen
    };
    const randomSecretKey = (seed = randomBytes_(fieldLen)) => {
      abytes2(seed, lengths.seed, "seed");
      return seed;
    };
    const utils = { randomSecretKey };
    return Object.freeze({
      keygen: createKeygen(randomSecretKey, getPublicKey2),
      getSharedSecret,
      getPublicKey: getPublicKey2,
      scalarMult,
      scalarMultBase,
      utils,
      GuBytes: GuBytes.slice(),
      lengths
    });
  }

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/hmac.js
  var _HMAC = class {
    constructor(hash, key) {
      __publicField(this, "oHash");
      __publicField(this, "iHash");
      __publicField(this, "blockLen");
      __publicField(this, "outputLen");
      __publicField(this, "finished", false);
      __publicField(this, "destroyed", false);
      ahash(hash);
      abytes2(key, void 0, "key");
      this.iHash = hash.create();
      if (typeof this.iHash.update !== "function")
        throw new Error("Expected instance of class which extends utils.Hash");
      this.blockLen = this.iHash.blockLen;
      this.outputLen = this.iHash.outputLen;
      const blockLen = this.blockLen;
      const pad = new Uint8Array(blockLen);
      pad.set(key.length > blockLen ? hash.create().update(key).digest() : key);
      for (let i = 0; i < pad.length; i++)
        pad[i] ^= 54;
      this.iHash.update(pad);
      this.oHash = hash.create();
      for (let i = 0; i < pad.length; i++)
        pad[i] ^= 54 ^ 92;
      this.oHash.update(pad);
      clean2(pad);
    }
    update(buf) {
      aexists2(this);
      this.iHash.update(buf);
      return this;
    }
    digestInto(out) {
      aexists2(this);
      abytes2(out, this.outputLen, "output");
      this.finished = true;
      this.iHash.digestInto(out);
      this.oHash.update(out);
      this.oHash.digestInto(out);
      this.destroy();
    }
    digest() {
      const out = new Uint8Array(this.oHash.outputLen);
      this.digestInto(out);
      return out;
    }
    _cloneInto(to) {
      to || (to = Object.create(Object.getPrototypeOf(this), {}));
      const { oHash, iHash, finished, destroyed, blockLen, outputLen } = this;
      to = to;
      to.finished = finished;
      to.destroyed = destroyed;
      to.blockLen = blockLen;
      to.outputLen = outputLen;
      to.oHash = oHash._cloneInto(to.oHash);
      to.iHash = iHash._cloneInto(to.iHash);
      return to;
    }
    clone() {
      return this._cloneInto();
    }
    destroy() {
      this.destroyed = true;
      this.oHash.destroy();
      this.iHash.destroy();
    }
  };
  var hmac = (hash, key, message) => new _HMAC(hash, key).update(message).digest();
  hmac.create = (hash, key) => new _HMAC(hash, key);

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/abstract/weierstrass.js
  var divNearest = (num, den) => (num + (num >= 0 ? den : -den) / _2n5) / den;
  function _splitEndoScalar(k, basis, n) {
    const [[a1, b1], [a2, b2]] = basis;
    const c1 = divNearest(b2 * k, n);
    const c2 = divNearest(-b1 * k, n);
    let k1 = k - c1 * a1 - c2 * a2;
    let k2 = -c1 * b1 - c2 * b2;
    const k1neg = k1 < _0n7;
    const k2neg = k2 < _0n7;
    if (k1neg)
      k1 = -k1;
    if (k2neg)
      k2 = -k2;
    const MAX_NUM = bitMask(Math.ceil(bitLen(n) / 2)) + _1n7;
    if (k1 < _0n7 || k1 >= MAX_NUM || k2 < _0n7 || k2 >= MAX_NUM) {
      throw new Error("splitScalar (endomorphism): failed, k=" + k);
    }
    return { k1neg, k1, k2neg, k2 };
  }
  function validateSigFormat(format) {
    if (!["compact", "recovered", "der"].includes(format))
      throw new Error('Signature format must be "compact", "recovered", or "der"');
    return format;
  }
  function validateSigOpts(opts2, def) {
    const optsn = {};
    for (let optName of Object.keys(def)) {
      optsn[optName] = opts2[optName] === void 0 ? def[optName] : opts2[optName];
    }
    abool2(optsn.lowS, "lowS");
    abool2(optsn.prehash, "prehash");
    if (optsn.format !== void 0)
      validateSigFormat(optsn.format);
    return optsn;
  }
  var DERErr = class extends Error {
    constructor(m = "") {
      super(m);
    }
  };
  var DER = {
    // asn.1 DER encoding utils
    Err: DERErr,
    // Basic building block is TLV (Tag-Length-Value)
    _tlv: {
      encode: (tag, data) => {
        const { Err: E } = DER;
        if (tag < 0 || tag > 256)
          throw new E("tlv.encode: wrong tag");
        if (data.length & 1)
          throw new E("tlv.encode: unpadded data");
        const dataLen = data.length / 2;
        const len = numberToHexUnpadded(dataLen);
        if (len.length / 2 & 128)
          throw new E("tlv.encode: long form length too big");
        const lenLen = dataLen > 127 ? numberToHexUnpadded(len.length / 2 | 128) : "";
        const t = numberToHexUnpadded(tag);
        return t + lenLen + len + data;
      },
      // v - value, l - left bytes (unparsed)
      decode(tag, data) {
        const { Err: E } = DER;
        let pos = 0;
        if (tag < 0 || tag > 256)
          throw new E("tlv.encode: wrong tag");
        if (data.length < 2 || data[pos++] !== tag)
          throw new E("tlv.decode: wrong tlv");
        const first = data[pos++];
        const isLong = !!(first & 128);
        let length = 0;
        if (!isLong)
          length = first;
        else {
          const lenLen = first & 127;
          if (!lenLen)
            throw new E("tlv.decode(long): indefinite length not supported");
          if (lenLen > 4)
            throw new E("tlv.decode(long): byte length is too big");
          const lengthBytes = data.subarray(pos, pos + lenLen);
          if (lengthBytes.length !== lenLen)
            throw new E("tlv.decode: length bytes not complete");
          if (lengthBytes[0] === 0)
            throw new E("tlv.decode(long): zero leftmost byte");
          for (const b of lengthBytes)
            length = length << 8 | b;
          pos += lenLen;
          if (length < 128)
            throw new E("tlv.decode(long): not minimal encoding");
        }
        const v = data.subarray(pos, pos + length);
        if (v.length !== length)
          throw new E("tlv.decode: wrong value length");
        return { v, l: data.subarray(pos + length) };
      }
    },
    // https://crypto.stackexchange.com/a/57734 Leftmost bit of first byte is 'negative' flag,
    // since we always use positive integers here. It must always be empty:
    // - add zero byte if exists
    // - if next byte doesn't have a flag, leading zero is not allowed (minimal encoding)
    _int: {
      encode(num) {
        const { Err: E } = DER;
        if (num < _0n7)
          throw new E("integer: negative integers are not allowed");
        let hex = numberToHexUnpadded(num);
        if (Number.parseInt(hex[0], 16) & 8)
          hex = "00" + hex;
        if (hex.length & 1)
          throw new E("unexpected DER parsing assertion: unpadded hex");
        return hex;
      },
      decode(data) {
        const { Err: E } = DER;
        if (data[0] & 128)
          throw new E("invalid signature integer: negative");
        if (data[0] === 0 && !(data[1] & 128))
          throw new E("invalid signature integer: unnecessary leading zero");
        return bytesToNumberBE(data);
      }
    },
    toSig(bytes) {
      const { Err: E, _int: int, _tlv: tlv } = DER;
      const data = abytes2(bytes, void 0, "signature");
      const { v: seqBytes, l: seqLeftBytes } = tlv.decode(48, data);
      if (seqLeftBytes.length)
        throw new E("invalid signature: left bytes after parsing");
      const { v: rBytes, l: rLeftBytes } = tlv.decode(2, seqBytes);
      const { v: sBytes, l: sLeftBytes } = tlv.decode(2, rLeftBytes);
      if (sLeftBytes.length)
        throw new E("invalid signature: left bytes after parsing");
      return { r: int.decode(rBytes), s: int.decode(sBytes) };
    },
    hexFromSig(sig) {
      const { _tlv: tlv, _int: int } = DER;
      const rs = tlv.encode(2, int.encode(sig.r));
      const ss = tlv.encode(2, int.encode(sig.s));
      const seq = rs + ss;
      return tlv.encode(48, seq);
    }
  };
  var _0n7 = BigInt(0);
  var _1n7 = BigInt(1);
  var _2n5 = BigInt(2);
  var _3n2 = BigInt(3);
  var _4n2 = BigInt(4);
  function weierstrass(params, extraOpts = {}) {
    const validated = createCurveFields("weierstrass", params, extraOpts);
    const { Fp, Fn } = validated;
    let CURVE = validated.CURVE;
    const { h: cofactor, n: CURVE_ORDER } = CURVE;
    validateObject(extraOpts, {}, {
      allowInfinityPoint: "boolean",
      clearCofactor: "function",
      isTorsionFree: "function",
      fromBytes: "function",
      toBytes: "function",
      endo: "object"
    });
    const { endo } = extraOpts;
    if (endo) {
      if (!Fp.is0(CURVE.a) || typeof endo.beta !== "bigint" || !Array.isArray(endo.basises)) {
        throw new Error('invalid endo: expected "beta": bigint and "basises": array');
      }
    }
    const lengths = getWLengths(Fp, Fn);
    function assertCompressionIsSupported() {
      if (!Fp.isOdd)
        throw new Error("compression is not supported: Field does not have .isOdd()");
    }
    function pointToBytes(_c, point, isCompressed) {
      const { x, y } = point.toAffine();
      const bx = Fp.toBytes(x);
      abool2(isCompressed, "isCompressed");
      if (isCompressed) {
        assertCompressionIsSupported();
        const hasEvenY = !Fp.isOdd(y);
        return concatBytes(pprefix(hasEvenY), bx);
      } else {
        return concatBytes(Uint8Array.of(4), bx, Fp.toBytes(y));
      }
    }
    function pointFromBytes(bytes) {
      abytes2(bytes, void 0, "Point");
      const { publicKey: comp, publicKeyUncompressed: uncomp } = lengths;
      const length = bytes.length;
      const head2 = bytes[0];
      const tail = bytes.subarray(1);
      if (length === comp && (head2 === 2 || head2 === 3)) {
        const x = Fp.fromBytes(tail);
        if (!Fp.isValid(x))
          throw new Error("bad point: is not on curve, wrong x");
        const y2 = weierstrassEquation(x);
        let y;
        try {
          y = Fp.sqrt(y2);
        } catch (sqrtError) {
          const err = sqrtError instanceof Error ? ": " + sqrtError.message : "";
          throw new Error("bad point: is not on curve, sqrt error" + err);
        }
        assertCompressionIsSupported();
        const evenY = Fp.isOdd(y);
        const evenH = (head2 & 1) === 1;
        if (evenH !== evenY)
          y = Fp.neg(y);
        return { x, y };
      } else if (length === uncomp && head2 === 4) {
        const L = Fp.BYTES;
        const x = Fp.fromBytes(tail.subarray(0, L));
        const y = Fp.fromBytes(tail.subarray(L, L * 2));
        if (!isValidXY(x, y))
          throw new Error("bad point: is not on curve");
        return { x, y };
      } else {
        throw new Error(`bad point: got length ${length}, expected compressed=${comp} or uncompressed=${uncomp}`);
      }
    }
    const encodePoint = extraOpts.toBytes || pointToBytes;
    const decodePoint = extraOpts.fromBytes || pointFromBytes;
    function weierstrassEquation(x) {
      const x2 = Fp.sqr(x);
      const x3 = Fp.mul(x2, x);
      return Fp.add(Fp.add(x3, Fp.mul(x, CURVE.a)), CURVE.b);
    }
    function isValidXY(x, y) {
      const left = Fp.sqr(y);
      const right = weierstrassEquation(x);
      return Fp.eql(left, right);
    }
    if (!isValidXY(CURVE.Gx, CURVE.Gy))
      throw new Error("bad curve params: generator point");
    const _4a3 = Fp.mul(Fp.pow(CURVE.a, _3n2), _4n2);
    const _27b2 = Fp.mul(Fp.sqr(CURVE.b), BigInt(27));
    if (Fp.is0(Fp.add(_4a3, _27b2)))
      throw new Error("bad curve params: a or b");
    function acoord(title, n, banZero = false) {
      if (!Fp.isValid(n) || banZero && Fp.is0(n))
        throw new Error(`bad point coordinate ${title}`);
      return n;
    }
    function aprjpoint(other) {
      if (!(other instanceof Point))
        throw new Error("Weierstrass Point expected");
    }
    function splitEndoScalarN(k) {
      if (!endo || !endo.basises)
        throw new Error("no endo");
      return _splitEndoScalar(k, endo.basises, Fn.ORDER);
    }
    const toAffineMemo = memoized((p, iz) => {
      const { X, Y, Z } = p;
      if (Fp.eql(Z, Fp.ONE))
        return { x: X, y: Y };
      const is0 = p.is0();
      if (iz == null)
        iz = is0 ? Fp.ONE : Fp.inv(Z);
      const x = Fp.mul(X, iz);
      const y = Fp.mul(Y, iz);
      const zz = Fp.mul(Z, iz);
      if (is0)
        return { x: Fp.ZERO, y: Fp.ZERO };
      if (!Fp.eql(zz, Fp.ONE))
        throw new Error("invZ was invalid");
      return { x, y };
    });
    const assertValidMemo = memoized((p) => {
      if (p.is0()) {
        if (extraOpts.allowInfinityPoint && !Fp.is0(p.Y))
          return;
        throw new Error("bad point: ZERO");
      }
      const { x, y } = p.toAffine();
      if (!Fp.isValid(x) || !Fp.isValid(y))
        throw new Error("bad point: x or y not field elements");
      if (!isValidXY(x, y))
        throw new Error("bad point: equation left != right");
      if (!p.isTorsionFree())
        throw new Error("bad point: not in prime-order subgroup");
      return true;
    });
    function finishEndo(endoBeta, k1p, k2p, k1neg, k2neg) {
      k2p = new Point(Fp.mul(k2p.X, endoBeta), k2p.Y, k2p.Z);
      k1p = negateCt(k1neg, k1p);
      k2p = negateCt(k2neg, k2p);
      return k1p.add(k2p);
    }
    const _Point = class _Point {
      /** Does NOT validate if the point is valid. Use `.assertValidity()`. */
      constructor(X, Y, Z) {
        __publicField(this, "X");
        __publicField(this, "Y");
        __publicField(this, "Z");
        this.X = acoord("x", X);
        this.Y = acoord("y", Y, true);
        this.Z = acoord("z", Z);
        Object.freeze(this);
      }
      static CURVE() {
        return CURVE;
      }
      /** Does NOT validate if the point is valid. Use `.assertValidity()`. */
      static fromAffine(p) {
        const { x, y } = p || {};
        if (!p || !Fp.isValid(x) || !Fp.isValid(y))
          throw new Error("invalid affine point");
        if (p instanceof _Point)
          throw new Error("projective point not allowed");
        if (Fp.is0(x) && Fp.is0(y))
          return _Point.ZERO;
        return new _Point(x, y, Fp.ONE);
      }
      static fromBytes(bytes) {
        const P = _Point.fromAffine(decodePoint(abytes2(bytes, void 0, "point")));
        P.assertValidity();
        return P;
      }
      static fromHex(hex) {
        return _Point.fromBytes(hexToBytes(hex));
      }
      get x() {
        return this.toAffine().x;
      }
      get y() {
        return this.toAffine().y;
      }
      /**
       *
       * @param windowSize
       * @param isLazy true will defer table computation until the first multiplication
       * @returns
       */
      precompute(windowSize = 8, isLazy = true) {
        wnaf.createCache(this, windowSize);
        if (!isLazy)
          this.multiply(_3n2);
        return this;
      }
      // TODO: return `this`
      /** A point on curve is valid if it conforms to equation. */
      assertValidity() {
        assertValidMemo(this);
      }
      hasEvenY() {
        const { y } = this.toAffine();
        if (!Fp.isOdd)
          throw new Error("Field doesn't support isOdd");
        return !Fp.isOdd(y);
      }
      /** Compare one point to another. */
      equals(other) {
        aprjpoint(other);
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const { X: X2, Y: Y2, Z: Z2 } = other;
        const U1 = Fp.eql(Fp.mul(X1, Z2), Fp.mul(X2, Z1));
        const U2 = Fp.eql(Fp.mul(Y1, Z2), Fp.mul(Y2, Z1));
        return U1 && U2;
      }
      /** Flips point to one corresponding to (x, -y) in Affine coordinates. */
      negate() {
        return new _Point(this.X, Fp.neg(this.Y), this.Z);
      }
      // Renes-Costello-Batina exception-free doubling formula.
      // There is 30% faster Jacobian formula, but it is not complete.
      // https://eprint.iacr.org/2015/1060, algorithm 3
      // Cost: 8M + 3S + 3*a + 2*b3 + 15add.
      double() {
        const { a, b } = CURVE;
        const b3 = Fp.mul(b, _3n2);
        const { X: X1, Y: Y1, Z: Z1 } = this;
        let X3 = Fp.ZERO, Y3 = Fp.ZERO, Z3 = Fp.ZERO;
        let t0 = Fp.mul(X1, X1);
        let t1 = Fp.mul(Y1, Y1);
        let t2 = Fp.mul(Z1, Z1);
        let t3 = Fp.mul(X1, Y1);
        t3 = Fp.add(t3, t3);
        Z3 = Fp.mul(X1, Z1);
        Z3 = Fp.add(Z3, Z3);
        X3 = Fp.mul(a, Z3);
        Y3 = Fp.mul(b3, t2);
        Y3 = Fp.add(X3, Y3);
        X3 = Fp.sub(t1, Y3);
        Y3 = Fp.add(t1, Y3);
        Y3 = Fp.mul(X3, Y3);
        X3 = Fp.mul(t3, X3);
        Z3 = Fp.mul(b3, Z3);
        t2 = Fp.mul(a, t2);
        t3 = Fp.sub(t0, t2);
        t3 = Fp.mul(a, t3);
        t3 = Fp.add(t3, Z3);
        Z3 = Fp.add(t0, t0);
        t0 = Fp.add(Z3, t0);
        t0 = Fp.add(t0, t2);
        t0 = Fp.mul(t0, t3);
        Y3 = Fp.add(Y3, t0);
        t2 = Fp.mul(Y1, Z1);
        t2 = Fp.add(t2, t2);
        t0 = Fp.mul(t2, t3);
        X3 = Fp.sub(X3, t0);
        Z3 = Fp.mul(t2, t1);
        Z3 = Fp.add(Z3, Z3);
        Z3 = Fp.add(Z3, Z3);
        return new _Point(X3, Y3, Z3);
      }
      // Renes-Costello-Batina exception-free addition formula.
      // There is 30% faster Jacobian formula, but it is not complete.
      // https://eprint.iacr.org/2015/1060, algorithm 1
      // Cost: 12M + 0S + 3*a + 3*b3 + 23add.
      add(other) {
        aprjpoint(other);
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const { X: X2, Y: Y2, Z: Z2 } = other;
        let X3 = Fp.ZERO, Y3 = Fp.ZERO, Z3 = Fp.ZERO;
        const a = CURVE.a;
        const b3 = Fp.mul(CURVE.b, _3n2);
        let t0 = Fp.mul(X1, X2);
        let t1 = Fp.mul(Y1, Y2);
        let t2 = Fp.mul(Z1, Z2);
        let t3 = Fp.add(X1, Y1);
        let t4 = Fp.add(X2, Y2);
        t3 = Fp.mul(t3, t4);
        t4 = Fp.add(t0, t1);
        t3 = Fp.sub(t3, t4);
        t4 = Fp.add(X1, Z1);
        let t5 = Fp.add(X2, Z2);
        t4 = Fp.mul(t4, t5);
        t5 = Fp.add(t0, t2);
        t4 = Fp.sub(t4, t5);
        t5 = Fp.add(Y1, Z1);
        X3 = Fp.add(Y2, Z2);
        t5 = Fp.mul(t5, X3);
        X3 = Fp.add(t1, t2);
        t5 = Fp.sub(t5, X3);
        Z3 = Fp.mul(a, t4);
        X3 = Fp.mul(b3, t2);
        Z3 = Fp.add(X3, Z3);
        X3 = Fp.sub(t1, Z3);
        Z3 = Fp.add(t1, Z3);
        Y3 = Fp.mul(X3, Z3);
        t1 = Fp.add(t0, t0);
        t1 = Fp.add(t1, t0);
        t2 = Fp.mul(a, t2);
        t4 = Fp.mul(b3, t4);
        t1 = Fp.add(t1, t2);
        t2 = Fp.sub(t0, t2);
        t2 = Fp.mul(a, t2);
        t4 = Fp.add(t4, t2);
        t0 = Fp.mul(t1, t4);
        Y3 = Fp.add(Y3, t0);
        t0 = Fp.mul(t5, t4);
        X3 = Fp.mul(t3, X3);
        X3 = Fp.sub(X3, t0);
        t0 = Fp.mul(t3, t1);
        Z3 = Fp.mul(t5, Z3);
        Z3 = Fp.add(Z3, t0);
        return new _Point(X3, Y3, Z3);
      }
      subtract(other) {
        return this.add(other.negate());
      }
      is0() {
        return this.equals(_Point.ZERO);
      }
      /**
       * Constant time multiplication.
       * Uses wNAF method. Windowed method may be 10% faster,
       * but takes 2x longer to generate and consumes 2x memory.
       * Uses precomputes when available.
       * Uses endomorphism for Koblitz curves.
       * @param scalar by which the point would be multiplied
       * @returns New point
       */
      multiply(scalar) {
        const { endo: endo2 } = extraOpts;
        if (!Fn.isValidNot0(scalar))
          throw new Error("invalid scalar: out of range");
        let point, fake;
        const mul = (n) => wnaf.cached(this, n, (p) => normalizeZ(_Point, p));
        if (endo2) {
          const { k1neg, k1, k2neg, k2 } = splitEndoScalarN(scalar);
          const { p: k1p, f: k1f } = mul(k1);
          const { p: k2p, f: k2f } = mul(k2);
          fake = k1f.add(k2f);
          point = finishEndo(endo2.beta, k1p, k2p, k1neg, k2neg);
        } else {
          const { p, f } = mul(scalar);
          point = p;
          fake = f;
        }
        return normalizeZ(_Point, [point, fake])[0];
      }
      /**
       * Non-constant-time multiplication. Uses double-and-add algorithm.
       * It's faster, but should only be used when you don't care about
       * an exposed secret key e.g. sig verification, which works over *public* keys.
       */
      multiplyUnsafe(sc) {
        const { endo: endo2 } = extraOpts;
        const p = this;
        if (!Fn.isValid(sc))
          throw new Error("invalid scalar: out of range");
        if (sc === _0n7 || p.is0())
          return _Point.ZERO;
        if (sc === _1n7)
          return p;
        if (wnaf.hasCache(this))
          return this.multiply(sc);
        if (endo2) {
          const { k1neg, k1, k2neg, k2 } = splitEndoScalarN(sc);
          const { p1, p2 } = mulEndoUnsafe(_Point, p, k1, k2);
          return finishEndo(endo2.beta, p1, p2, k1neg, k2neg);
        } else {
          return wnaf.unsafe(p, sc);
        }
      }
      /**
       * Converts Projective point to affine (x, y) coordinates.
       * @param invertedZ Z^-1 (inverted zero) - optional, precomputation is useful for invertBatch
       */
      toAffine(invertedZ) {
        return toAffineMemo(this, invertedZ);
      }
      /**
       * Checks whether Point is free of torsion elements (is in prime subgroup).
       * Always torsion-free for cofactor=1 curves.
       */
      isTorsionFree() {
        const { isTorsionFree } = extraOpts;
        if (cofactor === _1n7)
          return true;
        if (isTorsionFree)
          return isTorsionFree(_Point, this);
        return wnaf.unsafe(this, CURVE_ORDER).is0();
      }
      clearCofactor() {
        const { clearCofactor } = extraOpts;
        if (cofactor === _1n7)
          return this;
        if (clearCofactor)
          return clearCofactor(_Point, this);
        return this.multiplyUnsafe(cofactor);
      }
      isSmallOrder() {
        return this.multiplyUnsafe(cofactor).is0();
      }
      toBytes(isCompressed = true) {
        abool2(isCompressed, "isCompressed");
        this.assertValidity();
        return encodePoint(_Point, this, isCompressed);
      }
      toHex(isCompressed = true) {
        return bytesToHex(this.toBytes(isCompressed));
      }
      toString() {
        return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
      }
    };
    // base / generator point
    __publicField(_Point, "BASE", new _Point(CURVE.Gx, CURVE.Gy, Fp.ONE));
    // zero / infinity / identity point
    __publicField(_Point, "ZERO", new _Point(Fp.ZERO, Fp.ONE, Fp.ZERO));
    // 0, 1, 0
    // math field
    __publicField(_Point, "Fp", Fp);
    // scalar field
    __publicField(_Point, "Fn", Fn);
    let Point = _Point;
    const bits = Fn.BITS;
    const wnaf = new wNAF(Point, extraOpts.endo ? Math.ceil(bits / 2) : bits);
    Point.BASE.precompute(8);
    return Point;
  }
  function pprefix(hasEvenY) {
    return Uint8Array.of(hasEvenY ? 2 : 3);
  }
  function getWLengths(Fp, Fn) {
    return {
      secretKey: Fn.BYTES,
      publicKey: 1 + Fp.BYTES,
      publicKeyUncompressed: 1 + 2 * Fp.BYTES,
      publicKeyHasPrefix: true,
      signature: 2 * Fn.BYTES
    };
  }
  function ecdh(Point, ecdhOpts = {}) {
    const { Fn } = Point;
    const randomBytes_ = ecdhOpts.randomBytes || randomBytes;
    const lengths = Object.assign(getWLengths(Point.Fp, Fn), { seed: getMinHashLength(Fn.ORDER) });
    function isValidSecretKey(secretKey) {
      try {
        const num = Fn.fromBytes(secretKey);
        return Fn.isValidNot0(num);
      } catch (error) {
        return false;
      }
    }
    function isValidPublicKey(publicKey, isCompressed) {
      const { publicKey: comp, publicKeyUncompressed } = lengths;
      try {
        const l = publicKey.length;
        if (isCompressed === true && l !== comp)
          return false;
        if (isCompressed === false && l !== publicKeyUncompressed)
          return false;
        return !!Point.fromBytes(publicKey);
      } catch (error) {
        return false;
      }
    }
    function randomSecretKey(seed = randomBytes_(lengths.seed)) {
      return mapHashToField(abytes2(seed, lengths.seed, "seed"), Fn.ORDER);
    }
    function getPublicKey2(secretKey, isCompressed = true) {
      return Point.BASE.multiply(Fn.fromBytes(secretKey)).toBytes(isCompressed);
    }
    function isProbPub(item) {
      const { secretKey, publicKey, publicKeyUncompressed } = lengths;
      if (!isBytes2(item))
        return void 0;
      if ("_lengths" in Fn && Fn._lengths || secretKey === publicKey)
        return void 0;
      const l = abytes2(item, void 0, "key").length;
      return l === publicKey || l === publicKeyUncompressed;
    }
    function getSharedSecret(secretKeyA, publicKeyB, isCompressed = true) {
      if (isProbPub(secretKeyA) === true)
        throw new Error("first arg must be private key");
      if (isProbPub(publicKeyB) === false)
        throw new Error("second arg must be public key");
      const s = Fn.fromBytes(secretKeyA);
      const b = Point.fromBytes(publicKeyB);
      return b.multiply(s).toBytes(isCompressed);
    }
    const utils = {
      isValidSecretKey,
      isValidPublicKey,
      randomSecretKey
    };
    const keygen = createKeygen(randomSecretKey, getPublicKey2);
    return Object.freeze({ getPublicKey: getPublicKey2, getSharedSecret, keygen, Point, utils, lengths });
  }
  function ecdsa(Point, hash, ecdsaOpts = {}) {
    ahash(hash);
    validateObject(ecdsaOpts, {}, {
      hmac: "function",
      lowS: "boolean",
      randomBytes: "function",
      bits2int: "function",
      bits2int_modN: "function"
    });
    ecdsaOpts = Object.assign({}, ecdsaOpts);
    const randomBytes3 = ecdsaOpts.randomBytes || randomBytes;
    const hmac2 = ecdsaOpts.hmac || ((key, msg) => hmac(hash, key, msg));
    const { Fp, Fn } = Point;
    const { ORDER: CURVE_ORDER, BITS: fnBits } = Fn;
    const { keygen, getPublicKey: getPublicKey2, getSharedSecret, utils, lengths } = ecdh(Point, ecdsaOpts);
    const defaultSigOpts = {
      prehash: true,
      lowS: typeof ecdsaOpts.lowS === "boolean" ? ecdsaOpts.lowS : true,
      format: "compact",
      extraEntropy: false
    };
    const hasLargeCofactor = CURVE_ORDER * _2n5 < Fp.ORDER;
    function isBiggerThanHalfOrder(number) {
      const HALF = CURVE_ORDER >> _1n7;
      return number > HALF;
    }
    function validateRS(title, num) {
      if (!Fn.isValidNot0(num))
        throw new Error(`invalid signature ${title}: out of range 1..Point.Fn.ORDER`);
      return num;
    }
    function assertSmallCofactor() {
      if (hasLargeCofactor)
        throw new Error('"recovered" sig type is not supported for cofactor >2 curves');
    }
    function validateSigLength(bytes, format) {
      validateSigFormat(format);
      const size = lengths.signature;
      const sizer = format === "compact" ? size : format === "recovered" ? size + 1 : void 0;
      return abytes2(bytes, sizer);
    }
    class Signature {
      constructor(r, s, recovery) {
        __publicField(this, "r");
        __publicField(this, "s");
        __publicField(this, "recovery");
        this.r = validateRS("r", r);
        this.s = validateRS("s", s);
        if (recovery != null) {
          assertSmallCofactor();
          if (![0, 1, 2, 3].includes(recovery))
            throw new Error("invalid recovery id");
          this.recovery = recovery;
        }
        Object.freeze(this);
      }
      static fromBytes(bytes, format = defaultSigOpts.format) {
        validateSigLength(bytes, format);
        let recid;
        if (format === "der") {
          const { r: r2, s: s2 } = DER.toSig(abytes2(bytes));
          return new Signature(r2, s2);
        }
        if (format === "recovered") {
          recid = bytes[0];
          format = "compact";
          bytes = bytes.subarray(1);
        }
        const L = lengths.signature / 2;
        const r = bytes.subarray(0, L);
        const s = bytes.subarray(L, L * 2);
        return new Signature(Fn.fromBytes(r), Fn.fromBytes(s), recid);
      }
      static fromHex(hex, format) {
        return this.fromBytes(hexToBytes(hex), format);
      }
      assertRecovery() {
        const { recovery } = this;
        if (recovery == null)
          throw new Error("invalid recovery id: must be present");
        return recovery;
      }
      addRecoveryBit(recovery) {
        return new Signature(this.r, this.s, recovery);
      }
      recoverPublicKey(messageHash) {
        const { r, s } = this;
        const recovery = this.assertRecovery();
        const radj = recovery === 2 || recovery === 3 ? r + CURVE_ORDER : r;
        if (!Fp.isValid(radj))
          throw new Error("invalid recovery id: sig.r+curve.n != R.x");
        const x = Fp.toBytes(radj);
        const R = Point.fromBytes(concatBytes(pprefix((recovery & 1) === 0), x));
        const ir = Fn.inv(radj);
        const h = bits2int_modN(abytes2(messageHash, void 0, "msgHash"));
        const u1 = Fn.create(-h * ir);
        const u2 = Fn.create(s * ir);
        const Q2 = Point.BASE.multiplyUnsafe(u1).add(R.multiplyUnsafe(u2));
        if (Q2.is0())
          throw new Error("invalid recovery: point at infinify");
        Q2.assertValidity();
        return Q2;
      }
      // Signatures should be low-s, to prevent malleability.
      hasHighS() {
        return isBiggerThanHalfOrder(this.s);
      }
      toBytes(format = defaultSigOpts.format) {
        validateSigFormat(format);
        if (format === "der")
          return hexToBytes(DER.hexFromSig(this));
        const { r, s } = this;
        const rb = Fn.toBytes(r);
        const sb = Fn.toBytes(s);
        if (format === "recovered") {
          assertSmallCofactor();
          return concatBytes(Uint8Array.of(this.assertRecovery()), rb, sb);
        }
        return concatBytes(rb, sb);
      }
      toHex(format) {
        return bytesToHex(this.toBytes(format));
      }
    }
    const bits2int = ecdsaOpts.bits2int || function bits2int_def(bytes) {
      if (bytes.length > 8192)
        throw new Error("input is too large");
      const num = bytesToNumberBE(bytes);
      const delta = bytes.length * 8 - fnBits;
      return delta > 0 ? num >> BigInt(delta) : num;
    };
    const bits2int_modN = ecdsaOpts.bits2int_modN || function bits2int_modN_def(bytes) {
      return Fn.create(bits2int(bytes));
    };
    const ORDER_MASK = bitMask(fnBits);
    function int2octets(num) {
      aInRange("num < 2^" + fnBits, num, _0n7, ORDER_MASK);
      return Fn.toBytes(num);
    }
    function validateMsgAndHash(message, prehash) {
      abytes2(message, void 0, "message");
      return prehash ? abytes2(hash(message), void 0, "prehashed message") : message;
    }
    function prepSig(message, secretKey, opts2) {
      const { lowS, prehash, extraEntropy } = validateSigOpts(opts2, defaultSigOpts);
      message = validateMsgAndHash(message, prehash);
      const h1int = bits2int_modN(message);
      const d = Fn.fromBytes(secretKey);
      if (!Fn.isValidNot0(d))
        throw new Error("invalid private key");
      const seedArgs = [int2octets(d), int2octets(h1int)];
      if (extraEntropy != null && extraEntropy !== false) {
        const e = extraEntropy === true ? randomBytes3(lengths.secretKey) : extraEntropy;
        seedArgs.push(abytes2(e, void 0, "extraEntropy"));
      }
      const seed = concatBytes(...seedArgs);
      const m = h1int;
      function k2sig(kBytes) {
        const k = bits2int(kBytes);
        if (!Fn.isValidNot0(k))
          return;
        const ik = Fn.inv(k);
        const q = Point.BASE.multiply(k).toAffine();
        const r = Fn.create(q.x);
        if (r === _0n7)
          return;
        const s = Fn.create(ik * Fn.create(m + r * d));
        if (s === _0n7)
          return;
        let recovery = (q.x === r ? 0 : 2) | Number(q.y & _1n7);
        let normS = s;
        if (lowS && isBiggerThanHalfOrder(s)) {
          normS = Fn.neg(s);
          recovery ^= 1;
        }
        return new Signature(r, normS, hasLargeCofactor ? void 0 : recovery);
      }
      return { seed, k2sig };
    }
    function sign(message, secretKey, opts2 = {}) {
      const { seed, k2sig } = prepSig(message, secretKey, opts2);
      const drbg = createHmacDrbg(hash.outputLen, Fn.BYTES, hmac2);
      const sig = drbg(seed, k2sig);
      return sig.toBytes(opts2.format);
    }
    function verify(signature, message, publicKey, opts2 = {}) {
      const { lowS, prehash, format } = validateSigOpts(opts2, defaultSigOpts);
      publicKey = abytes2(publicKey, void 0, "publicKey");
      message = validateMsgAndHash(message, prehash);
      if (!isBytes2(signature)) {
        const end = signature instanceof Signature ? ", use sig.toBytes()" : "";
        throw new Error("verify expects Uint8Array signature" + end);
      }
      validateSigLength(signature, format);
      try {
        const sig = Signature.fromBytes(signature, format);
        const P = Point.fromBytes(publicKey);
        if (lowS && sig.hasHighS())
          return false;
        const { r, s } = sig;
        const h = bits2int_modN(message);
        const is = Fn.inv(s);
        const u1 = Fn.create(h * is);
        const u2 = Fn.create(r * is);
        const R = Point.BASE.multiplyUnsafe(u1).add(P.multiplyUnsafe(u2));
        if (R.is0())
          return false;
        const v = Fn.create(R.x);
        return v === r;
      } catch (e) {
        return false;
      }
    }
    function recoverPublicKey(signature, message, opts2 = {}) {
      const { prehash } = validateSigOpts(opts2, defaultSigOpts);
      message = validateMsgAndHash(message, prehash);
      return Signature.fromBytes(signature, "recovered").recoverPublicKey(message).toBytes();
    }
    return Object.freeze({
      keygen,
      getPublicKey: getPublicKey2,
      getSharedSecret,
      utils,
      lengths,
      Point,
      sign,
      verify,
      recoverPublicKey,
      Signature,
      hash
    });
  }

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/_md.js
  function Chi(a, b, c) {
    return a & b ^ ~a & c;
  }
  function Maj(a, b, c) {
    return a & b ^ a & c ^ b & c;
  }
  var HashMD = class {
    constructor(blockLen, outputLen, padOffset, isLE3) {
      __publicField(this, "blockLen");
      __publicField(this, "outputLen");
      __publicField(this, "padOffset");
      __publicField(this, "isLE");
      // For partial updates less than block size
      __publicField(this, "buffer");
      __publicField(this, "view");
      __publicField(this, "finished", false);
      __publicField(this, "length", 0);
      __publicField(this, "pos", 0);
      __publicField(this, "destroyed", false);
      this.blockLen = blockLen;
      this.outputLen = outputLen;
      this.padOffset = padOffset;
      this.isLE = isLE3;
      this.buffer = new Uint8Array(blockLen);
      this.view = createView(this.buffer);
    }
    update(data) {
      aexists2(this);
      abytes2(data);
      const { view, buffer, blockLen } = this;
      const len = data.length;
      for (let pos = 0; pos < len; ) {
        const take = Math.min(blockLen - this.pos, len - pos);
        if (take === blockLen) {
          const dataView = createView(data);
          for (; blockLen <= len - pos; pos += blockLen)
            this.process(dataView, pos);
          continue;
        }
        buffer.set(data.subarray(pos, pos + take), this.pos);
        this.pos += take;
        pos += take;
        if (this.pos === blockLen) {
          this.process(view, 0);
          this.pos = 0;
        }
      }
      this.length += data.length;
      this.roundClean();
      return this;
    }
    digestInto(out) {
      aexists2(this);
      aoutput2(out, this);
      this.finished = true;
      const { buffer, view, blockLen, isLE: isLE3 } = this;
      let { pos } = this;
      buffer[pos++] = 128;
      clean2(this.buffer.subarray(pos));
      if (this.padOffset > blockLen - pos) {
        this.process(view, 0);
        pos = 0;
      }
      for (let i = pos; i < blockLen; i++)
        buffer[i] = 0;
      view.setBigUint64(blockLen - 8, BigInt(this.length * 8), isLE3);
      this.process(view, 0);
      const oview = createView(out);
      const len = this.outputLen;
      if (len % 4)
        throw new Error("_sha2: outputLen must be aligned to 32bit");
      const outLen = len / 4;
      const state = this.get();
      if (outLen > state.length)
        throw new Error("_sha2: outputLen bigger than state");
      for (let i = 0; i < outLen; i++)
        oview.setUint32(4 * i, state[i], isLE3);
    }
    digest() {
      const { buffer, outputLen } = this;
      this.digestInto(buffer);
      const res = buffer.slice(0, outputLen);
      this.destroy();
      return res;
    }
    _cloneInto(to) {
      to || (to = new this.constructor());
      to.set(...this.get());
      const { blockLen, buffer, length, finished, destroyed, pos } = this;
      to.destroyed = destroyed;
      to.finished = finished;
      to.length = length;
      to.pos = pos;
      if (length % blockLen)
        to.buffer.set(buffer);
      return to;
    }
    clone() {
      return this._cloneInto();
    }
  };
  var SHA256_IV = /* @__PURE__ */ Uint32Array.from([
    1779033703,
    3144134277,
    1013904242,
    2773480762,
    1359893119,
    2600822924,
    528734635,
    1541459225
  ]);
  var SHA384_IV = /* @__PURE__ */ Uint32Array.from([
    3418070365,
    3238371032,
    1654270250,
    914150663,
    2438529370,
    812702999,
    355462360,
    4144912697,
    1731405415,
    4290775857,
    2394180231,
    1750603025,
    3675008525,
    1694076839,
    1203062813,
    3204075428
  ]);

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/sha2.js
  var SHA256_K = /* @__PURE__ */ Uint32Array.from([
    1116352408,
    1899447441,
    3049323471,
    3921009573,
    961987163,
    1508970993,
    2453635748,
    2870763221,
    3624381080,
    310598401,
    607225278,
    1426881987,
    1925078388,
    2162078206,
    2614888103,
    3248222580,
    3835390401,
    4022224774,
    264347078,
    604807628,
    770255983,
    1249150122,
    1555081692,
    1996064986,
    2554220882,
    2821834349,
    2952996808,
    3210313671,
    3336571891,
    3584528711,
    113926993,
    338241895,
    666307205,
    773529912,
    1294757372,
    1396182291,
    1695183700,
    1986661051,
    2177026350,
    2456956037,
    2730485921,
    2820302411,
    3259730800,
    3345764771,
    3516065817,
    3600352804,
    4094571909,
    275423344,
    430227734,
    506948616,
    659060556,
    883997877,
    958139571,
    1322822218,
    1537002063,
    1747873779,
    1955562222,
    2024104815,
    2227730452,
    2361852424,
    2428436474,
    2756734187,
    3204031479,
    3329325298
  ]);
  var SHA256_W = /* @__PURE__ */ new Uint32Array(64);
  var SHA2_32B = class extends HashMD {
    constructor(outputLen) {
      super(64, outputLen, 8, false);
    }
    get() {
      const { A, B: B2, C, D, E, F: F2, G, H } = this;
      return [A, B2, C, D, E, F2, G, H];
    }
    // prettier-ignore
    set(A, B2, C, D, E, F2, G, H) {
      this.A = A | 0;
      this.B = B2 | 0;
      this.C = C | 0;
      this.D = D | 0;
      this.E = E | 0;
      this.F = F2 | 0;
      this.G = G | 0;
      this.H = H | 0;
    }
    process(view, offset) {
      for (let i = 0; i < 16; i++, offset += 4)
        SHA256_W[i] = view.getUint32(offset, false);
      for (let i = 16; i < 64; i++) {
        const W15 = SHA256_W[i - 15];
        const W2 = SHA256_W[i - 2];
        const s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3;
        const s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
        SHA256_W[i] = s1 + SHA256_W[i - 7] + s0 + SHA256_W[i - 16] | 0;
      }
      let { A, B: B2, C, D, E, F: F2, G, H } = this;
      for (let i = 0; i < 64; i++) {
        const sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25);
        const T1 = H + sigma1 + Chi(E, F2, G) + SHA256_K[i] + SHA256_W[i] | 0;
        const sigma0 = rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22);
        const T2 = sigma0 + Maj(A, B2, C) | 0;
        H = G;
        G = F2;
        F2 = E;
        E = D + T1 | 0;
        D = C;
        C = B2;
        B2 = A;
        A = T1 + T2 | 0;
      }
      A = A + this.A | 0;
      B2 = B2 + this.B | 0;
      C = C + this.C | 0;
      D = D + this.D | 0;
      E = E + this.E | 0;
      F2 = F2 + this.F | 0;
      G = G + this.G | 0;
      H = H + this.H | 0;
      this.set(A, B2, C, D, E, F2, G, H);
    }
    roundClean() {
      clean2(SHA256_W);
    }
    destroy() {
      this.set(0, 0, 0, 0, 0, 0, 0, 0);
      clean2(this.buffer);
    }
  };
  var _SHA256 = class extends SHA2_32B {
    constructor() {
      super(32);
      // We cannot use array here since array allows indexing by variable
      // which means optimizer/compiler cannot use registers.
      __publicField(this, "A", SHA256_IV[0] | 0);
      __publicField(this, "B", SHA256_IV[1] | 0);
      __publicField(this, "C", SHA256_IV[2] | 0);
      __publicField(this, "D", SHA256_IV[3] | 0);
      __publicField(this, "E", SHA256_IV[4] | 0);
      __publicField(this, "F", SHA256_IV[5] | 0);
      __publicField(this, "G", SHA256_IV[6] | 0);
      __publicField(this, "H", SHA256_IV[7] | 0);
    }
  };
  var K512 = /* @__PURE__ */ (() => split3([
    "0x428a2f98d728ae22",
    "0x7137449123ef65cd",
    "0xb5c0fbcfec4d3b2f",
    "0xe9b5dba58189dbbc",
    "0x3956c25bf348b538",
    "0x59f111f1b605d019",
    "0x923f82a4af194f9b",
    "0xab1c5ed5da6d8118",
    "0xd807aa98a3030242",
    "0x12835b0145706fbe",
    "0x243185be4ee4b28c",
    "0x550c7dc3d5ffb4e2",
    "0x72be5d74f27b896f",
    "0x80deb1fe3b1696b1",
    "0x9bdc06a725c71235",
    "0xc19bf174cf692694",
    "0xe49b69c19ef14ad2",
    "0xefbe4786384f25e3",
    "0x0fc19dc68b8cd5b5",
    "0x240ca1cc77ac9c65",
    "0x2de92c6f592b0275",
    "0x4a7484aa6ea6e483",
    "0x5cb0a9dcbd41fbd4",
    "0x76f988da831153b5",
    "0x983e5152ee66dfab",
    "0xa831c66d2db43210",
    "0xb00327c898fb213f",
    "0xbf597fc7beef0ee4",
    "0xc6e00bf33da88fc2",
    "0xd5a79147930aa725",
    "0x06ca6351e003826f",
    "0x142929670a0e6e70",
    "0x27b70a8546d22ffc",
    "0x2e1b21385c26c926",
    "0x4d2c6dfc5ac42aed",
    "0x53380d139d95b3df",
    "0x650a73548baf63de",
    "0x766a0abb3c77b2a8",
    "0x81c2c92e47edaee6",
    "0x92722c851482353b",
    "0xa2bfe8a14cf10364",
    "0xa81a664bbc423001",
    "0xc24b8b70d0f89791",
    "0xc76c51a30654be30",
    "0xd192e819d6ef5218",
    "0xd69906245565a910",
    "0xf40e35855771202a",
    "0x106aa07032bbd1b8",
    "0x19a4c116b8d2d0c8",
    "0x1e376c085141ab53",
    "0x2748774cdf8eeb99",
    "0x34b0bcb5e19b48a8",
    "0x391c0cb3c5c95a63",
    "0x4ed8aa4ae3418acb",
    "0x5b9cca4f7763e373",
    "0x682e6ff3d6b2b8a3",
    "0x748f82ee5defb2fc",
    "0x78a5636f43172f60",
    "0x84c87814a1f0ab72",
    "0x8cc702081a6439ec",
    "0x90befffa23631e28",
    "0xa4506cebde82bde9",
    "0xbef9a3f7b2c67915",
    "0xc67178f2e372532b",
    "0xca273eceea26619c",
    "0xd186b8c721c0c207",
    "0xeada7dd6cde0eb1e",
    "0xf57d4f7fee6ed178",
    "0x06f067aa72176fba",
    "0x0a637dc5a2c898a6",
    "0x113f9804bef90dae",
    "0x1b710b35131c471b",
    "0x28db77f523047d84",
    "0x32caab7b40c72493",
    "0x3c9ebe0a15c9bebc",
    "0x431d67c49c100d4c",
    "0x4cc5d4becb3e42b6",
    "0x597f299cfc657e2a",
    "0x5fcb6fab3ad6faec",
    "0x6c44198c4a475817"
  ].map((n) => BigInt(n))))();
  var SHA512_Kh = /* @__PURE__ */ (() => K512[0])();
  var SHA512_Kl = /* @__PURE__ */ (() => K512[1])();
  var SHA512_W_H = /* @__PURE__ */ new Uint32Array(80);
  var SHA512_W_L = /* @__PURE__ */ new Uint32Array(80);
  var SHA2_64B = class extends HashMD {
    constructor(outputLen) {
      super(128, outputLen, 16, false);
    }
    // prettier-ignore
    get() {
      const { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
      return [Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl];
    }
    // prettier-ignore
    set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl) {
      this.Ah = Ah | 0;
      this.Al = Al | 0;
      this.Bh = Bh | 0;
      this.Bl = Bl | 0;
      this.Ch = Ch | 0;
      this.Cl = Cl | 0;
      this.Dh = Dh | 0;
      this.Dl = Dl | 0;
      this.Eh = Eh | 0;
      this.El = El | 0;
      this.Fh = Fh | 0;
      this.Fl = Fl | 0;
      this.Gh = Gh | 0;
      this.Gl = Gl | 0;
      this.Hh = Hh | 0;
      this.Hl = Hl | 0;
    }
    process(view, offset) {
      for (let i = 0; i < 16; i++, offset += 4) {
        SHA512_W_H[i] = view.getUint32(offset);
        SHA512_W_L[i] = view.getUint32(offset += 4);
      }
      for (let i = 16; i < 80; i++) {
        const W15h = SHA512_W_H[i - 15] | 0;
        const W15l = SHA512_W_L[i - 15] | 0;
        const s0h = rotrSH(W15h, W15l, 1) ^ rotrSH(W15h, W15l, 8) ^ shrSH(W15h, W15l, 7);
        const s0l = rotrSL(W15h, W15l, 1) ^ rotrSL(W15h, W15l, 8) ^ shrSL(W15h, W15l, 7);
        const W2h = SHA512_W_H[i - 2] | 0;
        const W2l = SHA512_W_L[i - 2] | 0;
        const s1h = rotrSH(W2h, W2l, 19) ^ rotrBH(W2h, W2l, 61) ^ shrSH(W2h, W2l, 6);
        const s1l = rotrSL(W2h, W2l, 19) ^ rotrBL(W2h, W2l, 61) ^ shrSL(W2h, W2l, 6);
        const SUMl = add4L(s0l, s1l, SHA512_W_L[i - 7], SHA512_W_L[i - 16]);
        const SUMh = add4H(SUMl, s0h, s1h, SHA512_W_H[i - 7], SHA512_W_H[i - 16]);
        SHA512_W_H[i] = SUMh | 0;
        SHA512_W_L[i] = SUMl | 0;
      }
      let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
      for (let i = 0; i < 80; i++) {
        const sigma1h = rotrSH(Eh, El, 14) ^ rotrSH(Eh, El, 18) ^ rotrBH(Eh, El, 41);
        const sigma1l = rotrSL(Eh, El, 14) ^ rotrSL(Eh, El, 18) ^ rotrBL(Eh, El, 41);
        const CHIh = Eh & Fh ^ ~Eh & Gh;
        const CHIl = El & Fl ^ ~El & Gl;
        const T1ll = add5L(Hl, sigma1l, CHIl, SHA512_Kl[i], SHA512_W_L[i]);
        const T1h = add5H(T1ll, Hh, sigma1h, CHIh, SHA512_Kh[i], SHA512_W_H[i]);
        const T1l = T1ll | 0;
        const sigma0h = rotrSH(Ah, Al, 28) ^ rotrBH(Ah, Al, 34) ^ rotrBH(Ah, Al, 39);
        const sigma0l = rotrSL(Ah, Al, 28) ^ rotrBL(Ah, Al, 34) ^ rotrBL(Ah, Al, 39);
        const MAJh = Ah & Bh ^ Ah & Ch ^ Bh & Ch;
        const MAJl = Al & Bl ^ Al & Cl ^ Bl & Cl;
        Hh = Gh | 0;
        Hl = Gl | 0;
        Gh = Fh | 0;
        Gl = Fl | 0;
        Fh = Eh | 0;
        Fl = El | 0;
        ({ h: Eh, l: El } = add(Dh | 0, Dl | 0, T1h | 0, T1l | 0));
        Dh = Ch | 0;
        Dl = Cl | 0;
        Ch = Bh | 0;
        Cl = Bl | 0;
        Bh = Ah | 0;
        Bl = Al | 0;
        const All = add3L(T1l, sigma0l, MAJl);
        Ah = add3H(All, T1h, sigma0h, MAJh);
        Al = All | 0;
      }
      ({ h: Ah, l: Al } = add(this.Ah | 0, this.Al | 0, Ah | 0, Al | 0));
      ({ h: Bh, l: Bl } = add(this.Bh | 0, this.Bl | 0, Bh | 0, Bl | 0));
      ({ h: Ch, l: Cl } = add(this.Ch | 0, this.Cl | 0, Ch | 0, Cl | 0));
      ({ h: Dh, l: Dl } = add(this.Dh | 0, this.Dl | 0, Dh | 0, Dl | 0));
      ({ h: Eh, l: El } = add(this.Eh | 0, this.El | 0, Eh | 0, El | 0));
      ({ h: Fh, l: Fl } = add(this.Fh | 0, this.Fl | 0, Fh | 0, Fl | 0));
      ({ h: Gh, l: Gl } = add(this.Gh | 0, this.Gl | 0, Gh | 0, Gl | 0));
      ({ h: Hh, l: Hl } = add(this.Hh | 0, this.Hl | 0, Hh | 0, Hl | 0));
      this.set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl);
    }
    roundClean() {
      clean2(SHA512_W_H, SHA512_W_L);
    }
    destroy() {
      clean2(this.buffer);
      this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
  };
  var _SHA384 = class extends SHA2_64B {
    constructor() {
      super(48);
      __publicField(this, "Ah", SHA384_IV[0] | 0);
      __publicField(this, "Al", SHA384_IV[1] | 0);
      __publicField(this, "Bh", SHA384_IV[2] | 0);
      __publicField(this, "Bl", SHA384_IV[3] | 0);
      __publicField(this, "Ch", SHA384_IV[4] | 0);
      __publicField(this, "Cl", SHA384_IV[5] | 0);
      __publicField(this, "Dh", SHA384_IV[6] | 0);
      __publicField(this, "Dl", SHA384_IV[7] | 0);
      __publicField(this, "Eh", SHA384_IV[8] | 0);
      __publicField(this, "El", SHA384_IV[9] | 0);
      __publicField(this, "Fh", SHA384_IV[10] | 0);
      __publicField(this, "Fl", SHA384_IV[11] | 0);
      __publicField(this, "Gh", SHA384_IV[12] | 0);
      __publicField(this, "Gl", SHA384_IV[13] | 0);
      __publicField(this, "Hh", SHA384_IV[14] | 0);
      __publicField(this, "Hl", SHA384_IV[15] | 0);
    }
  };
  var sha2562 = /* @__PURE__ */ createHasher2(
    () => new _SHA256(),
    /* @__PURE__ */ oidNist2(1)
  );
  var sha384 = /* @__PURE__ */ createHasher2(
    () => new _SHA384(),
    /* @__PURE__ */ oidNist2(2)
  );

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/ed25519.js
  var _1n8 = BigInt(1);
  var _2n6 = BigInt(2);
  var _3n3 = /* @__PURE__ */ BigInt(3);
  var _5n2 = BigInt(5);
  var _8n2 = BigInt(8);
  var ed25519_CURVE_p = BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  function ed25519_pow_2_252_3(x) {
    const _10n = BigInt(10), _20n = BigInt(20), _40n = BigInt(40), _80n = BigInt(80);
    const P = ed25519_CURVE_p;
    const x2 = x * x % P;
    const b2 = x2 * x % P;
    const b4 = pow2(b2, _2n6, P) * b2 % P;
    const b5 = pow2(b4, _1n8, P) * x % P;
    const b10 = pow2(b5, _5n2, P) * b5 % P;
    const b20 = pow2(b10, _10n, P) * b10 % P;
    const b40 = pow2(b20, _20n, P) * b20 % P;
    const b80 = pow2(b40, _40n, P) * b40 % P;
    const b160 = pow2(b80, _80n, P) * b80 % P;
    const b240 = pow2(b160, _80n, P) * b80 % P;
    const b250 = pow2(b240, _10n, P) * b10 % P;
    const pow_p_5_8 = pow2(b250, _2n6, P) * x % P;
    return { pow_p_5_8, b2 };
  }
  function adjustScalarBytes(bytes) {
    bytes[0] &= 248;
    bytes[31] &= 127;
    bytes[31] |= 64;
    return bytes;
  }
  var x25519 = /* @__PURE__ */ (() => {
    const P = ed25519_CURVE_p;
    return montgomery({
      P,
      type: "x25519",
      powPminus2: (x) => {
        const { pow_p_5_8, b2 } = ed25519_pow_2_252_3(x);
        return mod2(pow2(pow_p_5_8, _3n3, P) * b2, P);
      },
      adjustScalarBytes
    });
  })();

  // node_modules/@noble/post-quantum/node_modules/@noble/curves/nist.js
  var p256_CURVE = /* @__PURE__ */ (() => ({
    p: BigInt("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
    n: BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    h: BigInt(1),
    a: BigInt("0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc"),
    b: BigInt("0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
    Gx: BigInt("0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
    Gy: BigInt("0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
  }))();
  var p384_CURVE = /* @__PURE__ */ (() => ({
    p: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"),
    n: BigInt("0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    h: BigInt(1),
    a: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc"),
    b: BigInt("0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
    Gx: BigInt("0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"),
    Gy: BigInt("0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")
  }))();
  var p256_Point = /* @__PURE__ */ weierstrass(p256_CURVE);
  var p256 = /* @__PURE__ */ ecdsa(p256_Point, sha2562);
  var p384_Point = /* @__PURE__ */ weierstrass(p384_CURVE);
  var p384 = /* @__PURE__ */ ecdsa(p384_Point, sha384);

  // node_modules/@noble/post-quantum/node_modules/@noble/hashes/hkdf.js
  function extract(hash, ikm, salt) {
    ahash(hash);
    if (salt === void 0)
      salt = new Uint8Array(hash.outputLen);
    return hmac(hash, salt, ikm);
  }
  var HKDF_COUNTER = /* @__PURE__ */ Uint8Array.of(0);
  var EMPTY_BUFFER = /* @__PURE__ */ Uint8Array.of();
  function expand(hash, prk, info, length = 32) {
    ahash(hash);
    anumber2(length, "length");
    const olen = hash.outputLen;
    if (length > 255 * olen)
      throw new Error("Length must be <= 255*HashLen");
    const blocks = Math.ceil(length / olen);
    if (info === void 0)
      info = EMPTY_BUFFER;
    else
      abytes2(info, void 0, "info");
    const okm = new Uint8Array(blocks * olen);
    const HMAC = hmac.create(hash, prk);
    const HMACTmp = HMAC._cloneInto();
    const T = new Uint8Array(HMAC.outputLen);
    for (let counter = 0; counter < blocks; counter++) {
      HKDF_COUNTER[0] = counter + 1;
      HMACTmp.update(counter === 0 ? EMPTY_BUFFER : T).update(info).update(HKDF_COUNTER).digestInto(T);
      okm.set(T, olen * counter);
      HMAC._cloneInto(HMACTmp);
    }
    HMAC.destroy();
    HMACTmp.destroy();
    clean2(T, HKDF_COUNTER);
    return okm.slice(0, length);
  }

  // node_modules/@noble/post-quantum/hybrid.js
  function ecKeygen(curve, allowZeroKey = false) {
    const lengths = curve.lengths;
    let keygen = curve.keygen;
    if (allowZeroKey) {
      const wCurve = curve;
      const Fn = wCurve.Point.Fn;
      if (!Fn)
        throw new Error("No Point.Fn");
      keygen = (seed = randomBytes2(lengths.seed)) => {
        abytes2(seed, lengths.seed, "seed");
        const seedScalar = Fn.isLE ? bytesToNumberLE(seed) : bytesToNumberBE(seed);
        const secretKey = Fn.toBytes(Fn.create(seedScalar));
        return { secretKey, publicKey: curve.getPublicKey(secretKey) };
      };
    }
    return {
      lengths: { secretKey: lengths.secretKey, publicKey: lengths.publicKey, seed: lengths.seed },
      keygen,
      getPublicKey: (secretKey) => curve.getPublicKey(secretKey)
    };
  }
  function ecdhKem(curve, allowZeroKey = false) {
    const kg = ecKeygen(curve, allowZeroKey);
    if (!curve.getSharedSecret)
      throw new Error("wrong curve");
    return {
      lengths: { ...kg.lengths, msg: kg.lengths.seed, cipherText: kg.lengths.publicKey },
      keygen: kg.keygen,
      getPublicKey: kg.getPublicKey,
      encapsulate(publicKey, rand = randomBytes2(curve.lengths.seed)) {
        const ek = this.keygen(rand).secretKey;
        const sharedSecret = this.decapsulate(publicKey, ek);
        const cipherText = curve.getPublicKey(ek);
        cleanBytes(ek);
        return { sharedSecret, cipherText };
      },
      decapsulate(cipherText, secretKey) {
        const res = curve.getSharedSecret(secretKey, cipherText);
        return curve.lengths.publicKeyHasPrefix ? res.subarray(1) : res;
      }
    };
  }
  function splitLengths(lst, name) {
    return splitCoder(name, ...lst.map((i) => {
      if (typeof i.lengths[name] !== "number")
        throw new Error("wrong length: " + name);
      return i.lengths[name];
    }));
  }
  function expandSeedXof(xof) {
    return (seed, seedLen) => xof(seed, { dkLen: seedLen });
  }
  function combineKeys(realSeedLen, expandSeed, ...ck) {
    const seedCoder = splitLengths(ck, "seed");
    const pkCoder = splitLengths(ck, "publicKey");
    if (realSeedLen === void 0)
      realSeedLen = seedCoder.bytesLen;
    anumber2(realSeedLen);
    function expandDecapsulationKey(seed) {
      abytes2(seed, realSeedLen);
      const expanded = seedCoder.decode(expandSeed(seed, seedCoder.bytesLen));
      const keys = ck.map((i, j) => i.keygen(expanded[j]));
      const secretKey = keys.map((i) => i.secretKey);
      const publicKey = keys.map((i) => i.publicKey);
      return { secretKey, publicKey };
    }
    return {
      info: { lengths: { seed: realSeedLen, publicKey: pkCoder.bytesLen, secretKey: realSeedLen } },
      getPublicKey(secretKey) {
        return this.keygen(secretKey).publicKey;
      },
      keygen(seed = randomBytes2(realSeedLen)) {
        const { publicKey: pk, secretKey } = expandDecapsulationKey(seed);
        const publicKey = pkCoder.encode(pk);
        cleanBytes(pk);
        cleanBytes(secretKey);
        return { secretKey: seed, publicKey };
      },
      expandDecapsulationKey,
      realSeedLen
    };
  }
  function combineKEMS(realSeedLen, realMsgLen, expandSeed, combiner, ...kems) {
    const keys = combineKeys(realSeedLen, expandSeed, ...kems);
    const ctCoder = splitLengths(kems, "cipherText");
    const pkCoder = splitLengths(kems, "publicKey");
    const msgCoder = splitLengths(kems, "msg");
    if (realMsgLen === void 0)
      realMsgLen = msgCoder.bytesLen;
    anumber2(realMsgLen);
    return {
      lengths: {
        ...keys.info.lengths,
        msg: realMsgLen,
        msgRand: msgCoder.bytesLen,
        cipherText: ctCoder.bytesLen
      },
      getPublicKey: keys.getPublicKey,
      keygen: keys.keygen,
      encapsulate(pk, randomness = randomBytes2(msgCoder.bytesLen)) {
        const pks = pkCoder.decode(pk);
        const rand = msgCoder.decode(randomness);
        const enc = kems.map((i, j) => i.encapsulate(pks[j], rand[j]));
        const sharedSecret = enc.map((i) => i.sharedSecret);
        const cipherText = enc.map((i) => i.cipherText);
        const res = {
          sharedSecret: combiner(pks, cipherText, sharedSecret),
          cipherText: ctCoder.encode(cipherText)
        };
        cleanBytes(sharedSecret, cipherText);
        return res;
      },
      decapsulate(ct, seed) {
        const cts = ctCoder.decode(ct);
        const { publicKey, secretKey } = keys.expandDecapsulationKey(seed);
        const sharedSecret = kems.map((i, j) => i.decapsulate(cts[j], secretKey[j]));
        return combiner(publicKey, cts, sharedSecret);
      }
    };
  }
  function QSF(label, pqc, curveKEM, xof, kdf) {
    ahash(xof);
    ahash(kdf);
    return combineKEMS(32, 32, expandSeedXof(xof), (pk, ct, ss) => kdf(concatBytes(ss[0], ss[1], ct[1], pk[1], asciiToBytes(label))), pqc, curveKEM);
  }
  var QSF_ml_kem768_p256 = QSF("QSF-KEM(ML-KEM-768,P-256)-XOF(SHAKE256)-KDF(SHA3-256)", ml_kem768, ecdhKem(p256, true), shake2562, sha3_256);
  var QSF_ml_kem1024_p384 = QSF("QSF-KEM(ML-KEM-1024,P-384)-XOF(SHAKE256)-KDF(SHA3-256)", ml_kem1024, ecdhKem(p384, true), shake2562, sha3_256);
  function createKitchenSink(label, pqc, curveKEM, xof, hash) {
    ahash(xof);
    ahash(hash);
    return combineKEMS(32, 32, expandSeedXof(xof), (pk, ct, ss) => {
      const preimage = concatBytes(ss[0], ss[1], ct[0], pk[0], ct[1], pk[1], asciiToBytes(label));
      const len = 32;
      const ikm = concatBytes(asciiToBytes("hybrid_prk"), preimage);
      const prk = extract(hash, ikm);
      const info = concatBytes(numberToBytesBE(len, 2), asciiToBytes("shared_secret"), asciiToBytes(""));
      const res = expand(hash, prk, info, len);
      cleanBytes(prk, info, ikm, preimage);
      return res;
    }, pqc, curveKEM);
  }
  var x25519kem = ecdhKem(x25519);
  var KitchenSink_ml_kem768_x25519 = createKitchenSink("KitchenSink-KEM(ML-KEM-768,X25519)-XOF(SHAKE256)-KDF(HKDF-SHA-256)", ml_kem768, x25519kem, shake2562, sha2562);
  var ml_kem768_x25519 = /* @__PURE__ */ (() => combineKEMS(
    32,
    32,
    expandSeedXof(shake2562),
    // Awesome label, so much escaping hell in a single line.
    (pk, ct, ss) => sha3_256(concatBytes(ss[0], ss[1], ct[1], pk[1], asciiToBytes("\\.//^\\"))),
    ml_kem768,
    x25519kem
  ))();
  var MLKEM768X25519 = ml_kem768_x25519;

  // node_modules/@panva/hpke-noble/index.js
  var KEM_MLKEM768_X255192 = () => createPqKem({
    id: 25722,
    name: "MLKEM768-X25519",
    Nsecret: 32,
    Nenc: 1120,
    Npk: 1216,
    Nsk: 32,
    kem: MLKEM768X25519
  });
  function createPqKem(config) {
    const { id: id2, name, Nsecret, Nenc, Npk, Nsk, kem: nobleKem } = config;
    const suite_id = concat2(encode("KEM"), I2OSP(id2, 2));
    Object.freeze(NobleKey.prototype);
    const algorithm = { name };
    return {
      id: id2,
      type: "KEM",
      name,
      Nsecret,
      Nenc,
      Npk,
      Nsk,
      async DeriveKeyPair(ikm, extractable) {
        const seed = await LabeledDerive(
          {
            async Derive(ikm2, L) {
              return shake256(ikm2, { dkLen: L });
            }
          },
          suite_id,
          ikm,
          encode("DeriveKeyPair"),
          new Uint8Array(),
          Nsk
        );
        const { secretKey, publicKey } = nobleKem.keygen(seed);
        return {
          privateKey: new NobleKey(priv2, "private", secretKey, extractable, algorithm, seed),
          publicKey: new NobleKey(priv2, "public", publicKey, true, algorithm)
        };
      },
      async GenerateKeyPair(extractable) {
        const ikm = crypto.getRandomValues(new Uint8Array(Nsk));
        return await this.DeriveKeyPair(ikm, extractable);
      },
      async SerializePublicKey(key) {
        NobleKey.validate(key, algorithm, true);
        return key.value(priv2);
      },
      async DeserializePublicKey(key) {
        return new NobleKey(priv2, "public", slice2(key), true, algorithm);
      },
      async SerializePrivateKey(key) {
        NobleKey.validate(key, algorithm, true);
        return key.seed(priv2);
      },
      async DeserializePrivateKey(key, extractable) {
        const { secretKey } = nobleKem.keygen(key);
        return new NobleKey(priv2, "private", secretKey, extractable, algorithm, slice2(key));
      },
      async Encap(pkR) {
        NobleKey.validate(pkR, algorithm);
        const { cipherText, sharedSecret } = nobleKem.encapsulate(pkR.value(priv2));
        return { shared_secret: sharedSecret, enc: cipherText };
      },
      async Decap(enc, skR) {
        NobleKey.validate(skR, algorithm);
        return nobleKem.decapsulate(enc, skR.value(priv2));
      }
    };
  }
  var InvalidInvocation2 = (_) => {
    if (_ !== priv2) {
      throw new Error("invalid invocation");
    }
  };
  var priv2 = /* @__PURE__ */ Symbol();
  var _type2, _extractable2, _algorithm2, _value, _seed2, _NobleKey_static, isValid_fn2;
  var _NobleKey = class _NobleKey {
    constructor(_, type, value, extractable, algorithm, seed) {
      __privateAdd(this, _type2);
      __privateAdd(this, _extractable2);
      __privateAdd(this, _algorithm2);
      __privateAdd(this, _value);
      __privateAdd(this, _seed2);
      InvalidInvocation2(_);
      __privateSet(this, _type2, type);
      __privateSet(this, _value, value);
      __privateSet(this, _extractable2, extractable);
      __privateSet(this, _algorithm2, algorithm);
      __privateSet(this, _seed2, seed);
    }
    static validate(key, algorithm, extractable) {
      var _a;
      if (key.algorithm?.name !== algorithm.name) {
        throw new TypeError(`key algorithm must be ${algorithm.name}`);
      }
      try {
        if (!__privateMethod(_a = _NobleKey, _NobleKey_static, isValid_fn2).call(_a, key)) {
          throw new TypeError("unexpected key constructor");
        }
      } catch {
        throw new TypeError("unexpected key constructor");
      }
      if (extractable && !key.extractable) {
        throw new TypeError("key must be extractable");
      }
    }
    get algorithm() {
      return { name: __privateGet(this, _algorithm2).name };
    }
    get extractable() {
      return __privateGet(this, _extractable2);
    }
    get type() {
      return __privateGet(this, _type2);
    }
    value(_) {
      InvalidInvocation2(_);
      return slice2(__privateGet(this, _value));
    }
    seed(_) {
      InvalidInvocation2(_);
      return slice2(__privateGet(this, _seed2));
    }
  };
  _type2 = new WeakMap();
  _extractable2 = new WeakMap();
  _algorithm2 = new WeakMap();
  _value = new WeakMap();
  _seed2 = new WeakMap();
  _NobleKey_static = new WeakSet();
  isValid_fn2 = function(key) {
    return __privateGet(key, _algorithm2) !== void 0;
  };
  __privateAdd(_NobleKey, _NobleKey_static);
  var NobleKey = _NobleKey;
  function slice2(buffer, start, end) {
    return Uint8Array.prototype.slice.call(buffer, start, end);
  }

  // sealing/prefix.ts
  var SUITE = 1;
  var PREFIX_LENGTH = 53;
  function prefix(magic, keyId, contextDigest2) {
    const whole = concat(utf8(magic), Uint8Array.of(SUITE), keyId, contextDigest2);
    if (whole.length !== PREFIX_LENGTH) throw new RangeError("no prefix");
    return whole;
  }

  // sealing/box.ts
  var BOX_MAGIC = "VSH1";
  async function sealBox(to, context, installation, plaintext) {
    const header = prefix(BOX_MAGIC, to.id, await contextDigest(context, installation));
    const seal = (kem) => sealWith(kem, to.publicKey, header, plaintext);
    return seal(KEM_MLKEM768_X25519).catch((error) => {
      if (error instanceof NotSupportedError) return seal(KEM_MLKEM768_X255192);
      throw error;
    });
  }
  async function sealWith(kem, publicKey, header, plaintext) {
    const suite = suiteOf(kem);
    const key = await suite.DeserializePublicKey(publicKey);
    const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { info: boxInfo(header) });
    return concat(header, new Uint8Array(encapsulatedSecret), new Uint8Array(ciphertext));
  }
  function suiteOf(kem) {
    return new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  }
  function boxInfo(header) {
    return concat(domain("box"), Uint8Array.of(0), header);
  }

  // sealing/derive.ts
  async function derive(key, label, salt) {
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf(label, salt), await material(key), 256));
  }
  async function deriveCipher(key, label, salt, use) {
    const aes = { name: "AES-GCM", length: 256 };
    return crypto.subtle.deriveKey(hkdf(label, salt), await material(key), aes, false, [use]);
  }
  function hkdf(label, salt) {
    return { name: "HKDF", hash: "SHA-256", salt, info: domain(label) };
  }
  async function material(key) {
    return crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits", "deriveKey"]);
  }

  // sealing/stream.ts
  var STREAM_MAGIC = "VSS1";
  var CHUNK = 262144;
  var TAG_LENGTH = 16;
  var SEALED_CHUNK = CHUNK + TAG_LENGTH;
  var SALT_LENGTH = 32;
  var HEADER_LENGTH = 117;
  var CHUNKS_MAX = 2 ** 32;
  var StreamSealer = class _StreamSealer {
    constructor(header, binding, cipher, length) {
      this.header = header;
      this.binding = binding;
      this.cipher = cipher;
      this.length = length;
      this.next = 0;
    }
    /** `salt` is for vectors alone. Raises RangeError for a length that no stream has. */
    static async begin(place, length, salt = random(SALT_LENGTH)) {
      if (chunksOf(length) > CHUNKS_MAX) throw new RangeError("too long");
      const digest = await contextDigest(place.context, place.installation);
      const commitment = await derive(place.key, "stream/commit", salt);
      const header = concat(prefix(STREAM_MAGIC, place.keyId, digest), salt, commitment);
      const cipher = await deriveCipher(place.key, "stream/key", salt, "encrypt");
      return new _StreamSealer(header, await sha256(header), cipher, length);
    }
    get chunks() {
      return chunksOf(this.length);
    }
    /** The next chunk, sealed. Raises RangeError where `plain` is not of its length. */
    async seal(plain) {
      const number = this.next;
      const expected = Math.min(CHUNK, this.length - number * CHUNK);
      if (number >= this.chunks || plain.length !== expected) throw new RangeError("not the next chunk");
      this.next += 1;
      return sealChunk(this.cipher, this.binding, number, number === this.chunks - 1, plain);
    }
  };
  async function sealChunk(cipher, binding, number, isLast, plain) {
    const gcm = { name: "AES-GCM", iv: nonce(number, isLast), additionalData: binding };
    return new Uint8Array(await crypto.subtle.encrypt(gcm, cipher, plain));
  }
  function nonce(number, isLast) {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint32(3, Math.floor(number / 2 ** 32));
    view.setUint32(7, number % 2 ** 32);
    bytes[11] = isLast ? 1 : 0;
    return bytes;
  }
  function ciphertextLength(length) {
    return HEADER_LENGTH + length + TAG_LENGTH * chunksOf(length);
  }
  function chunksOf(length) {
    return Math.max(1, Math.ceil(length / CHUNK));
  }

  // sealing/tree.ts
  var BLOCK = 8388608;
  var PREFIX = 3;
  async function digestOfBlocks(digests) {
    return sha256(concat(Uint8Array.of(PREFIX), ...digests));
  }

  // sealing/segment.ts
  var KEY_LENGTH = 32;
  var ID_LENGTH2 = 16;
  var AT_ONCE2 = 8;
  var Segment = class _Segment {
    constructor(keyId, box, sealer, plainLength, read2) {
      this.keyId = keyId;
      this.box = box;
      this.sealer = sealer;
      this.plainLength = plainLength;
      this.read = read2;
      this.digests = [];
      this.buffers = [];
      this.made = 0;
      this.sealed = 0;
      this.length = ciphertextLength(plainLength);
      this.waiting = [sealer.header];
    }
    static async begin(target, part, read2) {
      const [key, keyId] = [random(KEY_LENGTH), random(ID_LENGTH2)];
      try {
        const context = segmentContext(target.case, part.asset, part.number);
        const sealer = await StreamSealer.begin({ key, keyId, context, installation: target.installation }, part.length);
        const box = await sealBox(target.intake, keyContext(keyId, target.case, part.asset), target.installation, key);
        return new _Segment(keyId, box, sealer, part.length, read2);
      } finally {
        key.fill(0);
      }
    }
    /** The next block, of which every one but the last has BLOCK bytes; null behind the last.
        It is written over by the one after the next: be done with it before that is asked for. */
    async nextBlock() {
      if (this.made === this.length) return null;
      const block = this.room(Math.min(BLOCK, this.length - this.made));
      let filled = 0;
      while (filled < block.length) {
        const sealed = this.waiting.shift() ?? await this.sealSome();
        const fits = sealed.subarray(0, block.length - filled);
        block.set(fits, filled);
        filled += fits.length;
        if (fits.length < sealed.length) this.waiting.unshift(sealed.subarray(fits.length));
      }
      this.made += block.length;
      this.digests.push(await sha256(block));
      return block;
    }
    /** The tree digest, once every block was made. */
    async digest() {
      if (this.made !== this.length) throw new Error("not all of the segment was sealed");
      return digestOfBlocks(this.digests);
    }
    /** One of two buffers, in turns: memory that waits to be collected is memory all the same. */
    room(size) {
      var _a;
      const turn = this.digests.length % 2;
      const buffer = (_a = this.buffers)[turn] ?? (_a[turn] = new Uint8Array(size));
      return buffer.subarray(0, size);
    }
    /** Seals what comes next of the file, and gives the first chunk of it; the others wait. */
    async sealSome() {
      const plain = await this.read(this.sealed, Math.min(AT_ONCE2 * CHUNK, this.plainLength - this.sealed));
      this.sealed += plain.length;
      const chunks = Array.from(
        { length: Math.max(1, Math.ceil(plain.length / CHUNK)) },
        (_, number) => this.sealer.seal(plain.subarray(number * CHUNK, (number + 1) * CHUNK))
      );
      const [first, ...others] = await Promise.all(chunks).finally(() => plain.fill(0));
      this.waiting.push(...others);
      return first ?? new Uint8Array();
    }
  };

  // sending/patience.ts
  var FIRST = 1e3;
  var LONGEST = 6e4;
  var Patience = class {
    constructor() {
      this.times = 0;
    }
    /** Milliseconds: from 1 s to 60 s, of which a random half is taken off, so that many do not come back together. */
    next() {
      const whole = Math.min(LONGEST, FIRST * 2 ** this.times);
      this.times += 1;
      return whole / 2 + Math.random() * whole / 2;
    }
    reset() {
      this.times = 0;
    }
  };
  var MIB = 1048576;
  var SMALLEST = MIB / 4;
  var LARGEST = 8 * MIB;
  var QUICK = 1500;
  var SLOW = 1e4;
  var Pieces = class {
    constructor(largest = LARGEST) {
      this.largest = largest;
      this.size = Math.min(MIB, largest);
    }
    /** A whole piece of the present size arrived after so many milliseconds. */
    arrived(milliseconds) {
      if (milliseconds < QUICK) this.size = Math.min(this.largest, this.size * 2);
      if (milliseconds > SLOW) this.cut();
    }
    cut() {
      this.size = Math.max(Math.min(SMALLEST, this.largest), this.size / 2);
    }
  };

  // sending/exchange.ts
  var DOUBTED_AT_MOST = 3;
  var ASKED_AGAIN_AFTER = 15e3;
  var PASSING = [408, 409, 423, 425, 429, 460];
  var Refusal = class extends Error {
    constructor(why) {
      super(why);
      this.why = why;
    }
  };
  var Exchange = class {
    constructor(control, turns2, session2, tell2) {
      this.control = control;
      this.turns = turns2;
      this.session = session2;
      this.tell = tell2;
      this.patience = new Patience();
      this.doubted = 0;
      this.isInTurn = false;
    }
    get hasTurn() {
      return this.isInTurn;
    }
    get token() {
      return this.session.token;
    }
    async takeTurn() {
      if (this.isInTurn) return;
      await this.control.restUntil(this.turns.take());
      this.isInTurn = true;
      await this.mayGoOn();
    }
    giveTurn() {
      if (this.isInTurn) this.turns.give();
      this.isInTurn = false;
    }
    /** Waits while the person wants it to; others have their turn meanwhile. Raises Removed. */
    async mayGoOn(mayBeHalted = true) {
      while (mayBeHalted ? this.control.isHeld : this.control.isPaused) {
        this.tell("paused");
        const hadTurn = this.isInTurn;
        this.giveTurn();
        await this.control.held();
        this.tell("waits");
        if (hadTurn) await this.takeTurn();
      }
      if (this.control.isRemoved) throw new Removed();
    }
    /** Makes a request that may be made twice until it is answered by success or one of `expected`. */
    async persist(request, expected, mayBeHalted = true) {
      for (; ; ) {
        await this.mayGoOn(mayBeHalted);
        const answer = await request();
        if (answer.status >= 200 && answer.status < 300 || expected.includes(answer.status)) {
          this.wentWell();
          return answer;
        }
        await this.overcome(answer);
      }
    }
    wentWell() {
      this.patience.reset();
      this.doubted = 0;
    }
    /** Waits until another try is worth it. Raises Refusal where none is. */
    async overcome(answer) {
      const { status } = answer;
      if (this.control.isRemoved || status === 0 && this.control.isHeld) return;
      if (status === 401 || status === 403 && ++this.doubted < DOUBTED_AT_MOST) return this.signInAgain();
      if (status === 413) throw new Refusal(faultOf(answer) === "files" ? "too-many-waiting" : "too-large");
      if (status !== 0 && status < 500 && !PASSING.includes(status)) throw new Refusal("refused");
      this.tell(status === 507 ? "full" : "retrying");
      await this.control.pauseUntil(null, this.patience.next());
    }
    async signInAgain() {
      this.tell("signed-out");
      await this.control.pauseUntil(this.session.regained(), ASKED_AGAIN_AFTER);
    }
  };
  function faultOf(answer) {
    try {
      return String(JSON.parse(answer.body).error ?? "");
    } catch {
      return "";
    }
  }

  // sending/requests.ts
  var NO_ANSWER = { status: 0, offset: Number.NaN, location: "", body: "" };
  var TUS = "1.0.0";
  var BYTES = "application/offset+octet-stream";
  var SILENCE = 45e3;
  var UPLOADS = "/uploads";
  function create(length, metadata, signal) {
    const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${toBase64(value)}`);
    return send({ method: "POST", path: UPLOADS, headers: { "Upload-Length": String(length), "Upload-Metadata": pairs.join(",") }, signal });
  }
  function head(path, signal) {
    return send({ method: "HEAD", path, headers: {}, signal });
  }
  async function patch(path, offset, piece, signal, progress) {
    const checksum = toBase64(await sha256(piece));
    const headers = { "Content-Type": BYTES, "Upload-Offset": String(offset), "Upload-Checksum": `sha256 ${checksum}` };
    return send({ method: "PATCH", path, headers, body: piece, signal, progress });
  }
  function remove(path, signal) {
    return send({ method: "DELETE", path, headers: {}, signal });
  }
  function postJson(path, token, body, signal) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token };
    return send({ method: "POST", path, headers, body: JSON.stringify(body), signal });
  }
  function pathOf(location) {
    const url = new URL(location, self.location.origin);
    if (url.origin !== self.location.origin || !url.pathname.startsWith(`${UPLOADS}/`)) throw new Error("an upload elsewhere");
    return url.pathname;
  }
  function ascii(text2) {
    return utf8(String(text2));
  }
  function send(sent) {
    return new Promise((settle) => {
      const request = new XMLHttpRequest();
      const silence = new Silence(() => request.abort());
      const end = (answer) => {
        silence.end();
        sent.signal.removeEventListener("abort", abort);
        settle(answer);
      };
      const abort = () => request.abort();
      request.open(sent.method, sent.path);
      request.setRequestHeader("Tus-Resumable", TUS);
      for (const [name, value] of Object.entries(sent.headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        silence.broken();
        sent.progress?.(event.loaded);
      };
      request.onload = () => end(read(request));
      request.onerror = request.onabort = () => end(NO_ANSWER);
      sent.signal.addEventListener("abort", abort);
      if (sent.signal.aborted) end(NO_ANSWER);
      else request.send(sent.body instanceof Uint8Array ? new Blob([sent.body]) : sent.body ?? null);
    });
  }
  function read(request) {
    const offset = request.getResponseHeader("Upload-Offset");
    return {
      status: request.status,
      offset: offset !== null && /^\d{1,15}$/.test(offset) ? Number(offset) : Number.NaN,
      location: request.getResponseHeader("Location") ?? "",
      body: request.responseText
    };
  }
  var Silence = class {
    constructor(tooLong) {
      this.tooLong = tooLong;
      this.timer = 0;
      this.broken();
    }
    broken() {
      self.clearTimeout(this.timer);
      this.timer = self.setTimeout(this.tooLong, SILENCE);
    }
    end() {
      self.clearTimeout(this.timer);
    }
  };

  // sending/upload.ts
  var ID_LENGTH3 = 16;
  var ANEW_AT_MOST = 6;
  var TOLD_EVERY = 250;
  var UNKNOWN = [404, 410];
  var Upload = class {
    /** `asset`: of a file that was begun before. */
    constructor(id2, file, said, asset, around) {
      this.id = id2;
      this.file = file;
      this.said = said;
      this.around = around;
      this.control = new Control();
      this.pieces = new Pieces();
      this.path = null;
      this.state = "waits";
      this.why = null;
      this.sent = 0;
      this.told = 0;
      this.wasAnswered = true;
      this.hasEnded = false;
      this.begun = asset !== null;
      this.asset = asset ?? random(ID_LENGTH3);
      this.exchange = new Exchange(this.control, around.turns, around.session, (state) => this.tell(state));
    }
    pause() {
      this.control.pause();
      if (!this.exchange.hasTurn) this.tell("paused");
    }
    goOn() {
      this.control.goOn();
      if (!this.exchange.hasTurn) this.tell("waits");
    }
    remove() {
      this.control.remove();
      if (this.hasEnded) void this.forget();
    }
    /** Settles when the file has arrived, was removed or is refused; the last standing says which. */
    async run(target) {
      try {
        this.tell("waits");
        await this.sendAll(target);
        this.sent = this.file.size;
        this.tell("done");
      } catch (error) {
        await this.giveUp(error);
      } finally {
        this.exchange.giveTurn();
        this.control.ended();
        this.hasEnded = true;
      }
    }
    async sendAll(target) {
      let plan = target === null ? await this.askWhere(null) : beginning(target);
      for (let times = 0; times < ANEW_AT_MOST; times++) {
        if (plan === "whole") return;
        const outcome = await this.sendSegment(plan);
        if (outcome === "whole") return;
        if (outcome === "astray") plan = await this.askWhere(plan.target);
      }
      throw new Refusal("damaged");
    }
    /** Under a key of its own, which goes with it. */
    async sendSegment(plan) {
      this.pieces = new Pieces(plan.target.piece);
      const length = this.file.size - plan.from;
      const part = { asset: this.asset, number: plan.segment, length };
      const segment = await Segment.begin(targetOf(plan.target), part, this.reader(plan.from));
      if (!await this.create(plan, segment)) return "astray";
      await this.exchange.takeTurn();
      const shown = (offset) => plan.from + Math.floor(length * offset / segment.length);
      let start = 0;
      let coming = segment.nextBlock();
      for (let block = await coming; block !== null; block = await coming) {
        coming = segment.nextBlock();
        coming.catch(() => {
        });
        if (!await this.sendBlock(block, start, shown)) return "astray";
        start += block.length;
      }
      return this.finish(await segment.digest());
    }
    /** Before its turn, so that the form names it and it can be taken up again even if it never had one. */
    async create(plan, segment) {
      const metadata = {
        capsule: ascii(plan.target.capsule),
        asset: this.asset,
        segment: ascii(plan.segment),
        key: segment.keyId,
        box: segment.box,
        length: ascii(this.file.size),
        mark: await markOf(this.file),
        from: ascii(plan.from)
      };
      const begin2 = () => create(segment.length, metadata, this.control.signal);
      const answer = await this.exchange.persist(begin2, [404, 409], false);
      if (answer.status >= 300) return false;
      this.path = pathOf(answer.location);
      this.begun = true;
      this.tell("waits");
      return true;
    }
    /** Says whether the whole block arrived; where it did not, the server stands where this page cannot go back to. */
    async sendBlock(block, start, shown) {
      let at = start;
      while (at < start + block.length) {
        await this.exchange.mayGoOn();
        this.tell("sending");
        const piece = block.subarray(at - start, at - start + this.pieces.size);
        const offset = await this.sendPiece(piece, at, (bytes) => this.progress(shown(at + Math.min(bytes, piece.length))));
        if (Number.isNaN(offset) || offset < start || offset > start + block.length) return false;
        at = offset;
        this.progress(shown(at));
      }
      return true;
    }
    /** Where the server stands afterwards; NaN where the upload is gone. */
    async sendPiece(piece, at, progress) {
      const [path, began] = [this.pathNow(), Date.now()];
      const answer = await patch(path, at, piece, this.control.signal, progress);
      if (answer.status === 204 && answer.offset === at + piece.length) {
        this.exchange.wentWell();
        if (piece.length >= this.pieces.size) this.pieces.arrived(Date.now() - began);
        return answer.offset;
      }
      if (answer.status === 0 && !this.control.isHeld) this.pieces.cut();
      if (answer.status !== 204 && !UNKNOWN.includes(answer.status)) await this.exchange.overcome(answer);
      return (await this.exchange.persist(() => head(path, this.control.signal), UNKNOWN)).offset;
    }
    async finish(digest) {
      this.tell("finishing");
      const path = `${this.pathNow()}/whole`;
      const post = async () => {
        const answer2 = await postJson(path, this.exchange.token, { digest: toHex(digest), said: this.said }, this.control.signal);
        if (answer2.status === 0 || answer2.status >= 500) this.wasAnswered = false;
        return answer2;
      };
      const answer = await this.exchange.persist(post, [404, 409, 410]);
      if (answer.status < 300) return "whole";
      return faultOf(answer) === "digest" ? "damaged" : "astray";
    }
    /** Where the file goes on. `target`: where it goes if the server knows nothing of it; null where that cannot be.
    
          Raises Refusal where it is another file than the one begun, or is no longer known.
      */
    async askWhere(target) {
      const mark = toHex(await markOf(this.file));
      const ask = () => postJson(`/uploads/assets/${uuid(this.asset)}/resume`, this.exchange.token, { mark }, this.control.signal);
      let answer = await this.exchange.persist(ask, [404, 409, 410]);
      while (answer.status === 409 && !["another-file", "whole-already"].includes(faultOf(answer))) {
        await this.exchange.overcome(answer);
        answer = await this.exchange.persist(ask, [404, 409, 410]);
      }
      if (answer.status === 409 && faultOf(answer) === "another-file") throw new Refusal("another-file");
      if (answer.status === 409) return "whole";
      if (answer.status < 300) return this.planOf(JSON.parse(answer.body), target);
      if (!this.wasAnswered) return "whole";
      if (target === null) throw new Refusal("gone");
      this.asset = random(ID_LENGTH3);
      this.begun = false;
      return beginning(target);
    }
    planOf(resumed, before) {
      if (resumed.length !== this.file.size || resumed.origin > this.file.size) throw new Refusal("another-file");
      this.progress(resumed.origin);
      return { segment: resumed.segment, from: resumed.origin, target: { ...before, ...resumed.target } };
    }
    async giveUp(error) {
      if (error instanceof Removed) {
        await this.forget();
        this.tell("removed");
        return;
      }
      this.why = error instanceof Refusal ? error.why : error instanceof DOMException ? "unreadable" : "refused";
      this.tell("refused");
    }
    /** What the server has of this file goes; if it does not hear that, it goes when its time is over.
        A file that is whole has no address any more, and goes by its own name. */
    async forget() {
      const { signal } = new AbortController();
      const answer = this.path === null || this.state === "done" ? null : await remove(this.path, signal);
      const discard = `/notebook/files/${uuid(this.asset)}/discard`;
      if (this.begun && answer?.status !== 204) await postJson(discard, this.exchange.token, {}, signal);
      this.path = null;
    }
    reader(from) {
      return async (offset, size) => {
        const bytes = new Uint8Array(await this.file.slice(from + offset, from + offset + size).arrayBuffer());
        if (bytes.length !== size) throw new Refusal("unreadable");
        return bytes;
      };
    }
    pathNow() {
      if (this.path === null) throw new Error("nothing was begun");
      return this.path;
    }
    progress(sent) {
      this.sent = sent;
      if (Date.now() - this.told > TOLD_EVERY) this.tell(this.state);
    }
    tell(state) {
      this.state = state;
      this.told = Date.now();
      const { id: id2, sent, why, begun } = this;
      this.around.tell({ say: "stands", id: id2, state, asset: toHex(this.asset), begun, sent, why });
    }
  };
  function beginning(target) {
    return { segment: 1, from: 0, target };
  }
  function targetOf(words) {
    const intake = { id: fromHex(words.key), publicKey: fromBase64(words.public) };
    return { installation: fromHex(words.installation), case: fromHex(words.case), intake };
  }

  // upload.worker.ts
  var AT_ONCE3 = 2;
  function tell(report) {
    self.postMessage(report);
  }
  var turns = new Turns(AT_ONCE3);
  var session = new Session(() => tell({ say: "signed-out" }));
  var uploads = /* @__PURE__ */ new Map();
  function begin(order) {
    session.token = order.token;
    const asset = order.do === "resume" ? fromHex(order.asset) : null;
    const upload = new Upload(order.id, order.file, order.said, asset, { turns, session, tell });
    uploads.set(order.id, upload);
    void upload.run(order.do === "send" ? order.target : null);
  }
  function remove2(id2) {
    uploads.get(id2)?.remove();
    uploads.delete(id2);
  }
  async function halt() {
    const controls = Array.from(uploads.values(), (upload) => upload.control);
    for (const control of controls) control.halt();
    await Promise.all(controls.map((control) => control.rested()));
    tell({ say: "halted" });
  }
  function obey(order) {
    switch (order.do) {
      case "send":
      case "resume":
        return begin(order);
      case "pause":
        return uploads.get(order.id)?.pause();
      case "go-on":
        return uploads.get(order.id)?.goOn();
      case "remove":
        return remove2(order.id);
      case "halt":
        return void halt();
      case "proceed":
        return uploads.forEach((upload) => upload.control.proceed());
      case "signed-in":
        return session.isBack(order.token);
      case "online":
        return uploads.forEach((upload) => upload.control.stir());
    }
  }
  self.addEventListener("message", (event) => obey(event.data));
})();
