import type { Member } from "@kith/client";
import { createEffect, createMemo, createSignal, type JSX, on, Show } from "solid-js";

import {
  bytesLeft,
  type Edited,
  type KeyMeaning,
  matchingMembers,
  meaningOf,
  mentionAt,
  type SendKey,
  withInserted,
  withMention,
} from "../../state/composer";
import { format, t } from "../../text";
import { IconButton } from "../IconButton";
import { MentionList } from "./MentionList";
import "./Composer.css";

const MENTIONS_SHOWN = 6;

export interface ComposerHandle {
  focus: () => void;
  insert: (text: string) => void;
}

interface ComposerProps {
  text: string;
  placeholder: string;
  sendKey: SendKey;
  limit_bytes: number;
  me: string;
  members: readonly Member[];
  /** The bar above: what is answered or edited. */
  bar: JSX.Element;
  onText: (text: string) => void;
  onSend: () => void;
  onKey: (meaning: Exclude<KeyMeaning, "send">) => void;
  onEmoji: (button: HTMLElement) => void;
  handle: (handle: ComposerHandle) => void;
}

export function Composer(props: ComposerProps): JSX.Element {
  let field!: HTMLTextAreaElement;
  const [caret, setCaret] = createSignal(0);
  const [chosen, setChosen] = createSignal(0);
  const [dismissed, setDismissed] = createSignal(-1);
  const query = createMemo(() => mentionAt(props.text, caret()));
  const mentions = createMemo(() => {
    const found = query();
    if (found === null || found.from === dismissed()) return [];
    return matchingMembers(props.members, found.query, props.me, MENTIONS_SHOWN);
  });
  const left = () => bytesLeft(props.text, props.limit_bytes);
  const sendable = () => props.text.trim() !== "" && (left() ?? 0) >= 0;

  const change = ({ text, caret: at }: Edited) => {
    props.onText(text);
    field.value = text;
    field.setSelectionRange(at, at);
    setCaret(at);
  };
  const mention = (member: Member) => {
    const found = query();
    if (found !== null) change(withMention(props.text, found, member.name));
    field.focus();
  };
  const send = () => {
    if (sendable()) props.onSend();
    field.focus();
  };

  createEffect(
    on(mentions, () => {
      setChosen(0);
    }),
  );
  createEffect(() => {
    grow(field, props.text);
  });

  const onMentionKey = (event: KeyboardEvent): boolean => {
    const count = mentions().length;
    if (count === 0 || event.isComposing) return false;
    if (event.key === "ArrowDown") setChosen((chosen() + 1) % count);
    else if (event.key === "ArrowUp") setChosen((chosen() + count - 1) % count);
    else if (event.key === "Escape") setDismissed(query()?.from ?? -1);
    else if (event.key === "Enter" || event.key === "Tab") {
      const member = mentions()[chosen()];
      if (member !== undefined) mention(member);
    } else return false;
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (onMentionKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const meaning = meaningOf(pressOf(event), props.text, props.sendKey);
    if (meaning === null) return;
    event.preventDefault();
    if (meaning === "send") send();
    else props.onKey(meaning);
  };

  // The parent may keep the handle: it reads nothing that changes.
  // eslint-disable-next-line solid/reactivity
  props.handle({
    focus: () => {
      field.focus();
    },
    insert: (inserted) => {
      change(withInserted(props.text, field.selectionStart, field.selectionEnd, inserted));
      field.focus();
    },
  });

  return (
    <form
      class="composer"
      data-testid="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {props.bar}
      <Show when={mentions().length > 0}>
        <MentionList members={mentions()} chosen={chosen()} onChoose={mention} />
      </Show>
      <div class="composer-row">
        <div class="composer-box">
          <textarea
            ref={field}
            class="composer-field"
            data-testid="composer-field"
            rows="1"
            dir="auto"
            autocomplete="off"
            enterkeyhint={props.sendKey === "enter" ? "send" : "enter"}
            placeholder={props.placeholder}
            aria-label={props.placeholder}
            aria-autocomplete="list"
            aria-controls={mentions().length > 0 ? "mention-list" : undefined}
            aria-activedescendant={mentions().length > 0 ? `mention-${chosen()}` : undefined}
            value={props.text}
            onInput={(event) => {
              setCaret(event.currentTarget.selectionStart);
              props.onText(event.currentTarget.value);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
          />
          <IconButton
            icon="smile"
            label={t().conversation.emoji}
            onClick={(event: MouseEvent) => {
              props.onEmoji(event.currentTarget as HTMLElement);
            }}
          />
        </div>
        <Show when={left()} keyed>
          {(bytes) => (
            <output class="composer-counter" data-over={bytes < 0 ? "" : undefined}>
              {format().number(bytes)}
            </output>
          )}
        </Show>
        <button
          type="submit"
          class="composer-send"
          data-testid="composer-send"
          aria-label={t().conversation.send}
          title={t().conversation.send}
          disabled={!sendable()}
          // The field keeps the focus, and a phone its keyboard.
          onMouseDown={(event) => {
            event.preventDefault();
          }}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4.4 4.3 20.6 12 4.4 19.7 6.6 12 4.4 4.3ZM6.8 12h6.4" />
          </svg>
        </button>
      </div>
    </form>
  );
}

function pressOf(event: KeyboardEvent) {
  return {
    key: event.key,
    shift: event.shiftKey,
    control: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    // Safari says that a composition has ended before it tells the key that ended it.
    composing: event.isComposing || event.keyCode === 229,
  };
}

const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

function grow(field: HTMLTextAreaElement, text: string): void {
  if (GROWS_BY_ITSELF) return;
  field.style.blockSize = "auto";
  field.style.blockSize = text === "" ? "" : `${field.scrollHeight}px`;
}
