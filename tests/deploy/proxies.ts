import { join } from "node:path";

/** The ports and the folder of a proxy, and the addresses of the servers behind it. */
export interface Placement {
  readonly port: number;
  /** For plain HTTP, which is redirected to HTTPS. */
  readonly plainPort: number;
  readonly left: string;
  readonly right: string;
  /** For its files, with the certificate: `site.pem`, `site.key` and `both.pem`. */
  readonly folder: string;
}

/** A proxy whose snippet is in `docs/deploy`. */
export interface Proxy {
  readonly name: string;
  readonly snippet: string;
  readonly program: string;
  /** Adapts the snippet to this machine: ports, addresses, paths and shorter timeouts. */
  adapt(snippet: string, placement: Placement): string;
  /** The main configuration, if the snippet at `path` is included by one. */
  mainConfiguration?(path: string, placement: Placement): string;
  args(path: string): string[];
}

/** The proxies, as Debian packages them. Only the timeouts and limits that the tests reach are lowered. */
export const PROXIES: readonly Proxy[] = [
  {
    name: "nginx",
    snippet: "nginx.conf",
    program: "nginx",
    adapt: (snippet, { port, plainPort, left, right, folder }) =>
      replace(snippet, {
        "10.0.0.1:8000": left,
        "10.0.0.2:8000": right,
        "listen 80;": `listen 127.0.0.1:${plainPort};`,
        "listen 443 ": `listen 127.0.0.1:${port} `,
        "chat.example.com;": "127.0.0.1;",
        "/etc/ssl/chat.example.com.pem": join(folder, "site.pem"),
        "/etc/ssl/chat.example.com.key": join(folder, "site.key"),
        "client_header_timeout 10s": "client_header_timeout 1s",
        "client_body_timeout 10s": "client_body_timeout 1s",
        "halley_address 100;": "halley_address 4;",
      }),
    mainConfiguration: (path, { folder }) => `
      daemon off;
      user root;
      worker_processes 1;
      pid ${folder}/nginx.pid;
      error_log stderr warn;
      events { worker_connections 512; }
      http {
        access_log off;
        client_body_temp_path ${folder}/body;
        proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi;
        scgi_temp_path ${folder}/scgi;
        include ${path};
      }`,
    args: (path) => ["-e", "stderr", "-c", path],
  },
  {
    name: "HAProxy",
    snippet: "haproxy.cfg",
    program: "haproxy",
    adapt: (snippet, { port, plainPort, left, right, folder }) =>
      replace(snippet, {
        "10.0.0.1:8000": left,
        "10.0.0.2:8000": right,
        "bind :80\n": `bind 127.0.0.1:${plainPort}\n`,
        "bind :443 ": `bind 127.0.0.1:${port} `,
        "/etc/ssl/chat.example.com.pem": join(folder, "both.pem"),
        "maxconn 40000": "maxconn 500",
        "timeout http-request 10s": "timeout http-request 1s",
        "sc0_conn_cur gt 100": "sc0_conn_cur gt 4",
      }),
    args: (path) => ["-db", "-f", path],
  },
  {
    name: "Caddy",
    snippet: "Caddyfile",
    program: "caddy",
    adapt: (snippet, { port, plainPort, left, right, folder }) =>
      replace(snippet, {
        "10.0.0.1:8000": left,
        "10.0.0.2:8000": right,
        "\tservers {": `\tadmin off\n\tstorage file_system ${folder}\n\tdefault_bind 127.0.0.1\n` +
          `\thttp_port ${plainPort}\n\thttps_port ${port}\n\tservers {`,
        "\nchat.example.com {": `\nhttps://127.0.0.1:${port} {\n\ttls ${join(folder, "site.pem")} ${
          join(folder, "site.key")
        }`,
        "read_header 10s": "read_header 1s",
      }),
    args: (path) => ["run", "--adapter", "caddyfile", "--config", path],
  },
];

/** Replaces each key by its value. Throws if the snippet does not contain one of them. */
export function replace(text: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((text, [word, other]) => {
    if (!text.includes(word)) throw new Error(`The snippet has no ${JSON.stringify(word)}`);
    return text.replaceAll(word, other);
  }, text);
}
