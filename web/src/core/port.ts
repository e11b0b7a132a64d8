/** What tabs and the core say to each other: calls by the name of a method, answers, and updates. */

import type { CoreApi, Problem, Update } from "@kith/client";

export type Method = keyof CoreApi;

export interface Call {
  kind: "call";
  id: string;
  method: Method;
  args: unknown[];
}

export type Answer = { kind: "answer"; id: string; value: unknown } | { kind: "refusal"; id: string; problem: Problem };

export type FromTab =
  /** A tab is there, for as long as it holds the lock of this name. */
  | { kind: "hello"; lock: string }
  /** A tab leaves; for browsers without locks. */
  | { kind: "bye" }
  | { kind: "network"; state: "online" | "offline" }
  | Call;

export type ToTab = Answer | { kind: "update"; update: Update };
