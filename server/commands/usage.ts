import manifest from "../../deno.json" with { type: "json" };

/** The version of this program. */
export const VERSION: string = manifest.version;

/** What the executable can do. */
export const USAGE = `Halley ${VERSION}: a comet server for instant messaging

usage: halley [--help | --version]

Without a flag the server starts. It is told what to do by the environment, or by a file
named .env in the working directory; the environment wins. The usual ones:

  PORT=8000                     where to listen
  HOST=127.0.0.1                0.0.0.0 lets other machines in
  STORE=sqlite:data/halley.db   or memory
  CONNECT_INTERVAL=25000        how long a poll is held, in ms

.env.example describes them all.`;
