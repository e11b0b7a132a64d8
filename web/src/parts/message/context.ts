import type { Member, MessageItem } from "@kith/client";
import { createContext, useContext } from "solid-js";

import type { Action, Standing } from "./actions";
import type { Status } from "./status";

/** Where a menu opens. */
export interface Point {
  x: number;
  y: number;
}

/** What all messages of a conversation share, so that a row carries only its item. */
export interface MessageHost {
  standing: () => Standing;
  nameOf: (user_id: string) => string;
  /** The names that can be mentioned. */
  names: () => string[];
  members: () => readonly Member[];
  status: (item: MessageItem) => Status;
  /** Whether a deletion is on its way, and it is shown as done. */
  isBeingRemoved: (item: MessageItem) => boolean;
  /** How far a message has come, in words. */
  statusText: (item: MessageItem) => string;
  quoted: (message_id: string) => MessageItem | null | undefined;
  act: (action: Action, item: MessageItem) => void;
  react: (item: MessageItem, emoji: string) => void;
  openMenu: (item: MessageItem, at: Point) => void;
  /** The few reactions that are at hand. */
  openQuick: (item: MessageItem, at: Point) => void;
  openPicker: (item: MessageItem, at: Point) => void;
  showReactions: (item: MessageItem) => void;
  jumpTo: (seq: number) => void;
  selecting: () => boolean;
  isSelected: (key: string) => boolean;
  toggleSelected: (item: MessageItem) => void;
}

const Context = createContext<MessageHost>();

export const MessageHostProvider = Context.Provider;

export function useMessageHost(): MessageHost {
  const host = useContext(Context);
  if (host === undefined) throw new Error("a message is shown outside of a conversation");
  return host;
}
