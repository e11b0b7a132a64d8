import type { Member } from "@kith/client";
import { createEffect, createSignal, type JSX, Show } from "solid-js";

import {
  bytesLeft,
  type Edited,
  type KeyMeaning,
  type KeyPress,
  meaningOf,
  type SendKey,
  withInserted,
  withMention,
} from "../../state/composer";
import { format, t } from "../../text";
import { IconButton } from "../IconButton";
import { MentionList } from "./MentionList";
import { createMentions } from "./mentions";
import "./Composer.css";

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
  let composed_at_ms = -COMPOSED_MS;
  const [caret, setCaret] = createSignal(0);
  const listed = () => mentions.members().length > 0;
  const left = () => bytesLeft(props.text, props.limit_bytes);
  const sendable = () => props.text.trim() !== "" && (left() ?? 0) >= 0;

  const change = ({ text, caret: at }: Edited) => {
    props.onText(text);
    field.value = text;
    field.setSelectionRange(at, at);
    setCaret(at);
  };
  const mentions = createMentions({
    text: () => props.text,
    caret,
    members: () => props.members,
    me: () => props.me,
    onChoose: (member, query) => {
      change(withMention(props.text, query, member.name));
      field.focus();
    },
  });
  const send = () => {
    if (sendable()) props.onSend();
    field.focus();
  };

  createEffect(() => {
    grow(field, props.text);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (mentions.onKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const meaning = meaningOf(pressOf(event, composed_at_ms), props.text, props.sendKey);
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
      <Show when={listed()}>
        <MentionList members={mentions.members()} chosen={mentions.chosen()} onChoose={mentions.choose} />
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
            aria-controls={listed() ? "mention-list" : undefined}
            aria-activedescendant={listed() ? `mention-${mentions.chosen()}` : undefined}
            value={props.text}
            onInput={(event) => {
              setCaret(event.currentTarget.selectionStart);
              props.onText(event.currentTarget.value);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onCompositionEnd={(event) => {
              composed_at_ms = event.timeStamp;
            }}
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
        <SendButton disabled={!sendable()} />
      </div>
    </form>
  );
}

function SendButton(props: { disabled: boolean }): JSX.Element {
  return (
    <button
      type="submit"
      class="composer-send"
      data-testid="composer-send"
      aria-label={t().conversation.send}
      title={t().conversation.send}
      disabled={props.disabled}
      // The field keeps the focus, and a phone its keyboard.
      onMouseDown={(event) => {
        event.preventDefault();
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4.4 4.3 20.6 12 4.4 19.7 6.6 12 4.4 4.3ZM6.8 12h6.4" />
      </svg>
    </button>
  );
}

function pressOf(event: KeyboardEvent, composed_at_ms: number): KeyPress {
  return {
    key: event.key,
    shift: event.shiftKey,
    control: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    composing: event.isComposing || event.timeStamp - composed_at_ms < COMPOSED_MS,
  };
}

/** Safari says that a composition has ended just before it tells the key that ended it. */
const COMPOSED_MS = 50;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

function grow(field: HTMLTextAreaElement, text: string): void {
  if (GROWS_BY_ITSELF) return;
  field.style.blockSize = "auto";
  field.style.blockSize = text === "" ? "" : `${field.scrollHeight}px`;
}
