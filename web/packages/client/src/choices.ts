import type { Preferences, Update } from "./core-api.ts";
import { DEFAULT_PREFERENCES, readPreferences, toPreferences, writePreferences } from "./preferences.ts";
import type { PreferencesChange } from "./preferences.ts";
import { Refused } from "./problem.ts";
import type { Rest, Schemas } from "./rest.ts";
import type { StoredState } from "./storage.ts";

type Stored = Pick<StoredState, "preferences" | "chosen">;

export interface ChoicesOptions {
  rest: Rest;
  stored: () => Stored;
  keep: (change: Partial<Stored>) => void;
  /** Resolves when what was kept is safe on this device. */
  makeSafe: () => Promise<void>;
  tell(update: Update): void;
}

/** What the user has chosen: safe on this device before anything is sent, and sent until the server has answered. */
export class Choices {
  readonly #options: ChoicesOptions;
  #sending: Promise<void> | null = null;

  constructor(options: ChoicesOptions) {
    this.#options = options;
  }

  /** As they are shown: what the server does not have yet counts already. */
  get preferences(): Preferences {
    return { ...this.#known, ...this.#options.stored().chosen };
  }

  /**
   * Resolves when the server has it, or when it has to wait for the server and is safe here.
   *
   * @throws Refused where the server does not take it: then it holds no longer.
   */
  async choose(change: PreferencesChange): Promise<void> {
    const { stored, keep, makeSafe } = this.#options;
    keep({ chosen: { ...stored().chosen, ...change } });
    this.#tell();
    // What cannot be kept is sent all the same, like a message.
    await makeSafe().catch(() => undefined);
    await this.#send();
  }

  /** Sends what an earlier run, or an earlier connection, could not send. */
  async connected(): Promise<void> {
    await this.#send();
  }

  async load(): Promise<void> {
    this.#saw(await readPreferences(this.#options.rest));
  }

  /** Another device has changed them. */
  changed(preferences: Schemas["Preferences"]): void {
    this.#saw(toPreferences(preferences));
  }

  get #known(): Preferences {
    return this.#options.stored().preferences ?? DEFAULT_PREFERENCES;
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { rest, stored, keep } = this.#options;
    for (let chosen = stored().chosen; chosen; chosen = stored().chosen) {
      try {
        const preferences = await writePreferences(rest, this.#known, chosen);
        // What was chosen meanwhile waits for its own answer.
        if (stored().chosen === chosen) keep({ chosen: null });
        this.#saw(preferences);
      } catch (error) {
        if (!(error instanceof Refused && error.final)) return;
        keep({ chosen: null });
        this.#tell();
        throw error;
      }
    }
  }

  #saw(preferences: Preferences): void {
    if (preferences.version < this.#known.version) return;
    this.#options.keep({ preferences });
    this.#tell();
  }

  #tell(): void {
    this.#options.tell({ kind: "preferences", preferences: this.preferences });
  }
}
