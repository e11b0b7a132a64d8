import { createSignal, For, Show } from "solid-js";
import { t } from "../text";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";
import "./toast.css";

export interface Toast {
  text: string;
  tone?: "plain" | "danger" | "success";
  action?: { label: string; run: () => void };
}

const shown_ms = 6_000;
const shown_max = 3;

interface Shown extends Toast {
  key: number;
}

const [toasts, setToasts] = createSignal<readonly Shown[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

/** Says something that needs no answer, and takes it away after a while. */
export function toast(what: Toast): void {
  const shown = { ...what, key: (count += 1) };
  setToasts((all) => [...all.filter((other) => other.text !== what.text), shown].slice(-shown_max));
  hideLater(shown.key);
}

function hide(key: number): void {
  clearTimeout(timers.get(key));
  timers.delete(key);
  setToasts((all) => all.filter((other) => other.key !== key));
}

function hideLater(key: number): void {
  timers.set(
    key,
    setTimeout(() => hide(key), shown_ms),
  );
}

/** Whoever reads, or is about to press, gets all the time that they need. */
function keep(key: number): void {
  clearTimeout(timers.get(key));
}

const icons = { plain: "info", danger: "alert", success: "check" } as const;

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label={t().shell.notices} data-kb-top-layer>
      <div role="status" aria-live="polite">
        <For each={toasts()}>
          {(shown) => (
            <div
              class="toast"
              data-tone={shown.tone ?? "plain"}
              onPointerEnter={() => keep(shown.key)}
              onPointerLeave={() => hideLater(shown.key)}
              onFocusIn={() => keep(shown.key)}
              onFocusOut={() => hideLater(shown.key)}
            >
              <Icon name={icons[shown.tone ?? "plain"]} size="s" />
              <p class="toast-words">{shown.text}</p>
              <Show when={shown.action}>
                {(action) => (
                  <button
                    type="button"
                    class="toast-action"
                    onClick={() => {
                      hide(shown.key);
                      action().run();
                    }}
                  >
                    {action().label}
                  </button>
                )}
              </Show>
              <IconButton icon="close" label={t().form.close} onClick={() => hide(shown.key)} />
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
