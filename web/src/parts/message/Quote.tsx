import { type JSX, Show } from "solid-js";

import { t } from "../../text";
import { useMessageHost } from "./context";
import { plain } from "./markup";
import "./Quote.css";

/** As much of a quoted text as two lines can show. */
const QUOTE_LETTERS = 200;

/** What a reply answers; pressing it goes there. */
export function Quote(props: { message_id: string }): JSX.Element {
  const host = useMessageHost();
  const original = () => host.quoted(props.message_id);
  const author = () => {
    const item = original();
    return item ? host.nameOf(item.sender_id) : "";
  };
  const words = () => {
    const item = original();
    if (item === undefined) return "…";
    if (item === null || item.text === null) return t().conversation.quote_gone;
    return plain(item.text.slice(0, QUOTE_LETTERS));
  };
  const jump = () => {
    const seq = original()?.seq;
    if (seq != null) host.jumpTo(seq);
  };
  return (
    <button
      type="button"
      class="quote"
      data-testid="message-quote"
      aria-label={t().conversation.jump_to_quote(author(), words())}
      onClick={jump}
    >
      <Show when={original() !== null}>
        {/* The line is kept while the original is fetched, so that nothing moves when it comes. */}
        <bdi class="quote-author">{author() || "\u00a0"}</bdi>
      </Show>
      <span class="quote-words" dir="auto">
        {words()}
      </span>
    </button>
  );
}
