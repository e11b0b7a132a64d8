/** When the first thing at or after a place happened; null if there is none. */
export type Probe = (seq: number) => Promise<{ seq: number; time_ms: number } | null>;

/** The place of the first thing that happened at or after a time, or of the last one at all. */
export async function placeAtTime(probe: Probe, head: number, time_ms: number): Promise<number> {
  let [from, to] = [1, head];
  let last = head;
  let place: number | null = null;
  while (from <= to) {
    const middle = Math.floor((from + to) / 2);
    const found = await probe(middle);
    if (found !== null && found.time_ms < time_ms) {
      last = found.seq;
      from = found.seq + 1;
    } else {
      place = found?.seq ?? place;
      to = middle - 1;
    }
  }
  return place ?? last;
}
