/** Places of a log that are accounted for, as ranges that neither touch nor overlap, in order. */
export type Range = [first: number, last: number];

export class Ranges {
  #ranges: Range[];

  constructor(ranges: Range[] = []) {
    this.#ranges = ranges.map(([first, last]) => [first, last]);
  }

  add(first: number, last: number): void {
    if (last < first) return;
    const before = this.#ranges.filter((range) => range[1] < first - 1);
    const after = this.#ranges.filter((range) => range[0] > last + 1);
    const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const start = Math.min(first, ...touched.map((range) => range[0]));
    const end = Math.max(last, ...touched.map((range) => range[1]));
    this.#ranges = [...before, [start, end], ...after];
  }

  /** Keeps only what lies within. */
  clip(first: number, last: number): void {
    const clipped = this.#ranges.map((range): Range => [Math.max(first, range[0]), Math.min(last, range[1])]);
    this.#ranges = clipped.filter((range) => range[0] <= range[1]);
  }

  /** The range that a place lies in. */
  around(place: number): Range | null {
    return this.#ranges.find((range) => range[0] <= place && place <= range[1]) ?? null;
  }

  has(place: number): boolean {
    return this.around(place) !== null;
  }

  /** The range that ends last before a place, or holds it. */
  below(place: number): Range | null {
    return this.#ranges.findLast((range) => range[0] <= place) ?? null;
  }

  /** The range that begins first behind a place. */
  above(place: number): Range | null {
    return this.#ranges.find((range) => range[0] > place) ?? null;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  toJSON(): Range[] {
    return this.#ranges.map(([first, last]) => [first, last]);
  }
}
