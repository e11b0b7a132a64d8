import type { ConversationDetail, Member } from "@kith/client";
import { confirm, type Question } from "../../parts/confirm";
import { core } from "../../state/core";
import { openDetail } from "../../state/details";
import { t } from "../../text";
import { attempt } from "../actions";

/** Asks, does it, and shows the group as it is now. */
async function change(group_id: string, question: Question, action: () => Promise<unknown>): Promise<boolean> {
  if (!(await confirm(question))) return false;
  const done = await attempt(action);
  if (done) await attempt(() => openDetail(group_id));
  return done;
}

export function setAdmin(group: ConversationDetail, { user_id, name }: Member): Promise<boolean> {
  const words = t().details;
  return change(
    group.conversation_id,
    { title: words.admin_title(name), body: words.admin_body(name), action: words.admin_action },
    () => core().setRole(group.conversation_id, user_id, "admin"),
  );
}

/** Easily undone, so it is not asked for. */
export async function setPlainMember(group: ConversationDetail, { user_id }: Member): Promise<void> {
  await attempt(() => core().setRole(group.conversation_id, user_id, "member"));
  await attempt(() => openDetail(group.conversation_id));
}

export function makeOwner(group: ConversationDetail, { user_id, name }: Member): Promise<boolean> {
  const words = t().details;
  return change(
    group.conversation_id,
    { title: words.owner_title(name), body: words.owner_body(name), action: words.owner_action, tone: "danger" },
    () => core().transferOwnership(group.conversation_id, user_id),
  );
}

export function removeMember(group: ConversationDetail, { user_id, name }: Member): Promise<boolean> {
  const words = t().details;
  return change(
    group.conversation_id,
    { title: words.remove_title(name), body: words.remove_body(name), action: words.remove_action, tone: "danger" },
    () => core().removeMember(group.conversation_id, user_id),
  );
}

/** Whether the person has left. */
export async function leave(group: ConversationDetail, me: string): Promise<boolean> {
  const words = t().details;
  const yes = await confirm({
    title: words.leave_title(group.name),
    body: words.leave_body,
    action: words.leave_action,
    tone: "danger",
  });
  return yes && attempt(() => core().removeMember(group.conversation_id, me));
}
