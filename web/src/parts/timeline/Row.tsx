import type { MessageItem, TimelineItem } from "@kith/client";
import { createMemo, type JSX, Show } from "solid-js";

import { format, t } from "../../text";
import { useMessageHost } from "../message/context";
import { plain } from "../message/markup";
import { MessageBubble } from "../message/MessageBubble";
import type { Status } from "../message/status";
import { eventText } from "./event-text";
import { EventLine } from "./EventLine";
import { sharesGroup, startsDay } from "./grouping";
import "./Row.css";

interface RowProps {
  item: TimelineItem;
  previous: TimelineItem | undefined;
  next: TimelineItem | undefined;
  /** Its place among all rows, and how many there are. */
  place: number;
  places: number;
  unreadStartsHere: boolean;
  /** Whether the keyboard comes here first. */
  current: boolean;
  hovered: boolean;
  highlighted: boolean;
}

export function Row(props: RowProps): JSX.Element {
  const host = useMessageHost();
  // A row is made for one item and its kind; only the fields of the item change.
  // eslint-disable-next-line solid/reactivity
  const item = props.item;
  const message = item.kind === "message" ? item : null;
  const own = () => item.sender_id === host.standing().me;
  const status = createMemo(() => (message !== null && own() ? host.status(message) : undefined));
  const event = () =>
    item.kind === "message" ? "" : eventText(item, { me: host.standing().me, nameOf: host.nameOf, words: t() });
  const selected = () => host.isSelected(item.key);
  return (
    <li
      class="row"
      data-testid={message ? "message" : "timeline-event"}
      data-key={item.key}
      data-seq={item.seq ?? undefined}
      data-state={status()}
      data-own={message && own() ? "" : undefined}
      data-highlighted={props.highlighted ? "" : undefined}
      data-selected={selected() ? "" : undefined}
      tabindex={props.current ? 0 : -1}
      aria-label={message ? messageLabel(message, status(), host.nameOf) : event()}
      aria-posinset={props.place}
      aria-setsize={props.places}
    >
      <Show when={startsDay(props.previous, item)}>
        <div class="row-day" data-testid="day-header">
          <span>{format().day(item.sent_at)}</span>
        </div>
      </Show>
      <Show when={props.unreadStartsHere}>
        <div class="row-unread" data-testid="unread-divider" role="separator">
          <span>{t().conversation.unread}</span>
        </div>
      </Show>
      {message ? (
        <>
          <Show when={host.selecting() && !message.deleted}>
            <input
              type="checkbox"
              class="row-check"
              checked={selected()}
              tabindex="-1"
              aria-label={t().conversation.action.select}
              onChange={() => {
                host.toggleSelected(message);
              }}
            />
          </Show>
          <MessageBubble
            item={message}
            starts={props.unreadStartsHere || !sharesGroup(props.previous, message)}
            ends={!sharesGroup(message, props.next)}
            hovered={props.hovered && !host.selecting()}
          />
        </>
      ) : (
        <EventLine text={event()} />
      )}
    </li>
  );
}

/** Author, text, time and status, as they are read out. */
function messageLabel(item: MessageItem, status: Status | undefined, nameOf: (user_id: string) => string): string {
  const words = item.text === null ? t().conversation.deleted : plain(item.text);
  const said = [nameOf(item.sender_id), words, format().time(item.sent_at)];
  return [...said, ...(status ? [t().conversation.status[status]] : [])].join(", ");
}
