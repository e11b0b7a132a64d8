import { For, Show } from "solid-js";
import { Dialog } from "../../parts/Dialog";
import { Keys } from "../../parts/small";
import { closeOverlay } from "../../state/layout";
import { sendKey, singleKeys } from "../../state/preferences";
import { isSingle, keysText, shortcuts, type Shortcut, type ShortcutGroup } from "../../state/shortcuts";
import { t } from "../../text";
import "./keyboard.css";

const named = /^(Escape|Enter|Arrow|Page|Home|End|Delete|ContextMenu)/;

/** What the field and the list of messages do with keys: they handle them themselves. */
function keysOfConversation(): Shortcut[] {
  const words = t().keyboard;
  const rows = [
    [t().conversation.send, sendKey() === "enter" ? ["Enter"] : ["Mod+Enter"]],
    [words.edit_last, ["ArrowUp"]],
    [words.page, ["PageUp", "PageDown"]],
    [words.ends, ["Home", "End"]],
    [words.walk, ["ArrowUp", "ArrowDown"]],
    [words.act, ["Enter"]],
  ] as const;
  return rows.flatMap(([label, all]) =>
    all.map((keys) => ({ keys, group: "conversation" as const, label: () => label })),
  );
}

/** Every shortcut that there is now. */
export default function KeyboardSheet() {
  const groups: ShortcutGroup[] = ["everywhere", "list", "conversation"];
  const rows = (group: ShortcutGroup) => {
    const byLabel = new Map<string, string[]>();
    for (const shortcut of [...shortcuts(), ...keysOfConversation()]) {
      if (shortcut.group !== group) continue;
      if (isSingle(shortcut.keys) && !named.test(shortcut.keys) && !singleKeys()) continue;
      const keys = byLabel.get(shortcut.label()) ?? [];
      byLabel.set(shortcut.label(), [...new Set([...keys, keysText(shortcut.keys)])]);
    }
    return [...byLabel];
  };
  return (
    <Dialog title={t().keyboard.title} size="l" testid="keyboard-sheet" onClose={closeOverlay}>
      <div class="keyboard-groups">
        <For each={groups}>
          {(group) => (
            <Show when={rows(group).length > 0}>
              <section>
                <h3 class="keyboard-heading">{t().keyboard[`group_${group}`]}</h3>
                <dl class="keyboard-rows">
                  <For each={rows(group)}>
                    {([label, keys]) => (
                      <div class="keyboard-row">
                        <dt>{label}</dt>
                        <dd>
                          <For each={keys}>{(one) => <Keys keys={one} />}</For>
                        </dd>
                      </div>
                    )}
                  </For>
                </dl>
              </section>
            </Show>
          )}
        </For>
      </div>
      <Show when={!singleKeys()}>
        <p class="keyboard-note">{t().keyboard.single_off}</p>
      </Show>
    </Dialog>
  );
}
