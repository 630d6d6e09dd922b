/* What the page and its worker say to each other. Bytes are written in hex, except the public key in base64. */

/** Where a file goes, as the server says. */
export interface TargetWords {
  readonly installation: string;
  readonly case: string;
  readonly key: string;
  readonly public: string;
  readonly capsule: string;
  /** The largest piece, in bytes, where the server wants smaller ones. */
  readonly piece?: number;
}

/** As a form carries it in `data-upload-target`. */
export interface FormTarget extends TargetWords {
  readonly files: number;
  /** The largest file, in bytes. */
  readonly bytes: number;
}

/** What the server seals beside a file. */
export interface Said {
  readonly name: string;
  readonly title: string;
  readonly credit: string;
  readonly warning: string;
  readonly type: string;
}

export type Order =
  | { readonly do: "send"; readonly id: number; readonly file: File; readonly said: Said; readonly target: TargetWords; readonly token: string }
  | { readonly do: "resume"; readonly id: number; readonly file: File; readonly said: Said; readonly asset: string; readonly token: string }
  | { readonly do: "pause" | "go-on" | "remove"; readonly id: number }
  /** Finish the pieces in hand and rest, or go on after that. */
  | { readonly do: "halt" | "proceed" }
  | { readonly do: "signed-in"; readonly token: string }
  | { readonly do: "online" };

export type State = "waits" | "sending" | "paused" | "retrying" | "full" | "signed-out" | "finishing" | "done" | "removed" | "refused";

export type Refused = "too-large" | "too-many-waiting" | "another-file" | "gone" | "unreadable" | "damaged" | "refused";

/** How a file stands. `begun`: the server knows of it. */
export interface Standing {
  readonly say: "stands";
  readonly id: number;
  readonly state: State;
  readonly asset: string;
  readonly begun: boolean;
  /** Plaintext bytes, rounded. */
  readonly sent: number;
  readonly why: Refused | null;
}

export type Report = Standing | { readonly say: "signed-out" } | { readonly say: "halted" };
