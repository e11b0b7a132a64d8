import type { Person } from "@kith/client";
import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { core } from "../state/core";
import { keepPeople } from "../state/people";
import { me } from "../state/session";

const pause_ms = 200;
const letters_min = 2;

export type SearchState = "short" | "searching" | "done" | "failed";

/** Asks the server for people while somebody types: after a pause, and only the last answer counts. */
export function usePeopleSearch(query: Accessor<string>): {
  people: Accessor<Person[]>;
  state: Accessor<SearchState>;
} {
  const [people, setPeople] = createSignal<Person[]>([]);
  const [state, setState] = createSignal<SearchState>("short");

  createEffect(
    on(query, (text) => {
      let current = true;
      onCleanup(() => (current = false));
      if (Array.from(text.trim()).length < letters_min) {
        setPeople([]);
        setState("short");
        return;
      }
      setState("searching");
      const ask = async () => {
        try {
          const found = await core().searchPeople(text.trim());
          if (!current) return;
          keepPeople(found);
          setPeople(found.filter((person) => person.user_id !== me()?.user_id));
          setState("done");
        } catch {
          if (!current) return;
          setPeople([]);
          setState("failed");
        }
      };
      const timer = setTimeout(() => void ask(), pause_ms);
      onCleanup(() => clearTimeout(timer));
    }),
  );
  return { people, state };
}
