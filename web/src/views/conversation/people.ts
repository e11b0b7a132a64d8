import type { Member } from "@kith/client";
import { createMemo } from "solid-js";

import type { Standing } from "../../parts/message/actions";
import { receiptsOf } from "../../parts/message/status";
import { conversation as rowOf, createdWith } from "../../state/conversations";
import { detail as detailOf } from "../../state/details";
import { person } from "../../state/people";
import { me } from "../../state/session";
import { t } from "../../text";

export type Company = ReturnType<typeof createCompany>;

/** Who takes part in a conversation, and what they are to the reader. `id` may be that of a person. */
export function createCompany(id: string) {
  const row = () => rowOf(id);
  const detail = () => detailOf(row()?.conversation_id ?? id);
  const my_id = () => me()?.user_id ?? "";
  const kind = () => (detail() ?? row())?.kind ?? "direct";
  const peer = createMemo(() => {
    if (kind() === "group") return undefined;
    const known = row()?.peer ?? detail()?.peer;
    return person(known?.user_id ?? id) ?? known ?? undefined;
  });
  const members = createMemo((): readonly Member[] => detail()?.members ?? []);
  const byId = createMemo(() => new Map(members().map((member) => [member.user_id, member])));

  const nameOf = (user_id: string): string =>
    byId().get(user_id)?.name ??
    (user_id === my_id() ? me()?.name : person(user_id)?.name) ??
    t().conversation.unknown_person;

  const standing = createMemo((): Standing => ({
    me: my_id(),
    kind: kind(),
    role: detail()?.role ?? row()?.role ?? "member",
  }));
  const names = createMemo(() => members().map(({ name }) => name), undefined, {
    equals: (a, b) => a.join("\n") === b.join("\n"),
  });
  const receipts = createMemo(() => receiptsOf(members(), my_id()), undefined, {
    equals: (a, b) => a.read === b.read && a.delivered === b.delivered,
  });
  const name = () => row()?.name ?? detail()?.name ?? peer()?.name ?? "";
  /** The place in the server's log; a person with whom nothing was written yet has none. */
  const conversation_id = () => createdWith(id) ?? row()?.conversation_id ?? detail()?.conversation_id ?? id;

  return {
    conversation_id,
    row,
    detail,
    kind,
    peer,
    members,
    nameOf,
    standing,
    names,
    receipts,
    name,
  };
}
