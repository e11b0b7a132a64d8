import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { Show, type JSX } from "solid-js";
import { closeOnBack } from "../state/layers";
import { t } from "../text";
import { Button } from "./Button";
import { question } from "./confirm";
import { IconButton } from "./IconButton";
import "./Dialog.css";

/** Takes over until it is closed: Escape, the button, or a press beside it. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: JSX.Element;
  /** `drawer` slides in from the end of the line; on phones it fills the screen. */
  kind?: "dialog" | "drawer" | "palette";
  size?: "s" | "m" | "l";
  footer?: JSX.Element;
  testid?: string;
  /** Whether it asks something that has to be answered. */
  asks?: boolean;
}) {
  /** Where the keyboard was, and comes back to. */
  const before = document.activeElement;
  // Called when it happens, never tracked.
  // eslint-disable-next-line solid/reactivity
  closeOnBack(() => props.onClose());
  return (
    <Kobalte open modal preventScroll={false} onOpenChange={(open) => open || props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="dialog-scrim" />
        <div class="dialog-place" data-kind={props.kind ?? "dialog"}>
          <Kobalte.Content
            class="dialog"
            role={props.asks ? "alertdialog" : "dialog"}
            data-kind={props.kind ?? "dialog"}
            data-size={props.size ?? "m"}
            data-testid={props.testid}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (before instanceof HTMLElement && before.isConnected) before.focus();
            }}
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              focusFirst(event.target as HTMLElement, props.kind ?? "dialog");
            }}
          >
            <Show
              when={props.kind !== "palette"}
              fallback={<Kobalte.Title class="only-spoken">{props.title}</Kobalte.Title>}
            >
              <header class="dialog-header">
                <Kobalte.Title class="dialog-title">{props.title}</Kobalte.Title>
                <IconButton icon="close" label={t().form.close} onClick={() => props.onClose()} />
              </header>
            </Show>
            <div class="dialog-body">{props.children}</div>
            <Show when={props.footer}>
              <footer class="dialog-footer">{props.footer}</footer>
            </Show>
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}

/** What is there to be written gets the focus, else the dialog itself, which is then read from its beginning. */
function focusFirst(dialog: HTMLElement, kind: "dialog" | "drawer" | "palette"): void {
  const field = dialog.querySelector<HTMLElement>(".field-input");
  (kind === "drawer" ? dialog : (field ?? dialog)).focus();
}

/** The question that `confirm` asks. */
export default function ConfirmHost() {
  return (
    <Show when={question()}>
      {(asked) => (
        <Dialog
          title={asked().title}
          size="s"
          asks
          onClose={() => asked().answer(false)}
          footer={
            <>
              <Button variant="quiet" onClick={() => asked().answer(false)}>
                {t().form.cancel}
              </Button>
              <Button variant={asked().tone === "danger" ? "danger" : "primary"} onClick={() => asked().answer(true)}>
                {asked().action}
              </Button>
            </>
          }
        >
          <p class="dialog-words">{asked().body}</p>
        </Dialog>
      )}
    </Show>
  );
}
