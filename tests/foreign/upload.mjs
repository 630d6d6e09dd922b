// Sends one file with the public tus client, as its documentation tells; what it is told stands on standard input.
import { createReadStream, statSync } from "node:fs";
import { text } from "node:stream/consumers";
import { Upload } from "tus-js-client";

const told = JSON.parse(await text(process.stdin));
const upload = new Upload(createReadStream(told.file), {
  endpoint: told.endpoint,
  uploadUrl: told.address ?? null,
  uploadSize: statSync(told.file).size,
  chunkSize: told.piece ?? Infinity,
  uploadDataDuringCreation: told.duringCreation ?? false,
  retryDelays: told.retries ?? [0, 50, 200, 500],
  headers: { Cookie: told.cookie },
  metadata: { capsule: told.capsule, filename: told.name, filetype: "video/mp4" },
  onError: (error) => {
    console.error(error.message);
    process.exit(1);
  },
  onSuccess: () => console.log(upload.url),
});
upload.start();
