import type { HistoryPolicy } from "@kith/client";
import type { Choice } from "../../parts/choices";
import { t } from "../../text";

/** What new members of a group can read. */
export function historyChoices(): Choice<HistoryPolicy>[] {
  return [
    { value: "all", label: t().create.history_all, hint: t().create.history_all_hint },
    { value: "from_join", label: t().create.history_from_join, hint: t().create.history_from_join_hint },
  ];
}
