import type { MessageItem, Role } from "@kith/client";

export type Action = "reply" | "react" | "copy" | "link" | "select" | "info" | "edit" | "remove" | "retry" | "discard";

export interface Standing {
  me: string;
  kind: "direct" | "group";
  role: Role;
}

/** What can be done with a message, in the order in which it is offered everywhere. */
export function actionsFor(item: MessageItem, standing: Standing): Action[] {
  const own = item.sender_id === standing.me;
  if (item.state === "failed") return ["retry", "copy", "discard"];
  if (item.seq === null) return ["copy"];
  if (item.deleted) return ["link"];
  const actions: Action[] = ["reply", "react", "copy", "link", "select"];
  if (own) actions.push("info", "edit");
  if (own || (standing.kind === "group" && standing.role !== "member")) actions.push("remove");
  return actions;
}
