import type { ConversationDetail, Update } from "./core-api.ts";
import type { Cursor } from "./frames.ts";
import type { People } from "./people.ts";
import { toPerson } from "./people.ts";
import { Refused } from "./problem.ts";
import type { Rest, Schemas } from "./rest.ts";
import type { Saver } from "./saver.ts";

/** Changes of a conversation are gathered for so long before it is read again. */
const GATHER_MS = 300;

/** Conversations with their members, as they were read last. */
export class Details {
  readonly #rest: Rest;
  readonly #saver: Saver;
  readonly #people: People;
  readonly #tell: (update: Update) => void;
  readonly #details = new Map<string, ConversationDetail>();
  readonly #reading = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(rest: Rest, saver: Saver, people: People, tell: (update: Update) => void) {
    this.#rest = rest;
    this.#saver = saver;
    this.#people = people;
    this.#tell = tell;
  }

  restore(details: ConversationDetail[]): void {
    for (const detail of details) this.#details.set(detail.conversation_id, detail);
  }

  get(conversation_id: string): ConversationDetail | undefined {
    return this.#details.get(conversation_id);
  }

  /** Reads a conversation, by its id or that of the other person. @throws Refused */
  async read(conversation: string): Promise<ConversationDetail> {
    const view = await this.#rest.call("get", "/conversation/{conversation_id}", {
      in: [conversation],
    });
    const detail = toDetail(view);
    for (const { user_id, name, profile_pic } of detail.members) {
      this.#people.saw({ user_id, name, ...(profile_pic !== undefined && { profile_pic }) });
    }
    if (view.peer) this.#people.saw(view.peer);
    this.#put(detail);
    return detail;
  }

  /** Whether a conversation is not the user's, or not any more. @throws Refused where nobody can tell. */
  async isGone(conversation_id: string): Promise<boolean> {
    try {
      await this.read(conversation_id);
      return false;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return true;
      throw error;
    }
  }

  /** Something of a conversation changed: it is read again, if anybody has asked for it. */
  changed(conversation_id: string): void {
    if (!this.#details.has(conversation_id) || this.#reading.has(conversation_id)) return;
    const timer = setTimeout(() => {
      this.#reading.delete(conversation_id);
      void this.read(conversation_id).catch(() => undefined);
    }, GATHER_MS);
    this.#reading.set(conversation_id, timer);
  }

  /** Somebody's position moved. It never goes back. */
  cursor({ conversation_id, user_id, read_seq, delivered_seq }: Cursor): void {
    const detail = this.#details.get(conversation_id);
    const before = detail?.members.find((member) => member.user_id === user_id);
    if (detail === undefined || before === undefined) return;
    const member = { ...before };
    if (read_seq !== undefined) member.read_seq = Math.max(read_seq, before.read_seq ?? 0);
    if (delivered_seq !== undefined) {
      member.delivered_seq = Math.max(delivered_seq, before.delivered_seq ?? 0);
    }
    const members = detail.members.map((other) => (other === before ? member : other));
    this.#keep({ ...detail, members });
  }

  forget(conversation_id: string): void {
    this.#details.delete(conversation_id);
    this.#saver.soon({ table: "details", key: conversation_id, value: null });
  }

  stop(): void {
    for (const timer of this.#reading.values()) clearTimeout(timer);
    this.#reading.clear();
    this.#details.clear();
  }

  #put(detail: ConversationDetail): void {
    this.#keep(detail);
    this.#tell({ kind: "detail", detail });
  }

  #keep(detail: ConversationDetail): void {
    this.#details.set(detail.conversation_id, detail);
    this.#saver.soon({ table: "details", key: detail.conversation_id, value: detail });
  }
}

function toDetail(view: Schemas["ConversationDetail"]): ConversationDetail {
  const members = view.members.map((member) => {
    const known = Object.entries(member).filter(([, value]) => value !== null);
    return Object.fromEntries(known) as unknown as ConversationDetail["members"][number];
  });
  return {
    ...view,
    picture: view.picture ?? null,
    peer: view.peer ? toPerson(view.peer) : null,
    history_for_new_members: view.history_for_new_members ?? null,
    members,
  };
}
