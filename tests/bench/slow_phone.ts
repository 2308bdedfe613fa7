import type { BrowserContext, Page } from "playwright-core";

/**
 * Gives a page the processor and the network of a slow phone: four times slower than that of this machine, 400 kbit/s in both
 * directions, and `latency` ms for each request.
 */
export async function beSlow(
  { context, page, latency }: {
    readonly context: BrowserContext;
    readonly page: Page;
    readonly latency: number;
  },
): Promise<void> {
  const devTools = await context.newCDPSession(page);
  await devTools.send("Network.enable");
  await devTools.send("Network.clearBrowserCache");
  await devTools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency,
    downloadThroughput: 50_000,
    uploadThroughput: 50_000,
  });
  await devTools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}
