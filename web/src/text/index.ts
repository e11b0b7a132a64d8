import { createSignal } from "solid-js";
import type { Messages } from "./en";
import { formatFor, type Format } from "./format";
import { chooseLanguage, directionOf } from "./language";
import { pseudo } from "./pseudo";
import { loaders } from "./words";

export type { Messages } from "./en";

interface Loaded {
  tag: string;
  messages: Messages;
  format: Format;
}

const [loaded, setLoaded] = createSignal<Loaded>();

function current(): Loaded {
  const now = loaded();
  if (!now) throw new Error("no language is loaded");
  return now;
}

/** All words, in the language of the reader. */
export function t(): Messages {
  return current().messages;
}

/** How numbers, times and lists are written there. */
export function format(): Format {
  return current().format;
}

/** What `setLanguage` has last been asked for; a slower answer to an earlier wish is dropped. */
let wanted = "";

/** Loads the words of the preferred language, or of the device where there is no preference. */
export async function setLanguage(preferred: string | null): Promise<void> {
  const choice = chooseLanguage(preferred, navigator.languages);
  if (choice.tag === wanted) return;
  wanted = choice.tag;
  const { default: messages } = await loaders[choice.language]();
  if (choice.tag !== wanted) return;
  setLoaded({
    tag: choice.tag,
    messages: choice.pseudo ? pseudo(messages) : messages,
    format: formatFor(choice.tag),
  });
  document.documentElement.lang = choice.tag;
  document.documentElement.dir = directionOf(choice.language);
}
