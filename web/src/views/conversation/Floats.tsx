import type { MessageItem } from "@kith/client";
import { type JSX, lazy, Match, Suspense, Switch } from "solid-js";

import { Floating } from "../../parts/message/Floating";
import { MessageMenu } from "../../parts/message/MessageMenu";
import { ReactionBar } from "../../parts/message/ReactionBar";
import { t } from "../../text";
import { DateFloat } from "./DateFloat";
import type { Floating as Float, Pane } from "./pane";

const EmojiFloat = lazy(() => import("../../parts/emoji/EmojiFloat"));
const InfoDialog = lazy(() => import("./InfoDialog"));
const ReactionsDialog = lazy(() => import("./ReactionsDialog"));

/** Menus, pickers and dialogs of a conversation: at most one at a time. */
export function Floats(props: { pane: Pane; onInsert: (emoji: string) => void }): JSX.Element {
  const is = <Kind extends Float["kind"]>(...kinds: Kind[]) => {
    const floating = props.pane.floating();
    return floating !== null && (kinds as string[]).includes(floating.kind)
      ? (floating as Extract<Float, { kind: Kind }>)
      : null;
  };
  // A message may change, or get its place, while something about it is open.
  const latest = (item: MessageItem): MessageItem => {
    const found = props.pane.store.timeline.items.find(({ key }) => key === item.key);
    return found?.kind === "message" ? found : item;
  };
  const close = () => {
    props.pane.close();
  };
  return (
    <Suspense>
      <Switch>
        <Match when={is("menu")} keyed>
          {({ item, at }) => <MessageMenu item={latest(item)} at={at} onClose={close} />}
        </Match>
        <Match when={is("quick")} keyed>
          {({ item, at }) => (
            <Floating at={at} role="group" label={t().conversation.action.react} onClose={close}>
              <ReactionBar
                item={latest(item)}
                onDone={close}
                onMore={() => {
                  props.pane.host.openPicker(item, at);
                }}
              />
            </Floating>
          )}
        </Match>
        <Match when={is("picker")} keyed>
          {({ item, at }) => (
            <EmojiFloat
              at={at}
              onClose={close}
              onPick={(emoji) => {
                props.pane.host.react(item, emoji);
                close();
              }}
            />
          )}
        </Match>
        <Match when={is("insert")} keyed>
          {({ at }) => <EmojiFloat at={at} onClose={close} onPick={props.onInsert} />}
        </Match>
        <Match when={is("date")} keyed>
          {({ at }) => (
            <DateFloat at={at} onClose={close} onDate={(time_ms) => void props.pane.jumps.toTime(time_ms)} />
          )}
        </Match>
        <Match when={is("info")} keyed>
          {({ item }) => <InfoDialog item={latest(item)} company={props.pane.company} onClose={close} />}
        </Match>
        <Match when={is("reactions")} keyed>
          {({ item }) => <ReactionsDialog item={latest(item)} company={props.pane.company} onClose={close} />}
        </Match>
      </Switch>
    </Suspense>
  );
}
