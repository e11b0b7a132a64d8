/** When to come back: a random time below a bound that doubles, so that many clients do not come at once. */

const BASE_MS = 1000;
const CAP_MS = 60_000;

/** Waiting times with full jitter. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long to wait after one more failure. */
  failed(): number {
    const bound_ms = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return Math.floor(this.#random() * (bound_ms + 1));
  }

  /** It worked: the next failure starts at the base again. */
  worked(): void {
    this.#failures = 0;
  }
}
