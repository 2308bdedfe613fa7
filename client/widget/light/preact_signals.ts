export { useComputed, useSignal } from "./hooks.ts";
export { batch, computed, effect, signal } from "./signals.ts";
