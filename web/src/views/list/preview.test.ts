import type { ConversationRow, MemberItem, MessageItem, SettingsItem } from "@kith/client";
import { describe, expect, it } from "vitest";

import { message } from "../../testing/message";
import words from "../../text/en";
import { previewOf } from "./preview";

const names: Record<string, string> = { ada: "Ada", bob: "Bob" };
const context = { me: "me", typing: [] as string[], nameOf: (id: string) => names[id] ?? "?", words };

const said = (change: Partial<MessageItem>) => message(1, { sender_id: "ada", text: "Hello", ...change });

const member = (change: Partial<MemberItem>): MemberItem => ({
  kind: "member",
  key: "k",
  seq: 2,
  sender_id: "ada",
  user_id: "bob",
  change: "added",
  role: null,
  sent_at: "2026-11-26T20:00:00.000Z",
  ...change,
});

const settings = (change: Partial<SettingsItem>): SettingsItem => ({
  kind: "settings",
  key: "k",
  seq: 2,
  sender_id: "ada",
  name: null,
  picture: null,
  history_for_new_members: null,
  sent_at: "2026-11-26T20:00:00.000Z",
  ...change,
});

const row = (change: Partial<ConversationRow>): ConversationRow => ({
  conversation_id: "c",
  kind: "group",
  name: "Band",
  picture: null,
  peer: null,
  head: 1,
  read_seq: 0,
  unread: 0,
  muted: false,
  upos: 1,
  last_activity_at: "2026-11-26T20:00:00.000Z",
  last_item: said({}),
  member_count: 3,
  role: "member",
  draft: null,
  ...change,
});

describe("what a row says", () => {
  it("names the sender in a group, and not in a direct conversation", () => {
    expect(previewOf(row({}), context)).toEqual({ kind: "text", lead: "Ada:", text: "Hello" });
    expect(previewOf(row({ kind: "direct" }), context)).toEqual({ kind: "text", text: "Hello" });
  });

  it("says that it was oneself", () => {
    const own = row({ last_item: said({ sender_id: "me" }) });
    expect(previewOf(own, context)).toEqual({ kind: "text", lead: "You:", text: "Hello" });
  });

  it("does not show what was deleted", () => {
    const deleted = row({ kind: "direct", last_item: said({ text: null, deleted: true }) });
    expect(previewOf(deleted, context)).toEqual({ kind: "deleted", text: "Message deleted" });
  });

  it("puts typing before a draft, and a draft before the last message", () => {
    const draft = row({ draft: "So …" });
    expect(previewOf(draft, { ...context, typing: ["bob"] })).toEqual({ kind: "typing", text: "Bob is typing…" });
    expect(previewOf(draft, { ...context, typing: ["bob", "ada"] }).text).toBe("2 people are typing…");
    expect(previewOf(draft, context)).toEqual({ kind: "draft", lead: "Draft:", text: "So …" });
  });

  it.each<[Partial<MemberItem>, string]>([
    [{}, "Ada added Bob"],
    [{ sender_id: "me" }, "You added Bob"],
    [{ user_id: "me" }, "Ada added you"],
    [{ sender_id: "bob" }, "Bob joined"],
    [{ change: "removed" }, "Ada removed Bob"],
    [{ change: "left", sender_id: "bob" }, "Bob left"],
    [{ change: "role", role: "admin" }, "Bob is now an admin"],
    [{ change: "role", role: "owner", user_id: "me" }, "You are now the owner"],
  ])("tells about members: %o", (change, text) => {
    expect(previewOf(row({ last_item: member(change) }), context)).toEqual({ kind: "quiet", text });
  });

  it.each<[Partial<SettingsItem>, string]>([
    [{ seq: 1, name: "Band" }, "Ada founded “Band”"],
    [{ seq: 1, name: "Band", sender_id: "me" }, "You founded “Band”"],
    [{ name: "Choir" }, "Ada renamed the group to “Choir”"],
    [{ history_for_new_members: "all" }, "Ada let new members see earlier messages"],
    [{ history_for_new_members: "from_join", sender_id: "me" }, "You hid earlier messages from new members"],
    [{}, "Ada changed the settings"],
  ])("tells about the group: %o", (change, text) => {
    expect(previewOf(row({ last_item: settings(change) }), context)).toEqual({ kind: "quiet", text });
  });
});
