/** Minimum time between two tones in ms. */
const MIN_INTERVAL = 2_000;

/** Two notes, a fifth apart: the frequency in Hz, and the delay in seconds. */
const NOTES = [[587.3, 0], [880, 0.11]] as const;
const VOLUME = 0.06;
const NOTE_SECONDS = 0.5;

let context: AudioContext | undefined;
let playedAt = -Infinity;

/** Plays two soft notes. Browsers keep a page silent until the user has interacted with it. */
export async function playTone(): Promise<void> {
  if (performance.now() - playedAt < MIN_INTERVAL || !("AudioContext" in globalThis)) return;
  playedAt = performance.now();
  context ??= new AudioContext();
  // Resolves after the first interaction with the page: by then the tone may be too late.
  await context.resume();
  if (performance.now() - playedAt > MIN_INTERVAL) return;
  for (const [frequency, delay] of NOTES) playNote(context, frequency, context.currentTime + delay);
}

function playNote(context: AudioContext, frequency: number, start: number): void {
  const note = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(VOLUME, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(start + NOTE_SECONDS);
}
