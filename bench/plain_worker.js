// Sends a file plain, in the pieces in which the product sends it sealed, and by the same means.
const send = (at, body) =>
  new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", "/");
    request.setRequestHeader("X-Offset", String(at));
    request.onload = () => (request.status === 200 ? done() : failed(new Error(String(request.status))));
    request.onerror = failed;
    request.send(body);
  });

onmessage = async ({ data: file }) => {
  const piece = 8 * 1024 * 1024;
  for (let at = 0; at < file.size; at += piece) await send(at, file.slice(at, at + piece));
  postMessage("done");
};
