import type { TimelineItem } from "@kith/client";
import { createMemo, type JSX, Show } from "solid-js";

import { format, t } from "../../text";
import { useMessageHost } from "../message/context";
import { plain } from "../message/markup";
import { MessageBubble } from "../message/MessageBubble";
import { EventLine, eventText } from "./EventLine";
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
  const message = () => (props.item.kind === "message" ? props.item : null);
  const own = () => props.item.sender_id === host.standing().me;
  const status = createMemo(() => {
    const item = message();
    return item !== null && own() ? host.status(item) : undefined;
  });
  const newDay = () => startsDay(props.previous, props.item);
  const selected = () => host.isSelected(props.item.key);
  const label = createMemo(() => {
    const item = message();
    if (item === null) return eventText(props.item, host.nameOf);
    const words = item.text === null ? t().conversation.deleted : plain(item.text);
    const state = status();
    const said = [host.nameOf(item.sender_id), words, format().time(item.sent_at)];
    return [...said, ...(state ? [t().conversation.status[state]] : [])].join(", ");
  });
  return (
    <li
      class="row"
      data-testid={message() ? "message" : "timeline-event"}
      data-key={props.item.key}
      data-seq={props.item.seq ?? undefined}
      data-state={status()}
      data-own={message() && own() ? "" : undefined}
      data-highlighted={props.highlighted ? "" : undefined}
      data-selected={selected() ? "" : undefined}
      tabindex={props.current ? 0 : -1}
      aria-label={label()}
      aria-posinset={props.place}
      aria-setsize={props.places}
    >
      <Show when={newDay()}>
        <div class="row-day" data-testid="day-header">
          <span>{format().day(props.item.sent_at)}</span>
        </div>
      </Show>
      <Show when={props.unreadStartsHere}>
        <div class="row-unread" data-testid="unread-divider" role="separator">
          <span>{t().conversation.unread}</span>
        </div>
      </Show>
      <Show when={message()} fallback={<EventLine item={props.item} nameOf={host.nameOf} />}>
        {(item) => (
          <>
            <Show when={host.selecting() && !item().deleted}>
              <input
                type="checkbox"
                class="row-check"
                checked={selected()}
                tabindex="-1"
                aria-label={t().conversation.action.select}
                onChange={() => {
                  host.toggleSelected(item());
                }}
              />
            </Show>
            <MessageBubble
              item={item()}
              starts={props.unreadStartsHere || !sharesGroup(props.previous, item())}
              ends={!sharesGroup(item(), props.next)}
              hovered={props.hovered && !host.selecting()}
            />
          </>
        )}
      </Show>
    </li>
  );
}
