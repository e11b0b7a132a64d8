import { createMemo, createSignal, For, type JSX, Show } from "solid-js";

import { t } from "../../text";
import { IconButton } from "../IconButton";
import { type Block, type Inline, parse } from "./markup";
import "./Markup.css";

/** More lines than this are folded. */
const FOLD_LINES = 40;
/** About how many letters fit into a line. */
const LINE_LETTERS = 60;

/** The words of a message, as elements that are made one by one. */
export function Markup(props: { text: string; names: string[]; me: string }): JSX.Element {
  const blocks = createMemo(() => parse(props.text, props.names));
  const [unfolded, setUnfolded] = createSignal(false);
  const long = () => lines(props.text) > FOLD_LINES;
  return (
    <>
      <div
        class="markup"
        data-testid="message-text"
        dir="auto"
        data-long={long() ? "" : undefined}
        data-folded={long() && !unfolded() ? "" : undefined}
      >
        <For each={blocks()}>{(block) => blockView(block, props.me)}</For>
      </div>
      <Show when={long()}>
        <button type="button" class="markup-more" aria-expanded={unfolded()} onClick={() => setUnfolded(!unfolded())}>
          {unfolded() ? t().conversation.show_less : t().conversation.show_more}
        </button>
      </Show>
    </>
  );
}

function lines(text: string): number {
  return text.split("\n").reduce((count, line) => count + Math.max(1, Math.ceil(line.length / LINE_LETTERS)), 0);
}

function blockView(block: Block, me: string): JSX.Element {
  const inline = (part: Inline): JSX.Element => inlineView(part, me);
  switch (block.kind) {
    case "paragraph":
      return <p class="markup-paragraph">{block.content.map(inline)}</p>;
    case "quote":
      return <blockquote class="markup-quote">{block.content.map(inline)}</blockquote>;
    case "code":
      return <CodeBlock text={block.text} language={block.language} />;
  }
}

function inlineView(part: Inline, me: string): JSX.Element {
  const inline = (inner: Inline): JSX.Element => inlineView(inner, me);
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return (
        <code class="markup-code" dir="ltr">
          {part.text}
        </code>
      );
    case "bold":
      return <strong>{part.content.map(inline)}</strong>;
    case "italic":
      return <em>{part.content.map(inline)}</em>;
    case "strike":
      return <s>{part.content.map(inline)}</s>;
    case "link":
      return (
        <a class="markup-link" href={part.href} target="_blank" rel="noopener noreferrer" dir="auto">
          {part.text}
        </a>
      );
    case "mention":
      return (
        <bdi class="markup-mention" data-me={part.name === me ? "" : undefined}>
          @{part.name}
        </bdi>
      );
  }
}

function CodeBlock(props: { text: string; language: string }): JSX.Element {
  const [copied, setCopied] = createSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(props.text);
    setCopied(true);
  };
  return (
    <div class="markup-block" dir="ltr">
      <pre tabindex="0" aria-label={t().conversation.code(props.language)}>
        <code>{props.text}</code>
      </pre>
      <IconButton
        icon={copied() ? "check" : "copy"}
        label={copied() ? t().conversation.copied : t().conversation.copy_code}
        onClick={() => void copy()}
      />
    </div>
  );
}
