import type { Connection, Me, Snapshot, Update } from "@kith/client";
import { createStore, reconcile } from "solid-js/store";

export interface Session {
  me: Me | null;
  connection: Connection;
  offline_since_ms: number | null;
  limits: Snapshot["limits"];
  /** Why the session ended, if it was not the person's own doing. */
  ended: string | null;
}

export const emptySession: Session = {
  me: null,
  connection: "connecting",
  offline_since_ms: null,
  limits: { text_bytes: 16 * 1024, group_members: 1024 },
  ended: null,
};

export function applySession(session: Session, update: Update): Session {
  switch (update.kind) {
    case "connection":
      return { ...session, connection: update.connection, offline_since_ms: update.offline_since_ms };
    case "me":
      return { ...session, me: update.me, ended: null };
    case "signed-out":
      return { ...session, me: null, connection: "signed-out", ended: update.reason };
    default:
      return session;
  }
}

const [session, setSession] = createStore<Session>(structuredClone(emptySession));

export function tellSession(update: Update): void {
  setSession(reconcile(applySession(session, update)));
}

export function startSession(snapshot: Snapshot): void {
  const { me, connection, offline_since_ms, limits } = snapshot;
  setSession(reconcile({ me, connection, offline_since_ms, limits, ended: null }));
}

export const me = () => session.me;
export const connection = () => session.connection;
export const offlineSince_ms = () => session.offline_since_ms;
export const limits = () => session.limits;
export const sessionEnded = () => session.ended;
