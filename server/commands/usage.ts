import manifest from "../../deno.json" with { type: "json" };

/** The version of this program. */
export const VERSION: string = manifest.version;

/** Printed by `halley --help`. */
export const USAGE = `Halley ${VERSION}: a comet server for instant messaging

usage:
  halley                 start the server
  halley check           print all settings, and what is wrong with them (halley check --help)
  halley send TO TEXT    publish a message (halley send --help)
  halley tail CHANNEL    print messages as they arrive (halley tail --help)
  halley token           create API keys and tokens (halley token --help)
  halley notices         create the table for notices (halley notices --help)
  halley soak            prove that no message is lost (halley soak --help)
  halley backup FILE     copy the store to a new file, while the server runs
  halley restore FILE    replace the store with a backup
  halley epoch --new     report a gap to every reader
  halley --help | --version

Settings are read from the environment and from a file named .env, in the working directory or
beside the executable; the environment takes precedence. The most common settings:

  PORT=8000                     the port to listen on
  HOST=127.0.0.1                0.0.0.0 accepts connections from other machines
  STORE=sqlite:data/halley.db   or memory, kv:<path of a file>, nats://<servers>
  CONNECT_INTERVAL=25000        the maximum time a poll is held, in ms

"halley check" prints all settings, and .env.example describes them.`;
