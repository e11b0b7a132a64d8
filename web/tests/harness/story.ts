/** Stories for the seed: what people wrote at times that a test chooses. */

import { PASSWORD } from "./person";

export interface Step {
  at_ms: number;
  by: string;
  do: "found" | "say" | "react" | "edit" | "delete" | "read";
  [field: string]: unknown;
}

export interface Story {
  begins_at_ms: number;
  password: string;
  people: { username: string; name: string; status?: string }[];
  steps: Step[];
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

export function story(people: Story["people"], steps: Step[]): Story {
  const first_ms = steps[0]?.at_ms ?? Date.now();
  return { begins_at_ms: first_ms - DAY_MS, password: PASSWORD, people, steps };
}

const WORDS =
  "the rain has stopped and we could walk along the river before it gets dark if you bring the bread that was left over".split(
    " ",
  );

/** Always the same words for the same number, between one and about `words_max` of them. */
export function words(number: number, words_max = 60): string {
  const count = 1 + (((number * 2654435761) % 4294967296) % words_max);
  const text = Array.from({ length: count }, (_, index) => WORDS[(number * 7 + index * 3) % WORDS.length]);
  return `${number}: ${text.join(" ")}`;
}

/** Anna and Ben, who have written `count` messages of all lengths to each other, two minutes apart, until now. */
export function longTalk(count: number): Story {
  const now_ms = Date.now();
  const steps = Array.from({ length: count }, (_, index): Step => {
    const [by, to] = index % 3 === 0 ? ["anna", "ben"] : ["ben", "anna"];
    const at_ms = now_ms - (count - index) * 2 * MINUTE_MS;
    return {
      at_ms,
      by: by,
      do: "say",
      to,
      text: words(index + 1),
      called: `m${index + 1}`,
    };
  });
  steps.push({ at_ms: now_ms, by: "anna", do: "read", of: "ben" });
  return story(
    [
      { username: "anna", name: "Anna Berg" },
      { username: "ben", name: "Ben Adler" },
    ],
    steps,
  );
}
