import manifest from "../../deno.json" with { type: "json" };

/** The version of this program. */
export const VERSION: string = manifest.version;

/** What the executable can do. */
export const USAGE = `Halley ${VERSION}: a comet server for instant messaging

usage:
  halley                 start the server
  halley check           say which settings there are, and what is wrong with them
  halley send TO TEXT    publish a message (halley send --help)
  halley tail CHANNEL    print messages as they come (halley tail --help)
  halley token           make keys and session tokens (halley token --help)
  halley notices init    print or make the table that notices are read from
  halley soak            prove that no message is lost (halley soak --help)
  halley backup FILE     copy the store into a new file, while the server runs
  halley restore FILE    put a backup in the place of the store
  halley epoch --new     tell every reader of a gap
  halley --help | --version

It is told what to do by the environment, or by a file named .env in the working directory
or beside the executable; the environment wins. The usual settings:

  PORT=8000                     where to listen
  HOST=127.0.0.1                0.0.0.0 lets other machines in
  STORE=sqlite:data/halley.db   or memory, kv:<path of a file>, nats://<servers>
  CONNECT_INTERVAL=25000        how long a poll is held, in ms

halley check lists them all, and .env.example describes them.`;
