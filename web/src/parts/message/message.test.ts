import type { Member, MessageItem } from "@kith/client";
import { describe, expect, it } from "vitest";

import { message } from "../../testing/message";
import { actionsFor, type Standing } from "./actions";
import { reachedOf, readersOf, receiptsOf, statusOf } from "./status";

const item = (change: Partial<MessageItem> = {}) => message(5, { sender_id: "me", ...change });

const member = (user_id: string, read_seq?: number, delivered_seq?: number): Member => ({
  user_id,
  name: user_id,
  role: "member",
  ...(read_seq !== undefined && { read_seq }),
  ...(delivered_seq !== undefined && { delivered_seq }),
});

describe("how far an own message has come", () => {
  it.each([
    ["in the outbox", { seq: null, state: "sending" as const }, 9, 9, "sending"],
    ["refused", { state: "failed" as const }, 9, 9, "failed"],
    ["placed", {}, 0, 0, "sent"],
    ["reached a device", {}, 4, 5, "delivered"],
    ["read", {}, 5, 5, "read"],
  ])("%s", (_, change, read, delivered, status) => {
    expect(statusOf(item(change), { read, delivered })).toBe(status);
  });

  it("is what the furthest of the others has, never oneself", () => {
    const members = [member("me", 9, 9), member("a", 3, 4), member("b", 1, 7), member("c")];
    expect(receiptsOf(members, "me")).toEqual({ read: 3, delivered: 7 });
  });

  it("counts what was read as delivered", () => {
    expect(receiptsOf([member("a", 8, 2)], "me")).toEqual({ read: 8, delivered: 8 });
  });

  it("names readers and those it has reached apart", () => {
    const members = [member("me", 9), member("a", 5), member("b", 1, 6), member("c")];
    expect(readersOf(item(), members).map(({ name }) => name)).toEqual(["a"]);
    expect(reachedOf(item(), members).map(({ name }) => name)).toEqual(["b"]);
  });
});

describe("what can be done with a message", () => {
  const direct: Standing = { me: "me", kind: "direct", role: "member" };
  const admin: Standing = { me: "me", kind: "group", role: "admin" };
  const foreign = item({ sender_id: "other" });

  it("lets the author edit and delete", () => {
    expect(actionsFor(item(), direct)).toEqual(expect.arrayContaining(["edit", "remove", "info"]));
  });

  it("lets nobody else edit, and only who runs a group delete", () => {
    expect(actionsFor(foreign, direct)).not.toEqual(expect.arrayContaining(["remove"]));
    expect(actionsFor(foreign, { ...admin, role: "member" })).not.toContain("remove");
    expect(actionsFor(foreign, admin)).toContain("remove");
    expect(actionsFor(foreign, admin)).not.toContain("edit");
  });

  it("offers another try, or to give up, for one that was refused", () => {
    expect(actionsFor(item({ seq: null, state: "failed" }), direct)).toEqual(["retry", "copy", "discard"]);
  });

  it("leaves a deleted one alone", () => {
    expect(actionsFor(item({ deleted: true, text: null }), direct)).toEqual(["link"]);
  });
});
