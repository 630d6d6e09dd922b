/* Seals files while it sends them, beside the page: only ciphertext leaves the browser, and keys live here alone.
   Nothing is kept anywhere: when the page goes, what was not sent is still only the file on the device. */

import { fromHex } from "./sealing/bytes";
import { Session, Turns } from "./sending/control";
import type { Order, Report } from "./sending/messages";
import { Upload } from "./sending/upload";

const AT_ONCE = 2;

function tell(report: Report): void {
  self.postMessage(report);
}

const turns = new Turns(AT_ONCE);
const session = new Session(() => tell({ say: "signed-out" }));
const uploads = new Map<number, Upload>();

function begin(order: Extract<Order, { do: "send" | "resume" }>): void {
  session.token = order.token;
  const asset = order.do === "resume" ? fromHex(order.asset) : null;
  const upload = new Upload(order.id, order.file, order.said, asset, { turns, session, tell });
  uploads.set(order.id, upload);
  void upload.run(order.do === "send" ? order.target : null);
}

function remove(id: number): void {
  uploads.get(id)?.remove();
  uploads.delete(id);
}

async function halt(): Promise<void> {
  const controls = Array.from(uploads.values(), (upload) => upload.control);
  for (const control of controls) control.halt();
  await Promise.all(controls.map((control) => control.rested()));
  tell({ say: "halted" });
}

function obey(order: Order): void {
  switch (order.do) {
    case "send":
    case "resume":
      return begin(order);
    case "pause":
      return uploads.get(order.id)?.pause();
    case "go-on":
      return uploads.get(order.id)?.goOn();
    case "remove":
      return remove(order.id);
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

self.addEventListener("message", (event: MessageEvent<Order>) => obey(event.data));
