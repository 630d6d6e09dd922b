/* The few requests of tus 1.0.0 that a file needs, each with one answer: a status of 0 is no answer at all. */

import { sha256, toBase64, utf8, type Bytes } from "../sealing/bytes";

export interface Answer {
  readonly status: number;
  /** NaN where the server did not say. */
  readonly offset: number;
  readonly location: string;
  readonly body: string;
}

export const NO_ANSWER: Answer = { status: 0, offset: Number.NaN, location: "", body: "" };

const TUS = "1.0.0";
const BYTES = "application/offset+octet-stream";
/** Milliseconds without a sign of the other side. */
const SILENCE = 45_000;
const UPLOADS = "/uploads";

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Bytes | string;
  readonly signal: AbortSignal;
  /** Hears of bytes on their way. */
  readonly progress?: (bytes: number) => void;
}

export function create(length: number, metadata: Readonly<Record<string, Bytes>>, signal: AbortSignal): Promise<Answer> {
  const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${toBase64(value)}`);
  return send({ method: "POST", path: UPLOADS, headers: { "Upload-Length": String(length), "Upload-Metadata": pairs.join(",") }, signal });
}

export function head(path: string, signal: AbortSignal): Promise<Answer> {
  return send({ method: "HEAD", path, headers: {}, signal });
}

export async function patch(path: string, offset: number, piece: Bytes, signal: AbortSignal, progress: (bytes: number) => void): Promise<Answer> {
  const checksum = toBase64(await sha256(piece));
  const headers = { "Content-Type": BYTES, "Upload-Offset": String(offset), "Upload-Checksum": `sha256 ${checksum}` };
  return send({ method: "PATCH", path, headers, body: piece, signal, progress });
}

export function remove(path: string, signal: AbortSignal): Promise<Answer> {
  return send({ method: "DELETE", path, headers: {}, signal });
}

export function postJson(path: string, token: string, body: unknown, signal: AbortSignal): Promise<Answer> {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token };
  return send({ method: "POST", path, headers, body: JSON.stringify(body), signal });
}

/** The path of an upload, if it is one of ours. Raises where it is not. */
export function pathOf(location: string): string {
  const url = new URL(location, self.location.origin);
  if (url.origin !== self.location.origin || !url.pathname.startsWith(`${UPLOADS}/`)) throw new Error("an upload elsewhere");
  return url.pathname;
}

export function ascii(text: string | number): Bytes {
  return utf8(String(text));
}

/** XMLHttpRequest, for fetch does not say how much of a body has gone. Bytes go as a Blob: a browser lets go of that at once. */
function send(sent: Sent): Promise<Answer> {
  return new Promise((settle) => {
    const request = new XMLHttpRequest();
    const silence = new Silence(() => request.abort());
    const end = (answer: Answer): void => {
      silence.end();
      sent.signal.removeEventListener("abort", abort);
      settle(answer);
    };
    const abort = (): void => request.abort();
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
    else request.send(sent.body instanceof Uint8Array ? new Blob([sent.body]) : (sent.body ?? null));
  });
}

function read(request: XMLHttpRequest): Answer {
  const offset = request.getResponseHeader("Upload-Offset");
  return {
    status: request.status,
    offset: offset !== null && /^\d{1,15}$/.test(offset) ? Number(offset) : Number.NaN,
    location: request.getResponseHeader("Location") ?? "",
    body: request.responseText,
  };
}

/** Calls when nothing was heard for too long. */
class Silence {
  private timer = 0;

  constructor(private readonly tooLong: () => void) {
    this.broken();
  }

  broken(): void {
    self.clearTimeout(this.timer);
    this.timer = self.setTimeout(this.tooLong, SILENCE);
  }

  end(): void {
    self.clearTimeout(this.timer);
  }
}
