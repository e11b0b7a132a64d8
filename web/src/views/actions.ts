import type { ConversationRow } from "@kith/client";
import { createSignal } from "solid-js";
import { toast } from "../parts/toast";
import { core } from "../state/core";
import { problemText } from "../text/problem";

/** Does it, and says what went wrong. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (problem) {
    toast({ text: problemText(problem), tone: "danger" });
    return false;
  }
}

const [markedRead, setMarkedRead] = createSignal("", { equals: false });

/** The conversation that somebody wants to have read: one that is open knows its end better than its row does. */
export { markedRead };

export function markRead(row: ConversationRow): void {
  setMarkedRead(row.conversation_id);
  void attempt(() => core().read(row.conversation_id, row.head));
}

export function toggleMute(row: Pick<ConversationRow, "conversation_id" | "muted">): void {
  void attempt(() => core().mute(row.conversation_id, !row.muted));
}
