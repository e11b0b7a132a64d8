import { createEffect, createMemo, createSignal, type JSX, on, onCleanup, onMount, Show } from "solid-js";

import { Composer, type ComposerHandle } from "../../parts/composer/Composer";
import { actionsFor } from "../../parts/message/actions";
import { MessageHostProvider } from "../../parts/message/context";
import { toast } from "../../parts/toast";
import type { KeyMeaning } from "../../state/composer";
import { conversation as rowOf } from "../../state/conversations";
import { core } from "../../state/core";
import { openDetail } from "../../state/details";
import { onEscape } from "../../state/escape";
import { keepPeople } from "../../state/people";
import { sendKey } from "../../state/preferences";
import { limits } from "../../state/session";
import { typingIn } from "../../state/typing";
import { t } from "../../text";
import { isProblem, problemText } from "../../text/problem";
import { ComposerBar } from "./ComposerBar";
import { NothingHere } from "../shell/Lost";
import { Floats } from "./Floats";
import { Header } from "./Header";
import { JumpButtons } from "./JumpButtons";
import { avoidKeyboard } from "./keyboard-inset";
import { ListStart } from "./ListStart";
import { LiveRegion } from "./LiveRegion";
import { MessageList } from "./MessageList";
import { createPane, type Pane } from "./pane";
import { createReading } from "./reading";
import { SelectionBar } from "./SelectionBar";
import "./Conversation.css";

interface ConversationProps {
  /** The id of a conversation, or of a person for the direct one with them. */
  conversation: string;
  /** A place that was linked to. */
  place?: number | undefined;
}

export default function Conversation(props: ConversationProps): JSX.Element {
  // The conversation that comes into being with the first message is not another one.
  const id = createMemo((before: string) => {
    const next = props.conversation;
    return before !== "" && rowOf(before)?.conversation_id === next ? before : next;
  }, "");
  return (
    <Show when={id()} keyed>
      {(conversation) => <PaneView conversation={conversation} place={props.place} />}
    </Show>
  );
}

function PaneView(props: ConversationProps): JSX.Element {
  let root!: HTMLDivElement;
  let composer!: ComposerHandle;
  // The view is made anew for each conversation.
  // eslint-disable-next-line solid/reactivity
  const pane = createPane(props.conversation);
  const { company, store } = pane;
  const [ready, setReady] = createSignal(false);
  const [missing, setMissing] = createSignal(false);
  const look = createReading(
    () => (ready() ? pane.position() : 0),
    (seq) => void core().read(pane.id, seq),
  );

  const arrive = (place: number | undefined) => {
    pane.list().settle(place);
    setReady(true);
    look();
  };
  const open = async () => {
    const place = props.place;
    if (await store.open(place === undefined ? { unread: true } : { around: place })) arrive(place);
  };
  // eslint-disable-next-line solid/reactivity
  const isHere = store.openAtHand(props.place, company.row()?.read_seq ?? 0);
  onMount(() => {
    avoidKeyboard(root);
    if (!isHere) void open();
    void openDetails(pane, () => setMissing(true));
    if (matchMedia("(pointer: fine)").matches) composer.focus();
  });
  const place = () => props.place;
  const goTo = (seq: number) => (ready() ? pane.jumps.to(seq) : open());
  createEffect(on(place, (seq) => seq !== undefined && void goTo(seq), { defer: true }));
  createEffect(on(pane.composer.mode, (mode) => mode.kind !== "write" && composer.focus()));
  escapes(pane);

  return (
    <Show when={!missing()} fallback={<NothingHere />}>
      <MessageHostProvider value={pane.host}>
        <div ref={root} class="conversation" data-testid="conversation" data-conversation={pane.id}>
          <Header
            conversation={pane.id}
            row={company.row()}
            detail={company.detail()}
            peer={company.peer()}
            name={company.name()}
            typing={typingIn(company.conversation_id())}
            nameOf={company.nameOf}
          />
          <MessageList
            store={store}
            handle={(list) => {
              pane.setList(list);
              if (isHere) arrive(props.place);
            }}
            onReply={pane.composer.reply}
            onDay={(at) => {
              pane.float({ kind: "date", at });
            }}
            onView={() => {
              pane.onView();
              look();
            }}
            start={<ListStart store={store} name={company.name()} onRetry={() => void open()} />}
          />
          <div class="conversation-foot">
            <JumpButtons
              canGoBack={pane.jumps.canGoBack()}
              awayFromEnd={ready() && pane.away()}
              unread={pane.unread()}
              onBack={() => void pane.jumps.back()}
              onLatest={() => void pane.jumps.toLatest()}
            />
            <Show when={!pane.selection.active()} fallback={<Selected pane={pane} />}>
              <Composer
                text={pane.composer.text()}
                placeholder={t().conversation.write(company.name())}
                sendKey={sendKey()}
                limit_bytes={limits().text_bytes}
                me={company.standing().me}
                members={company.kind() === "group" ? company.members() : []}
                bar={
                  <ComposerBar
                    mode={pane.composer.mode()}
                    nameOf={company.nameOf}
                    onLeave={pane.composer.leave}
                    onJump={pane.host.jumpTo}
                  />
                }
                onText={pane.composer.write}
                onSend={pane.send}
                onKey={(meaning) => {
                  move(pane, meaning);
                }}
                onEmoji={(button) => {
                  const { left, top } = button.getBoundingClientRect();
                  pane.float({ kind: "insert", at: { x: left, y: top } });
                }}
                handle={(handle) => {
                  composer = handle;
                }}
              />
            </Show>
          </div>
          <LiveRegion handle={pane.setSay} />
          <Floats
            pane={pane}
            onInsert={(emoji) => {
              composer.insert(emoji);
            }}
          />
        </div>
      </MessageHostProvider>
    </Show>
  );
}

