/** Frames that a real server wrote (see `integration.test.ts`): what is folded here is what the server folds. */

import { describe, expect, it } from "vitest";

import type { TimelineItem } from "./core-api.ts";
import { ownMessage } from "./fold.ts";
import { parseFrame } from "./frames.ts";
import type { Ack, MessageEvent, ServerFrame } from "./frames.ts";
import { Log } from "./log.ts";
import recorded from "./testing/recorded.json" with { type: "json" };

const [LIVE, COLD] = [recorded.live, recorded.cold].map((frames) =>
  frames.flatMap((frame) => parseFrame(JSON.stringify(frame)) ?? []),
) as [ServerFrame[], ServerFrame[]];

/** What one device makes of all that it heard. */
class Listener {
  readonly logs = new Map<string, Log>();

  log(conversation_id: string): Log {
    const log = this.logs.get(conversation_id) ?? new Log(conversation_id);
    this.logs.set(conversation_id, log);
    return log;
  }

  hear(frame: ServerFrame): void {
    if (frame.type === "event") this.log(frame.conversation_id).event(frame.seq, frame.event);
    if (frame.type === "ack" && !frame.dup) this.#own(frame);
    if (frame.type === "page") {
      const first = frame.events[0]?.seq ?? frame.head + 1;
      this.log(frame.conversation_id).page(first - 1, frame);
    }
  }

  #own(ack: Ack): void {
    const { text, reply_to } = written(ack.client_message_id);
    const { client_message_id, conversation_id } = ack;
    const sent = { client_message_id, to: conversation_id, text: text ?? "", reply_to: reply_to ?? null };
    const message = ownMessage(recorded.user_id, sent, ack);
    this.log(conversation_id).event(ack.seq, { kind: "message", ...message });
  }
}

/** The words of an own message, which its ack does not repeat. */
function written(client_message_id: string): MessageEvent {
  const events = COLD.flatMap((frame) => (frame.type === "page" ? frame.events : []));
  const found = events.flatMap(({ event }) => (event.kind === "message" ? event : []));
  const message = found.find((event) => event.client_message_id === client_message_id);
  if (message === undefined) throw new Error(`${client_message_id} was never read back`);
  return message;
}

function listen(frames: ServerFrame[]): Map<string, Log> {
  const listener = new Listener();
  for (const frame of frames) listener.hear(frame);
  return listener.logs;
}

describe("recorded frames", () => {
  it("come to the same, heard live or read afterwards", () => {
    const [live, cold] = [listen(LIVE), listen(COLD)];
    expect(live.size).toBe(2);
    for (const [id, log] of live) {
      const rows = (items: Log["items"]) => [...items].sort(([one], [other]) => one - other);
      expect(rows(log.items)).toEqual(rows(cold.get(id)?.items ?? new Map<number, TimelineItem>()));
      expect([log.seen, log.lags]).toEqual([cold.get(id)?.seen, false]);
    }
  });

  it("come to the same when they are heard twice", () => {
    const [once, twice] = [listen(LIVE), listen([...LIVE, ...LIVE])];
    for (const [id, log] of once) expect([...(twice.get(id)?.items ?? [])]).toEqual([...log.items]);
  });
});
