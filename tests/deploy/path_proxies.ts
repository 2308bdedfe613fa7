import { join } from "node:path";
import { type Placement, PROXIES, type Proxy, replace } from "./proxies.ts";

/** A proxy whose snippet for a path of a site is in `docs/deploy/path`. `left` is Halley, `right` the application. */
export interface PathProxy {
  readonly proxy: Proxy;
  /** The words that remove the path, and those that pass it on instead. */
  readonly removal: readonly [string, string];
}

const ADAPTED: Readonly<Record<string, (placement: Placement) => Record<string, string>>> = {
  "nginx.conf": ({ port, left, right, folder }) => ({
    "10.0.0.1:8000": left,
    "10.0.0.2:3000": right,
    "listen 443 ": `listen 127.0.0.1:${port} `,
    "shop.example.com;": "127.0.0.1;",
    "/etc/ssl/shop.example.com.pem": join(folder, "site.pem"),
    "/etc/ssl/shop.example.com.key": join(folder, "site.key"),
  }),
  "haproxy.cfg": ({ port, left, right, folder }) => ({
    "10.0.0.1:8000": left,
    "10.0.0.2:3000": right,
    "bind :443 ": `bind 127.0.0.1:${port} `,
    "/etc/ssl/shop.example.com.pem": join(folder, "both.pem"),
  }),
  "Caddyfile": ({ port, plainPort, left, right, folder }) => ({
    "10.0.0.1:8000": left,
    "10.0.0.2:3000": right,
    "\nshop.example.com {": `\n{\n\tadmin off\n\tstorage file_system ${folder}\n` +
      `\tdefault_bind 127.0.0.1\n\thttp_port ${plainPort}\n\thttps_port ${port}\n}\n` +
      `https://127.0.0.1:${port} {\n\ttls ${join(folder, "site.pem")} ${join(folder, "site.key")}`,
  }),
};

const REMOVALS: Readonly<Record<string, readonly [string, string]>> = {
  "nginx.conf": ["proxy_pass http://halley/;", "proxy_pass http://halley;"],
  "haproxy.cfg": ["http-request replace-path ^/chat(/.*)$ \\1\n", "\n"],
  "Caddyfile": ["handle_path /chat/* {", "handle /chat/* {"],
};

export const PATH_PROXIES: readonly PathProxy[] = PROXIES.map((proxy) => {
  const { snippet } = proxy;
  return {
    removal: REMOVALS[snippet]!,
    proxy: {
      ...proxy,
      snippet: `path/${snippet}`,
      adapt: (text: string, placement: Placement) => replace(text, ADAPTED[snippet]!(placement)),
    },
  };
});

/** The proxy, configured to pass the path on, as its snippet says. */
export function passingOn({ proxy, removal: [words, others] }: PathProxy): Proxy {
  return {
    ...proxy,
    adapt: (text, placement) => replace(proxy.adapt(text, placement), { [words]: others }),
  };
}
