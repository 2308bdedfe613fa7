/** While one tab has done something, the others leave it be (ms): they hear of the same message at about the same time. */
const LASTS = 3_000;

/** Does something in one tab of the browser alone, where tabs can agree on it: the first to come does it. */
export async function oncePerBrowser(name: string, act: () => void): Promise<void> {
  if (!("locks" in navigator)) return act();
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    act();
    await new Promise((resolve) => setTimeout(resolve, LASTS));
  });
}