/** With a person to whom nothing was written yet there is no conversation, but there is the person. */
async function openDetails({ id, company }: Pane, onMissing: () => void): Promise<void> {
  const isMissing = (problem: unknown) => isProblem(problem) && problem.status === 404;
  try {
    await openDetail(id).catch(async (problem: unknown) => {
      if (!isMissing(problem) || company.row() !== undefined) throw problem;
      keepPeople([await core().person(id)]);
    });
  } catch (problem) {
    if (isMissing(problem) && company.row() === undefined) onMissing();
    else toast({ text: problemText(problem), tone: "danger" });
  }
}

function Selected(props: { pane: Pane }): JSX.Element {
  const items = () => props.pane.selection.items();
  const deletable = () =>
    items().length > 0 && items().every((item) => actionsFor(item, props.pane.company.standing()).includes("remove"));
  return (
    <SelectionBar
      count={items().length}
      deletable={deletable()}
      onCopy={props.pane.copySelected}
      onDelete={() => void props.pane.removeSelected()}
      onLeave={props.pane.selection.leave}
    />
  );
}

function move(pane: Pane, meaning: Exclude<KeyMeaning, "send">): void {
  switch (meaning) {
    case "edit-last":
      pane.editLast();
      break;
    case "page-up":
      pane.list().keeper.moveBy(-PAGE_PART);
      break;
    case "page-down":
      pane.list().keeper.moveBy(PAGE_PART);
      break;
    case "to-start":
      void pane.jumps.toStart();
      break;
    case "to-end":
      void pane.jumps.toLatest();
      break;
  }
}

/** A page moves by so much of the view, so that the eye finds where it was. */
const PAGE_PART = 0.85;

function escapes(pane: Pane): void {
  onCleanup(
    onEscape("reply", () => {
      if (pane.selection.active()) pane.selection.leave();
      else if (pane.composer.mode().kind !== "write") pane.composer.leave();
      else return false;
      return true;
    }),
  );
  onCleanup(
    onEscape("search", () => {
      if (!pane.away()) return false;
      void pane.jumps.toLatest();
      return true;
    }),
  );
}
