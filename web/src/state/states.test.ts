import type { ConversationRow, Update } from "@kith/client";
import { describe, expect, it } from "vitest";
import { applyConversations, findConversation, inOrder, noConversations, unreadOf } from "./conversations";
import { applyDetails } from "./details";
import { peopleIn } from "./people";
import { readClient } from "./preferences";
import { applySession, emptySession } from "./session";
import { applyTyping, typing_ms, withoutSilent } from "./typing";

const row = (conversation_id: string, change: Partial<ConversationRow> = {}): ConversationRow => ({
  conversation_id,
  kind: "direct",
  name: conversation_id,
  picture: null,
  peer: null,
  head: 1,
  read_seq: 0,
  unread: 1,
  muted: false,
  upos: 1,
  last_activity_at: "2026-11-26T20:00:00.000Z",
  last_item: null,
  member_count: 2,
  role: "member",
  draft: null,
  ...change,
});

const at = (second: string) => ({ last_activity_at: `2026-11-26T20:00:${second}.000Z` });
const told = (rows: ConversationRow[], gone: string[] = []): Update => ({
  kind: "conversations",
  rows,
  gone,
  more: false,
});

describe("the conversations", () => {
  it("stand in the order of their last change", () => {
    const state = applyConversations(
      noConversations,
      told([row("c", at("10")), row("a", at("10")), row("b", at("20"))]),
    );
    expect(inOrder(Object.values(state.rows)).map((one) => one.conversation_id)).toEqual(["b", "a", "c"]);
  });

  it("are replaced, and go", () => {
    const before = applyConversations(noConversations, told([row("a"), row("b")]));
    const after = applyConversations(before, told([row("a", { unread: 4 })], ["b"]));
    expect(Object.keys(after.rows)).toEqual(["a"]);
    expect(after.rows["a"]?.unread).toBe(4);
  });

  it("count as unread unless they are muted", () => {
    expect(unreadOf([row("a", { unread: 2 }), row("b", { unread: 7, muted: true })])).toBe(2);
  });

  it("are found by the person, also when they have only now come into being", () => {
    const peer = { user_id: "ada", name: "Ada" };
    const there = applyConversations(noConversations, told([row("d1", { peer })]));
    expect(findConversation(there, "ada")?.conversation_id).toBe("d1");
    const created = applyConversations(applyConversations(noConversations, told([row("d2")])), {
      kind: "conversation-created",
      receiver_id: "bob",
      conversation_id: "d2",
    });
    expect(findConversation(created, "bob")?.conversation_id).toBe("d2");
  });

  it("are forgotten at sign-out", () => {
    const before = applyConversations(noConversations, told([row("a")]));
    expect(applyConversations(before, { kind: "signed-out", reason: null })).toEqual(noConversations);
  });
});

describe("the session", () => {
  it("knows why it ended", () => {
    const after = applySession(emptySession, { kind: "signed-out", reason: "revoked" });
    expect(after).toMatchObject({ me: null, connection: "signed-out", ended: "revoked" });
  });

  it("knows since when there is no connection", () => {
    const after = applySession(emptySession, { kind: "connection", connection: "offline", offline_since_ms: 5 });
    expect(after).toMatchObject({ connection: "offline", offline_since_ms: 5 });
  });
});

describe("typing", () => {
  const typing: Update = { kind: "typing", conversation_id: "a", user_id: "ada" };

  it("ends in silence", () => {
    const state = applyTyping({}, typing, 1_000);
    expect(withoutSilent(state, 1_000 + typing_ms - 1)).toEqual(state);
    expect(withoutSilent(state, 1_000 + typing_ms)).toEqual({});
  });

  it("ends with the message", () => {
    const state = applyTyping({}, typing, 1_000);
    const item = {
      kind: "member",
      key: "2",
      seq: 2,
      sender_id: "ada",
      user_id: "ada",
      change: "left",
      role: null,
      sent_at: "2026-11-26T20:00:00.000Z",
    } as const;
    const after = applyTyping(
      state,
      { kind: "timeline", conversation_id: "a", items: [item], gone: [], head: 2 },
      1_500,
    );
    expect(after["a"]).toEqual({});
  });
});

describe("the members of a conversation", () => {
  it("are never said to have read less than before", () => {
    const detail = {
      conversation_id: "a",
      kind: "group",
      name: "Band",
      picture: null,
      peer: null,
      history_for_new_members: "all",
      head: 9,
      read_seq: 9,
      muted: false,
      role: "member",
      member_count: 1,
      members: [{ user_id: "ada", name: "Ada", role: "owner", read_seq: 7 }],
    } as const;
    const state = applyDetails({}, { kind: "detail", detail: structuredClone(detail) as never });
    const cursor = { kind: "cursor", conversation_id: "a", user_id: "ada", delivered_seq: 8 } as const;
    const after = applyDetails(state, { ...cursor, read_seq: 5 });
    expect(after["a"]?.members[0]).toMatchObject({ read_seq: 7, delivered_seq: 8 });
  });
});

describe("people", () => {
  it("come with the conversations that they are in", () => {
    const peer = { user_id: "ada", name: "Ada" };
    expect(peopleIn(told([row("a", { peer }), row("b")]))).toEqual([peer]);
  });
});

describe("what the client keeps in the preferences", () => {
  it("is read with care", () => {
    const usual = { send_key: "enter", single_keys: true, announce_messages: true };
    expect(readClient({})).toEqual(usual);
    expect(readClient({ send_key: 7, single_keys: "no", announce_messages: null })).toEqual(usual);
    const chosen = { send_key: "ctrl-enter", single_keys: false, announce_messages: false };
    expect(readClient({ ...chosen, another: 1 })).toEqual(chosen);
  });
});
