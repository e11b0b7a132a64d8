import type { Preferences } from "./core-api.ts";
import { Refused } from "./problem.ts";
import type { Rest, Schemas } from "./rest.ts";

/** How often a change is tried again because another device was faster. */
const ATTEMPTS_MAX = 5;

/** What holds until the server has said otherwise. */
export const DEFAULT_PREFERENCES: Preferences = {
  version: 0,
  theme: "system",
  language: null,
  privacy: { discoverable: true, show_presence: true, send_read_receipts: true },
  notifications: { messages: "all", preview: true, sound: true },
  client: {},
};

export type PreferencesChange = Partial<Omit<Preferences, "version">>;

export function toPreferences(stored: Schemas["Preferences"]): Preferences {
  return { ...stored, language: stored.language ?? null, client: stored.client ?? {} };
}

export async function readPreferences(rest: Rest): Promise<Preferences> {
  return toPreferences(await rest.call("get", "/preferences"));
}

/** Read, changed and written back, again where another device was faster. @throws Refused */
export async function writePreferences(
  rest: Rest,
  known: Preferences,
  change: PreferencesChange,
): Promise<Preferences> {
  for (let attempt = 1, present = known; ; attempt += 1) {
    try {
      const { language, ...others } = { ...present, ...change };
      const body = {
        ...others,
        ...(language !== null && { language }),
      } as Schemas["Preferences"];
      return toPreferences(await rest.call("put", "/preferences", { body }));
    } catch (error) {
      const stale = error instanceof Refused && error.code === "stale-version";
      if (!stale || attempt === ATTEMPTS_MAX) throw error;
      present = await readPreferences(rest);
    }
  }
}
