// Runs in Node, with the packages of a peer: `node run.mjs serve|read <module> <JSON>`.
//
// `serve` starts the peer's server. `read` opens the peer's own client once for each address in `urls`, and prints what each
// reader is told, one JSON array a line: [reader, kind, text, time]. The kinds are "message", "interrupted" (the client
// reports that its connection failed) and "gap" (client or server reports that messages may be missing).
import process from "node:process";

const [role, module, json] = process.argv.slice(2);
const peer = await import(`./${module}`);
const options = JSON.parse(json);

// A client that throws in a callback must not end the clients of the other readers.
process.on("uncaughtException", (error) => process.stderr.write(`${error.stack}\n`));
process.on("unhandledRejection", (error) => process.stderr.write(`${error?.stack ?? error}\n`));

if (role === "serve") await peer.serve(options);
else await Promise.all(options.urls.map((url, reader) => read(url, reader)));

function read(url, reader) {
  const report = (kind, text = "") => {
    process.stdout.write(`${JSON.stringify([reader, kind, text, Date.now()])}\n`);
  };
  return peer.read({
    ...options,
    url,
    reader,
    onMessage: (text) => report("message", text),
    onInterrupted: () => report("interrupted"),
    onGap: () => report("gap"),
  });
}
