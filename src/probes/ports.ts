/** First port of the first probe; each probe has a block of its own above it. */
const FIRST = 30_000;
const BLOCK = 256;

/** Ports of a probe: one that it listens on, and one for each flow or session to start from. */
export const portsOf = (probe: number) => ({
  server: FIRST + probe * BLOCK,
  client: (flow: number): number => FIRST + probe * BLOCK + 1 + flow,
});
