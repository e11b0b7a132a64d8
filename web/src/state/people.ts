import type { Person, Update } from "@kith/client";
import { createStore, reconcile } from "solid-js/store";
import { core } from "./core";

export type People = Record<string, Person>;

/** Everybody whom an update tells about; what it lacks of them is not known any more. */
export function peopleIn(update: Update): Person[] {
  switch (update.kind) {
    case "people":
      return update.people;
    case "conversations":
      return update.rows.flatMap((row) => row.peer ?? []);
    case "me":
      return [update.me];
    case "detail":
      return update.detail.peer ? [update.detail.peer] : [];
    default:
      return [];
  }
}

const [people, setPeople] = createStore<People>({});
const asked = new Set<string>();
let wanted: string[] = [];

/** Keeps copies: a store changes what it was given, and other stores were given the same. */
export function keepPeople(known: Person[]): void {
  for (const person of known) setPeople(person.user_id, reconcile({ ...person }));
}

export function tellPeople(update: Update): void {
  if (update.kind === "signed-out") {
    asked.clear();
    setPeople(reconcile({}));
  } else {
    keepPeople(peopleIn(update));
  }
}

async function ask(): Promise<void> {
  const ids = wanted;
  wanted = [];
  try {
    keepPeople(await core().people(ids));
  } catch {
    // Asked again when they are next looked at.
    for (const id of ids) asked.delete(id);
  }
}

/** What is known of a person. Who is not known is asked for, together with all others of this moment. */
export function person(user_id: string): Person | undefined {
  const known = people[user_id];
  if (!known && !asked.has(user_id)) {
    asked.add(user_id);
    wanted.push(user_id);
    if (wanted.length === 1) queueMicrotask(() => void ask());
  }
  return known;
}
