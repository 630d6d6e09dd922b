/* Whose session this page works in, as the server says; asking is no sign of life. */

export const SIGNED_OUT = "vouchsafe:signed-out";
export const SIGNED_IN = "vouchsafe:signed-in";
/** Something of this page is being sent: its person has not gone away. */
export const ACTIVE = "vouchsafe:active";

export interface Standing {
  /** Seconds until the session is over; 0 where there is none. */
  left: number;
  /** No sign of life adds to them. */
  last: boolean;
  whose: string;
  token: string;
}

/** Whom this page was made for; empty where nobody is signed in. */
export function pageOf(): string {
  return document.querySelector<HTMLElement>("[data-whose]")?.dataset["whose"] ?? "";
}

/** Raises where the server does not answer. */
export async function ask(): Promise<Standing> {
  const answer = await fetch("/session", { headers: { Accept: "application/json" }, redirect: "error", cache: "no-store" });
  if (!answer.ok) throw new Error(`the session: ${answer.status}`);
  return (await answer.json()) as Standing;
}

/** Every form of the page goes on in this session. */
export function carry(token: string): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf_token"]')) field.value = token;
}

export function tokenOf(): string {
  return document.querySelector<HTMLInputElement>('input[name="csrf_token"]')?.value ?? "";
}

/** Somebody else is at this browser now: nothing of the page stays, not even while the next one loads. */
export function clear(): void {
  document.body.replaceChildren();
  window.location.replace("/");
}
