/** Not more often than this (ms), however much comes. */
const REST = 2_000;

/** A fifth upwards: the two notes (Hz), and when each begins (s). */
const NOTES = [[587.3, 0], [880, 0.11]] as const;
const LOUDNESS = 0.06;
const LENGTH = 0.5;

let context: AudioContext | undefined;
let playedAt = -Infinity;

/** Plays two soft notes. Silent until somebody has used the page, as browsers will have it. */
export async function playTone(): Promise<void> {
  if (performance.now() - playedAt < REST || !("AudioContext" in globalThis)) return;
  playedAt = performance.now();
  context ??= new AudioContext();
  // Waits for the first use of the page, which may be never; what is played by then is out of date.
  await context.resume();
  if (performance.now() - playedAt > REST) return;
  for (const [frequency, delay] of NOTES) playNote(context, frequency, context.currentTime + delay);
}

function playNote(context: AudioContext, frequency: number, start: number): void {
  const note = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH);
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(start + LENGTH);
}
