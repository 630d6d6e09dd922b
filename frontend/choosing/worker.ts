/* The page's line to the worker that seals and sends. It is started when the first file is chosen. */

import type { Order, Report } from "../sending/messages";

interface Policy {
  createScriptURL(url: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

/** The one script that a page may start, as the server's policy names it. */
const WORKER = /^\/static\/dist\/upload\.worker\.js(?:\?v=[0-9a-f]{12})?$/;
const POLICY = "vouchsafe";

const TRY_AGAIN_AFTER = 3_000;

export class Line {
  private worker: Worker | null = null;
  /** What was said before the worker spoke: if it could not be fetched, the next one hears it again. */
  private unheard: Order[] | null = [];

  constructor(
    private readonly url: string,
    private readonly hear: (report: Report) => void,
    private readonly unreachable: () => void,
  ) {}

  get isOpen(): boolean {
    return this.worker !== null;
  }

  say(order: Order): void {
    this.worker ??= this.open();
    this.unheard?.push(order);
    this.worker.postMessage(order);
  }

  private open(): Worker {
    const worker = new Worker(trusted(this.url));
    worker.addEventListener("message", (event: MessageEvent<Report>) => {
      this.unheard = null;
      this.hear(event.data);
    });
    worker.addEventListener("error", () => {
      if (this.unheard === null) return;
      this.unreachable();
      window.setTimeout(() => this.openAgain(), TRY_AGAIN_AFTER);
    });
    return worker;
  }

  private openAgain(): void {
    this.worker = this.open();
    for (const order of this.unheard ?? []) this.worker.postMessage(order);
  }
}

/** Raises TypeError for any address but the worker's own. */
function only(url: string): string {
  if (!WORKER.test(url)) throw new TypeError("no script of ours");
  return url;
}

let policy: Policy | undefined;

/** Browsers that know trusted types demand one; the others check the address all the same. */
function trusted(url: string): string {
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (factory === undefined) return only(url);
  policy ??= factory.createPolicy(POLICY, { createScriptURL: only });
  return policy.createScriptURL(url) as string;
}
