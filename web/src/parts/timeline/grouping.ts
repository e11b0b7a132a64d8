import type { TimelineItem } from "@kith/client";

/** Messages of one author that are no further apart share one header. */
export const GROUP_GAP_MS = 5 * 60 * 1000;

/** A day as the reader's clock sees it. */
export function dayOf(time: string): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export function startsDay(previous: TimelineItem | undefined, item: TimelineItem): boolean {
  return previous === undefined || dayOf(previous.sent_at) !== dayOf(item.sent_at);
}

/** Whether two neighbours are shown as one group, under one name. */
export function sharesGroup(previous: TimelineItem | undefined, item: TimelineItem | undefined): boolean {
  if (previous?.kind !== "message" || item?.kind !== "message") return false;
  if (previous.sender_id !== item.sender_id || startsDay(previous, item)) return false;
  const gap_ms = Date.parse(item.sent_at) - Date.parse(previous.sent_at);
  return gap_ms <= GROUP_GAP_MS;
}
