import type { ConversationRow } from "@kith/client";
import { useNavigate, useParams } from "@solidjs/router";
import { onCleanup } from "solid-js";
import { conversation, conversationRows } from "../../state/conversations";
import { openOverlay, toggleDetails } from "../../state/layout";
import { registerShortcut, type Shortcut } from "../../state/shortcuts";
import { t } from "../../text";
import { markRead, toggleMute } from "../actions";
import { focusSearch, revealRow } from "../list/rows";

/** The shortcuts that hold everywhere. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  const params = useParams<{ conversation?: string }>();

  const go = (step: 1 | -1, wanted: "any" | "unread") => {
    const rows = conversationRows();
    const open = params.conversation === undefined ? undefined : conversation(params.conversation);
    const from = open ? rows.findIndex((row) => row.conversation_id === open.conversation_id) : step === 1 ? -1 : 0;
    for (let count = 1; count <= rows.length; count += 1) {
      const next = rows[(from + step * count + rows.length * 2) % rows.length];
      if (next && (wanted === "any" || next.unread > 0)) {
        navigate(`/c/${next.conversation_id}`);
        revealRow(next.conversation_id);
        return;
      }
    }
  };

  /** With the conversation whose row has the focus, or else with the one that is open. */
  const here = (act: (row: ConversationRow) => void) => () => {
    const focused = document.activeElement?.closest<HTMLElement>("[data-conversation]")?.dataset["conversation"];
    const row = conversation(focused ?? params.conversation ?? "");
    if (row) act(row);
  };

  const words = () => t().keyboard;
  const everywhere: Shortcut[] = [
    { keys: "Mod+k", group: "everywhere", label: () => words().switcher, run: () => openOverlay("switcher") },
    { keys: "Mod+Shift+f", group: "everywhere", label: () => words().search, run: focusSearch },
    { keys: "Alt+n", group: "everywhere", label: () => words().new, run: () => openOverlay("new-conversation") },
    { keys: "Alt+i", group: "everywhere", label: () => words().details, run: toggleDetails },
    { keys: "Mod+,", group: "everywhere", label: () => words().settings, run: () => navigate("/settings") },
    { keys: "Mod+/", group: "everywhere", label: () => words().sheet, run: () => openOverlay("keyboard") },
    { keys: "?", group: "everywhere", label: () => words().sheet, run: () => openOverlay("keyboard") },
    { keys: "Escape", group: "everywhere", label: () => words().close },
    { keys: "Alt+ArrowDown", group: "list", label: () => words().next, run: () => go(1, "any") },
    { keys: "Alt+ArrowUp", group: "list", label: () => words().previous, run: () => go(-1, "any") },
    { keys: "Alt+Shift+ArrowDown", group: "list", label: () => words().next_unread, run: () => go(1, "unread") },
    { keys: "Alt+Shift+ArrowUp", group: "list", label: () => words().previous_unread, run: () => go(-1, "unread") },
    { keys: "r", group: "list", label: () => words().mark_read, run: here(markRead) },
    { keys: "m", group: "list", label: () => words().mute, run: here(toggleMute) },
  ];
  for (const shortcut of everywhere) onCleanup(registerShortcut(shortcut));
}
