/** A person who acts through the API, beside or instead of a browser. */

import { expect } from "@playwright/test";

import type { Kith } from "./kith";

export const PASSWORD = "correct horse battery";

interface Sent {
  message_id: string;
  conversation_id: string;
  seq: number;
}

export interface HistoryMessage {
  message_id: string;
  seq: number;
  sender_id: string;
  text?: string;
  deleted: boolean;
}

let registered = 0;

export class Person {
  private constructor(
    readonly kith: Kith,
    readonly name: string,
    readonly username: string,
    readonly user_id: string,
    readonly token: string,
  ) {}

  /** Somebody new with a username that nobody has. */
  static async register(kith: Kith, name: string): Promise<Person> {
    registered += 1;
    const username = `${name.toLowerCase()}${process.pid}x${registered}`;
    const email = `${username}@example.org`;
    const made = await ask(kith, "POST", "/register", {
      email,
      username,
      name,
      password: PASSWORD,
    });
    return Person.#signedIn(kith, name, username, (made as { user_id: string }).user_id);
  }

  /** Somebody of a story that was told before the server started. */
  static async known(kith: Kith, name: string, username: string): Promise<Person> {
    return Person.#signedIn(kith, name, username, undefined);
  }

  static async #signedIn(kith: Kith, name: string, username: string, user_id: string | undefined): Promise<Person> {
    const tokens = (await ask(kith, "POST", "/login", {
      username,
      password: PASSWORD,
      device: "api",
    })) as {
      token: string;
      user_id: string;
    };
    return new Person(kith, name, username, user_id ?? tokens.user_id, tokens.token);
  }

  /** Any request in this person's name; the answer's JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    return ask(this.kith, method, path, body, this.token);
  }

  /** To a person, or into a group or conversation by its id. */
  async send(to: Person | string, message: string, reply_to?: string): Promise<Sent> {
    const where = typeof to === "string" ? { conversation_id: to } : { receiver_id: to.user_id };
    return (await this.ask("POST", "/message/send", { ...where, message, reply_to })) as Sent;
  }

  async sendMany(to: Person | string, messages: string[]): Promise<void> {
    for (const message of messages) await this.send(to, message);
  }

  async edit(message_id: string, message: string): Promise<void> {
    await this.ask("PUT", `/message/${message_id}`, { message });
  }

  async remove(message_id: string): Promise<void> {
    await this.ask("DELETE", `/message/${message_id}`);
  }

  async react(message_id: string, emoji: string): Promise<void> {
    await this.ask("POST", `/message/${message_id}/reaction`, { emoji });
  }

  async history(conversation: string, query = "limit=200"): Promise<HistoryMessage[]> {
    const path = `/message/history?conversation_id=${conversation}&${query}`;
    return (await this.ask("GET", path)) as HistoryMessage[];
  }

  async group(name: string, people: Person[]): Promise<string> {
    const participants = people.map((person) => person.user_id);
    const made = await this.ask("POST", "/group/create", { group_name: name, participants });
    return (made as { group_id: string }).group_id;
  }

  /** Resolves when the server has what was chosen in a browser: a page that is left at once may take it along. */
  async hasChosen(key: string, value: unknown): Promise<void> {
    const chosen = async (): Promise<unknown> => {
      const { client } = (await this.ask("GET", "/preferences")) as { client: Record<string, unknown> };
      return client[key];
    };
    await expect.poll(chosen).toBe(value);
  }

  /** Changes some preferences and leaves the others. */
  async prefer(change: Record<string, unknown>): Promise<void> {
    const present = (await this.ask("GET", "/preferences")) as Record<string, unknown>;
    await this.ask("PUT", "/preferences", { ...present, ...change });
  }
}

async function ask(kith: Kith, method: string, path: string, body?: unknown, token?: string): Promise<unknown> {
  const answer = await fetch(kith.url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
