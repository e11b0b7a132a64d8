import type { Me, Person, Update } from "./core-api.ts";
import { Refused } from "./problem.ts";
import type { Rest, Schemas } from "./rest.ts";
import type { Saver } from "./saver.ts";

/** People that are asked for at the same time. */
const LOADS_MAX = 4;
/** News about people are gathered for so long. */
const GATHER_MS = 50;
/** After a new connection the server says who is there; who it has not named by then is not. */
const GREETED_AFTER_MS = 1500;

type View = Schemas["UserView"] | Schemas["UserSummary"];

/** Somebody as the viewer may see them: what is hidden is absent. */
export function toPerson(view: View): Person {
  const known = ["user_id", "name", "username", "profile_pic", "status", "online", "last_seen_at"];
  const shown = Object.entries(view).filter(([name, value]) => known.includes(name) && value !== null);
  return Object.fromEntries(shown) as unknown as Person;
}

export function toMe(view: Schemas["UserView"], session_id: string): Me {
  return {
    ...toPerson(view),
    email: view.email ?? "",
    operator: view.operator ?? false,
    session_id,
  };
}

/** Everybody who was seen so far, and who of them is there now. */
export class People {
  readonly #rest: Rest;
  readonly #saver: Saver;
  readonly #tell: (update: Update) => void;
  readonly #people = new Map<string, Person>();
  /** Who the server does not name to this viewer. */
  readonly #hidden = new Set<string>();
  readonly #loading = new Map<string, Promise<Person>>();
  #wanted: string[] = [];
  #news = new Set<string>();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #greeting: ReturnType<typeof setTimeout> | undefined;

  constructor(rest: Rest, saver: Saver, tell: (update: Update) => void) {
    this.#rest = rest;
    this.#saver = saver;
    this.#tell = tell;
  }

  /** What an earlier run knew, but not who was there then. */
  restore(people: Person[]): void {
    for (const person of people) this.#people.set(person.user_id, absent(person));
  }

  get(user_id: string): Person | undefined {
    return this.#people.get(user_id);
  }

  /** Somebody was seen, perhaps only in part. */
  saw(view: View): Person {
    const person = toPerson(view);
    const before = this.#people.get(person.user_id);
    // A summary has no status and no presence; a whole view without them says that they are hidden.
    const after = "online" in view || "status" in view ? person : { ...before, ...person };
    this.#put(after);
    return after;
  }

  presence(user_id: string, online: boolean, last_seen_at: string | undefined): void {
    const before = this.#people.get(user_id);
    if (before === undefined) return;
    const { last_seen_at: last, ...rest } = before;
    const seen = last_seen_at ?? last;
    this.#put({ ...rest, online, ...(seen !== undefined && { last_seen_at: seen }) });
  }

  /** A connection that knows nothing of the one before: who is there is about to be told. */
  expectGreetings(): void {
    clearTimeout(this.#greeting);
    const before = [...this.#people.values()].filter((person) => person.online === true);
    this.#greeting = setTimeout(() => {
      for (const person of before) {
        if (this.#people.get(person.user_id) === person) this.#put(absent(person));
      }
    }, GREETED_AFTER_MS);
  }

  /** @throws Refused */
  load(user_id: string): Promise<Person> {
    const running = this.#loading.get(user_id);
    if (running) return running;
    const loading = this.#rest
      .call("get", "/user/{user_id}", { in: [user_id] })
      .then((view) => this.saw(view))
      .catch((error: unknown) => {
        if (error instanceof Refused && error.status === 404) this.#hidden.add(user_id);
        throw error;
      })
      .finally(() => {
        this.#loading.delete(user_id);
        this.#loadWanted();
      });
    this.#loading.set(user_id, loading);
    return loading;
  }

  /** Loads who is not known, soon; told as `people`. */
  want(user_ids: string[]): void {
    const unknown = user_ids.filter((id) => !this.#people.has(id) && !this.#hidden.has(id));
    this.#wanted = [...new Set([...this.#wanted, ...unknown])];
    this.#loadWanted();
  }

  stop(): void {
    clearTimeout(this.#telling);
    clearTimeout(this.#greeting);
    this.#telling = undefined;
    this.#people.clear();
    this.#hidden.clear();
    this.#news.clear();
    this.#wanted = [];
  }

  #loadWanted(): void {
    while (this.#loading.size < LOADS_MAX) {
      const next = this.#wanted.shift();
      if (next === undefined) return;
      if (!this.#people.has(next)) void this.load(next).catch(() => undefined);
    }
  }

  #put(person: Person): void {
    const before = this.#people.get(person.user_id);
    this.#people.set(person.user_id, person);
    if (JSON.stringify(before) === JSON.stringify(person)) return;
    this.#saver.soon({ table: "people", key: person.user_id, value: person });
    this.#news.add(person.user_id);
    this.#telling ??= setTimeout(() => {
      this.#tellNews();
    }, GATHER_MS);
  }

  #tellNews(): void {
    this.#telling = undefined;
    const people = [...this.#news].flatMap((id) => this.#people.get(id) ?? []);
    this.#news.clear();
    if (people.length > 0) this.#tell({ kind: "people", people });
  }
}

function absent(person: Person): Person {
  return person.online === true ? { ...person, online: false } : person;
}
