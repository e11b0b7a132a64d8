/** Some days in the life of seven people, for the pictures in README.md. */

import { MINUTE_MS, story, type Step, type Story } from "../harness/story";

const HOUR_MS = 60 * MINUTE_MS;

/** `minutes` before `now_ms`; conversations are told from the past to the present. */
function told(now_ms: number, lines: [minutes: number, by: string, deed: Omit<Step, "at_ms" | "by">][]): Step[] {
  return lines
    .map(([minutes, by, deed]): Step => ({ ...deed, at_ms: now_ms - minutes * MINUTE_MS, by }) as Step)
    .sort((one, other) => one.at_ms - other.at_ms);
}

const say = (
  to: string,
  text: string,
  more: { called?: string; reply_to?: string } = {},
): Omit<Step, "at_ms" | "by"> => ({
  do: "say",
  to,
  text,
  ...more,
});
const react = (message: string, emoji: string): Omit<Step, "at_ms" | "by"> => ({ do: "react", message, emoji });
const read = (of: string): Omit<Step, "at_ms" | "by"> => ({ do: "read", of });

export function days(now_ms: number): Story {
  const DAY = 24 * 60;
  const people = [
    { username: "mira", name: "Mira Lindqvist", status: "Building small boats" },
    { username: "jonas", name: "Jonas Okafor", status: "On the train, mostly" },
    { username: "leila", name: "Leila Haddad", status: "مرحبا" },
    { username: "tomas", name: "Tomás Rivera" },
    { username: "ana", name: "Ana Petrović", status: "Back on Monday" },
    { username: "kenji", name: "Kenji Mori" },
    { username: "ruth", name: "Ruth Adler" },
  ];
  const everybody = people.map(({ username }) => username);
  return story(people, [
    {
      at_ms: now_ms - 9 * 24 * HOUR_MS,
      by: "mira",
      do: "found",
      group: "cabin",
      name: "Cabin weekend",
      members: everybody.slice(1, 6),
    },
    {
      at_ms: now_ms - 8 * 24 * HOUR_MS,
      by: "kenji",
      do: "found",
      group: "books",
      name: "Thursday book club",
      members: ["mira", "ruth", "ana"],
    },
    ...told(now_ms, [
      [2 * DAY + 300, "ruth", say("mira", "I found the recipe! It was in the blue tin all along.")],
      [2 * DAY + 290, "mira", say("ruth", "Of course it was 😄 Send me a photo on Sunday?")],
      [2 * DAY + 280, "mira", read("ruth")],
      [DAY + 400, "kenji", say("books", "We said chapters 9 to 12, yes?")],
      [
        DAY + 380,
        "ana",
        say("books", "Yes. I am two behind and have *opinions* about chapter 8.", { called: "opinions" }),
      ],
      [DAY + 378, "ruth", react("opinions", "😂")],
      [DAY + 370, "mira", say("books", "Bring them on Thursday, with cake.")],
      [DAY + 360, "mira", read("books")],
      [DAY + 95, "leila", say("mira", "صباح الخير! هل وصلت الصور؟")],
      [DAY + 90, "mira", say("leila", "They did, thank you. The one by the lighthouse is my new favourite.")],
      [DAY + 80, "mira", read("leila")],
      [
        DAY + 60,
        "jonas",
        say("cabin", "I looked at the map again. The path along the lake is open until the end of the month."),
      ],
      [
        DAY + 57,
        "jonas",
        say("cabin", "It is about two hours, and there is a bakery at the far end 🥐", { called: "bakery" }),
      ],
      [DAY + 50, "ana", react("bakery", "❤️")],
      [DAY + 49, "leila", react("bakery", "❤️")],
      [DAY + 48, "tomas", react("bakery", "🥐")],
      [DAY + 45, "leila", say("cabin", "Then we start early. Who brings coffee for the way?")],
      [DAY + 41, "mira", say("cabin", "I do. The big flask, and the good beans.", { called: "coffee" })],
      [DAY + 40, "jonas", react("coffee", "👍")],
      [
        180,
        "tomas",
        say("cabin", "Train times for Saturday:\n```\n07:42  Central\n08:31  Millbrook\n09:05  Lakeside\n```", {
          called: "trains",
        }),
      ],
      [
        176,
        "ana",
        say("cabin", "The 07:42 it is. I keep seats in the second carriage.", { reply_to: "trains", called: "seats" }),
      ],
      [175, "mira", react("seats", "🙏")],
      [174, "jonas", react("seats", "🙏")],
      [60, "kenji", say("cabin", "Could somebody send me the address? I always end up at the wrong lake.")],
      [
        58,
        "mira",
        say("cabin", "The yellow house, right after the bridge: https://maps.example.org/yellow-house", {
          called: "address",
        }),
      ],
      [57, "kenji", react("address", "👍")],
      [22, "leila", say("cabin", "شكراً! See you all on the platform.")],
      [21, "mira", say("cabin", "I cannot wait. Pack something warm, the evenings are cold already.")],
      [20, "mira", read("cabin")],
      [14, "tomas", say("mira", "Did you see the new tests? All green on the first try.")],
      [13, "tomas", say("mira", "I do not trust it.")],
      [9, "jonas", say("mira", "Running ten minutes late, save me a seat?")],
    ]),
  ]);
}
